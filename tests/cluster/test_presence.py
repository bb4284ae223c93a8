"""Who is here, when they are at one process and those who want to know at another."""

from __future__ import annotations

import pytest

from privity.follow.presence import OFFLINE_AFTER_MS, end_presence
from privity.store.engine import writer
from tests.cluster.conftest import at
from tests.follow.test_presence import shown, told
from tests.follow.test_sync import sync
from tests.postgres import Cluster
from tests.rooms.talking import room_of
from tests.world import World


async def test_who_is_here_at_one_process_is_here_at_the_other(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOOK_FOR_NEWS_EVERY_S", 600)
    url = postgres.migrated()
    async with (
        World(database=url, presence=True) as one,
        World(database=url, presence=True) as other,
    ):
        ann, bob = await one.person("ann"), await one.person("bob")
        await room_of(ann, bob)
        first = await sync(at(other, ann))
        await sync(bob)
        await other.store.catch_up()
        assert told(await sync(at(other, ann), first))[bob.user_id]["presence"] == "online"
        for world in (one, other):
            world.clock.advance(OFFLINE_AFTER_MS + 1)
            await end_presence(world.house)
            await world.store.catch_up()
        for world in (one, other):
            assert (await shown(at(world, ann), bob))["presence"] == "offline"
