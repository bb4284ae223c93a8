"""What one may not see of a room is seen on no road that reads it, and what is redacted on none."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.follow.test_sync import sync
from tests.rooms.talking import create, say
from tests.world import START_MS, Answer, Person, World

V1 = "/_matrix/client/v1"

Road = Callable[[Person, str, str], Awaitable[Answer]]
ROADS: dict[str, Road] = {
    "messages": lambda who, room, _: who.get(f"/rooms/{room}/messages", dir="b", limit=100),
    "event": lambda who, room, event: who.get(f"/rooms/{room}/event/{event}"),
    "context": lambda who, room, event: who.get(f"/rooms/{room}/context/{event}"),
    "relations": lambda who, room, event: who.get(f"{V1}/rooms/{room}/relations/{event}"),
    "threads": lambda who, room, _: who.get(f"{V1}/rooms/{room}/threads"),
    "moment": lambda who, room, _: who.get(
        f"{V1}/rooms/{room}/timestamp_to_event", ts=START_MS + 1, dir="f"
    ),
    "sync": lambda who, _, __: sync(who),
    "events": lambda who, _, __: who.get("/events", timeout=0, **{"from": "s1_0"}),
    "one event": lambda who, _, event: who.get(f"/events/{event}"),
    "room at once": lambda who, room, _: who.get(f"/rooms/{room}/initialSync", limit=100),
    "all at once": lambda who, _, __: who.get("/initialSync", limit=100, archived=True),
}


async def hidden_room(world: World, ann: Person) -> tuple[str, list[str]]:
    """A room of Ann's that shows its history to who is in it, and a thread in it."""
    visibility = {"history_visibility": "joined"}
    state = {"type": "m.room.history_visibility", "state_key": "", "content": visibility}
    room_id = await create(ann, preset="public_chat", initial_state=[state])
    world.clock.advance(60_000)
    root = await say(ann, room_id, "root")
    relation = {"rel_type": "m.thread", "event_id": root}
    return room_id, [root, await say(ann, room_id, "child", **{"m.relates_to": relation})]


@pytest.mark.parametrize("road", ROADS)
async def test_what_was_said_before_one_came_is_on_no_road(road: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, sent = await hidden_room(world, ann)
        world.clock.advance(60_000)
        await bob.post(f"/rooms/{room_id}/join")
        for event_id in sent:
            raw = (await ROADS[road](bob, room_id, event_id)).raw.decode()
            assert not [one for one in sent if one in raw]


@pytest.mark.parametrize("road", ROADS)
async def test_what_was_said_after_one_left_is_on_no_road(road: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="public_chat")
        await bob.post(f"/rooms/{room_id}/join")
        await bob.post(f"/rooms/{room_id}/leave")
        world.clock.advance(60_000)
        root = await say(ann, room_id)
        raw = (await ROADS[road](bob, room_id, root)).raw.decode()
        assert root not in raw


@pytest.mark.parametrize("road", ROADS)
async def test_a_stranger_finds_nothing_on_any_road(road: str) -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id, sent = await hidden_room(world, ann)
        answer = await ROADS[road](eve, room_id, sent[0])
        assert not [one for one in sent if one in answer.raw.decode()]
        assert answer.status in {200, 403, 404}


@pytest.mark.parametrize("road", ROADS)
async def test_what_was_redacted_is_on_no_road(road: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, sent = await hidden_room(world, ann)
        await bob.post(f"/rooms/{room_id}/join")
        told = [await say(bob, room_id, f"word{number}") for number in range(2)]
        await sync(ann)
        for number, event_id in enumerate((*sent, *told)):
            await ann.put(f"/rooms/{room_id}/redact/{event_id}/t{number}", {})
        for who in (ann, bob):
            text = json.dumps((await ROADS[road](who, room_id, told[0])).body)
            assert not [word for word in ("root", "child", "word0", "word1") if word in text]
