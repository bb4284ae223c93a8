"""Two processes of one cluster, each with its own memory, over one PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from privity.store.engine import writer
from tests.postgres import Cluster
from tests.world import Person, World


class Pair(NamedTuple):
    """The two processes. What one of them writes, the other hears of by the bus alone."""

    one: World
    other: World


@pytest.fixture
async def pair(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    """Two processes that do not look by themselves for what is new: the bus has to tell them."""
    monkeypatch.setattr(writer, "LOOK_FOR_NEWS_EVERY_S", 600)
    url = postgres.migrated()
    async with World(database=url) as one, World(database=url) as other:
        yield Pair(one, other)


def at(world: World, person: Person) -> Person:
    """The same device, whose next requests go to this process."""
    return replace(person, world=world)
