"""A world where versions can be tried that are not made by default."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.world import OPEN, World


@pytest.fixture
async def open_world() -> AsyncIterator[World]:
    """A server with every `unsafe_` switch on."""
    async with World(**OPEN) as world:
        yield world
