"""Finding the event closest to a moment."""

from __future__ import annotations

from typing import Any

from tests.rooms.talking import create, room_of, say
from tests.world import START_MS, Answer, Person, World

MINUTE_MS = 60_000


async def at(person: Person, room_id: str, ts: int, direction: str) -> Answer:
    """The event closest to a moment."""
    path = f"/_matrix/client/v1/rooms/{room_id}/timestamp_to_event"
    return await person.get(path, ts=ts, dir=direction)


async def minutes_of(world: World, person: Person, room_id: str, count: int) -> list[str]:
    """An event a minute."""
    sent = []
    for _ in range(count):
        world.clock.advance(MINUTE_MS)
        sent.append(await say(person, room_id))
    return sent


async def test_a_moment_leads_to_the_next_event_and_to_the_last_before() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id, other = await create(ann), await create(ann)
        sent = await minutes_of(world, ann, room_id, 8)
        await minutes_of(world, ann, other, 3)
        for minute, event_id in enumerate(sent, 1):
            ts = START_MS + minute * MINUTE_MS
            for direction, off in (("f", 0), ("f", -1), ("b", 0), ("b", 1)):
                found = await at(ann, room_id, ts + off, direction)
                assert found.body == {"event_id": event_id, "origin_server_ts": ts}


async def test_beyond_the_ends_of_a_room_there_is_nothing() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        assert (await at(ann, room_id, START_MS + 1, "f")).refusal == (404, "M_NOT_FOUND")
        assert (await at(ann, room_id, START_MS - 1, "b")).refusal == (404, "M_NOT_FOUND")


async def test_a_moment_leads_to_nothing_that_one_may_not_see() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        hidden: dict[str, Any] = {"type": "m.room.history_visibility", "state_key": ""}
        hidden["content"] = {"history_visibility": "joined"}
        room_id = await create(ann, preset="public_chat", initial_state=[hidden])
        await minutes_of(world, ann, room_id, 2)
        assert (await at(eve, room_id, START_MS, "f")).refusal == (403, "M_FORBIDDEN")
        world.clock.advance(MINUTE_MS)
        await bob.post(f"/rooms/{room_id}/join")
        found = await at(bob, room_id, START_MS + 1, "f")
        assert found["origin_server_ts"] == START_MS + 3 * MINUTE_MS


async def test_one_who_left_finds_what_was_before() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        (seen,) = await minutes_of(world, ann, room_id, 1)
        await bob.post(f"/rooms/{room_id}/leave")
        await minutes_of(world, ann, room_id, 1)
        found = await at(bob, room_id, START_MS + 2 * MINUTE_MS, "f")
        assert found.refusal == (404, "M_NOT_FOUND")
        assert (await at(bob, room_id, START_MS + MINUTE_MS, "f"))["event_id"] == seen


async def test_the_moment_and_the_direction_have_to_be_named() -> None:
    async with World() as world:
        ann = await world.person("ann")
        path = f"/_matrix/client/v1/rooms/{await create(ann)}/timestamp_to_event"
        assert (await ann.get(path, dir="f")).refusal == (400, "M_MISSING_PARAM")
        assert (await ann.get(path, ts=1)).refusal == (400, "M_MISSING_PARAM")
        assert (await ann.get(path, ts="x", dir="f")).refusal == (400, "M_INVALID_PARAM")
        assert (await ann.get(path, ts=1, dir="x")).refusal == (400, "M_INVALID_PARAM")
