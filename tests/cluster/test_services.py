"""One process of a cluster sends a service what all of them wrote, and another when it died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from privity.follow.services.feeding import LEASE_MS
from tests.cluster.conftest import at
from tests.postgres import Cluster
from tests.rooms.talking import create, say
from tests.services.bridge import BOT, LocalService, bot_of, registration, written
from tests.world import Person, World

pytestmark = pytest.mark.real


class Pair(NamedTuple):
    """The two processes, somebody in a room with the service, and the service."""

    one: World
    other: World
    ann: Person
    room_id: str
    service: LocalService


@pytest.fixture
async def pair(postgres: Cluster, tmp_path: Path) -> AsyncIterator[Pair]:
    """Of which the one has the lease."""
    async with LocalService() as service:
        files = written(tmp_path, registration(url=service.url))
        database = postgres.migrated()
        async with (
            World(database=database, app_services=files) as one,
            World(database=database, app_services=files) as other,
        ):
            assert (await one.feed(), await other.feed()) == ([True], [False])
            ann = await one.person("ann")
            room_id = await create(ann, invite=[BOT])
            await bot_of(one).post(f"/rooms/{room_id}/join")
            yield Pair(one, other, ann, room_id, service)


async def test_the_process_with_the_lease_sends_what_was_said_at_another(pair: Pair) -> None:
    said = [
        await say(at(world, pair.ann), pair.room_id)
        for world in (pair.one, pair.other, pair.one, pair.other)
    ]
    await pair.one.store.catch_up()
    assert await pair.other.feed() == [False]
    assert await pair.one.feed() == [True]
    assert pair.service.heard[-4:] == said


async def test_when_it_died_another_goes_on_where_it_stood(pair: Pair) -> None:
    first = await say(pair.ann, pair.room_id)
    pair.service.answers["*"] = (500, {})
    assert await pair.one.feed() == [False]
    second = await say(at(pair.other, pair.ann), pair.room_id)
    pair.service.answers.clear()
    pair.other.clock.advance(LEASE_MS)
    assert await pair.other.feed() == [True]
    untaken, again, _ = pair.service.transactions
    assert untaken == again
    assert pair.service.heard[-2:] == [first, second]


async def test_two_that_both_believe_to_have_it_tell_nothing_twice(pair: Pair) -> None:
    pair.other.clock.advance(LEASE_MS)
    for world in (pair.one, pair.other):
        await say(at(world, pair.ann), pair.room_id)
    await pair.one.store.catch_up()
    await pair.other.store.catch_up()
    await asyncio.gather(pair.one.feed(), pair.other.feed())
    assert len(pair.service.heard) == len(set(pair.service.heard)) == 4
    sent = {asked.path: asked.body for asked in pair.service.transactions}
    assert all(sent[asked.path] == asked.body for asked in pair.service.transactions)
