"""Two processes of one cluster, each with its own memory, over one PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from privity.store.engine import writer
from tests.postgres import Cluster
from tests.world import Person, World


class Pair(NamedTuple):
    """The two processes. What one of them writes, the other hears of by the bus alone."""

    one: World
    other: World


@pytest.fixture(params=["notify", "nats"])
async def pair(
    request: pytest.FixtureRequest, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pair]:
    """Two processes that do not look by themselves for what is new: the bus has to tell them."""
    monkeypatch.setattr(writer, "LOOK_FOR_NEWS_EVERY_S", 600)
    shared: dict[str, Any] = {"database": postgres.migrated()}
    if request.param == "nats":
        shared["nats_url"] = request.getfixturevalue("nats").url
    async with World(**shared) as one, World(**shared) as other:
        await until(lambda: one.store.bus.is_up and other.store.bus.is_up)
        yield Pair(one, other)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait, for some seconds at the most, until it is so."""
    for _ in range(5000):
        if is_so():
            return
        await asyncio.sleep(0.001)
    assert is_so()


def at(world: World, person: Person) -> Person:
    """The same device, whose next requests go to this process."""
    return replace(person, world=world)
