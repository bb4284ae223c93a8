"""What is kept of the stream in memory, and how far back a wait has to look."""

from __future__ import annotations

import asyncio

from privity.follow.sync.recent import Recent
from privity.matrix.ids import RoomId
from tests.follow.test_sync import joined, sync, waiting
from tests.rooms.talking import create, room_of, say, timeline
from tests.world import World

LONG = "x" * 10_000


def heard(world: World, most_bytes: int) -> Recent:
    """The newest part of the stream from now on."""
    recent = Recent(world.house.store.pos, most_bytes)
    world.house.store.tell(recent)
    return recent


async def test_what_is_kept_is_bounded_by_what_it_takes_of_memory() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        recent, before = heard(world, 200_000), world.house.store.pos
        for _ in range(20):
            last = await say(ann, room_id, LONG)
        now = world.house.store.pos
        assert recent.of_room(RoomId(room_id), before, now) is None
        newest = recent.of_room(RoomId(room_id), recent.floor, now)
        assert newest is not None
        assert [entry.pos for entry in newest] == list(range(recent.floor + 1, now + 1))
        assert 1 <= len(newest) <= 5
        assert last in timeline(await sync(ann), room_id)


async def test_what_was_redacted_meanwhile_is_let_go_like_the_rest() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        recent = heard(world, 200_000)
        for number in range(20):
            event_id = await say(ann, room_id, LONG)
            path = f"/rooms/{room_id}/redact/{event_id}/r{number}"
            assert (await ann.put(path, {})).status == 200
        now = world.house.store.pos
        newest = recent.of_room(RoomId(room_id), recent.floor, now)
        assert newest is not None
        assert 1 <= len(newest) < 15


async def test_who_waited_while_others_talked_is_told_what_came_for_them() -> None:
    async with World() as world:
        ann, bob, cas = [await world.person(name) for name in ("ann", "bob", "cas")]
        elsewhere, room_id = await create(cas), await room_of(ann, bob)
        task = await waiting(bob, await sync(bob))
        for _ in range(80):
            await say(cas, elsewhere)
        sent = await say(ann, room_id)
        answer = await asyncio.wait_for(task, 5)
        assert timeline(answer, room_id) == [sent]
        assert joined(await sync(bob, answer)) == {}


async def test_an_empty_answer_says_how_far_others_have_come() -> None:
    async with World() as world:
        bob, cas = await world.person("bob"), await world.person("cas")
        elsewhere, room_id = await create(cas), await create(bob)
        task = await waiting(bob, await sync(bob))
        for _ in range(80):
            await say(cas, elsewhere)
        world.drain()
        answer = await asyncio.wait_for(task, 5)
        assert answer["next_batch"].startswith(f"s{world.house.store.pos}_")
        assert room_id not in joined(answer)
