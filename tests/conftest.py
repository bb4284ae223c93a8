"""What every test may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.homeserver import Homeserver
from tests.world import World


@pytest.fixture
def homeserver(tmp_path: Path) -> Iterator[Homeserver]:
    """A fresh server over a real socket, as it is by default: SQLite, no configuration file."""
    with Homeserver(tmp_path / "homeserver") as server:
        yield server


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A fresh server without a socket, with a clock that stands still."""
    async with World() as world:
        yield world
