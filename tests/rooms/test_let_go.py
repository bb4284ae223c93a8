"""What was said long ago goes where a lifetime is set, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from privity.follow.cleaning import clean_up
from privity.rooms import let_go
from tests.rooms.talking import create, room_of, say
from tests.world import Person, World

DAY_MS = 24 * 3600 * 1000


async def clean(world: World) -> int:
    """Clean up. How many messages went."""
    went = await clean_up(world.house, "this process")
    assert went is not None
    return went["said"]


async def said(person: Person, room_id: str) -> list[str]:
    """The ids of what is there to read, oldest first."""
    page = await person.get(f"/rooms/{room_id}/messages", dir="b", limit=100)
    return [each["event_id"] for each in page["chunk"] if "state_key" not in each][::-1]


async def state_of(person: Person, room_id: str) -> list[str]:
    return sorted(each["event_id"] for each in (await person.get(f"/rooms/{room_id}/state")).body)


async def test_without_a_lifetime_nothing_goes(world: World) -> None:
    ann = await world.person("ann")
    room_id = await create(ann)
    both = [await say(ann, room_id), await say(ann, room_id)]
    world.clock.advance(3650 * DAY_MS)
    assert await clean(world) == 0
    assert await said(await ann.another_device(), room_id) == both


async def test_what_is_older_than_its_lifetime_is_gone_and_the_room_goes_on() -> None:
    async with World(message_lifetime_ms=30 * DAY_MS) as world:
        ann, ben = await world.people("ann", "ben")
        room_id = await room_of(ann, ben)
        old = [await say(ann, room_id) for _ in range(5)]
        state = await state_of(ben, room_id)
        world.clock.advance(20 * DAY_MS)
        young = await say(ben, room_id)
        assert await clean(world) == 0
        world.clock.advance(10 * DAY_MS + 1)
        assert await clean(world) == 5
        await world.restart()
        assert await said(ben, room_id) == [young]
        gone = await ann.get(f"/rooms/{room_id}/event/{old[0]}")
        assert gone.refusal == (404, "M_NOT_FOUND")
        assert await state_of(ben, room_id) == state
        new = await say(ann, room_id)
        assert await said(ben, room_id) == [young, new]


async def test_the_newest_of_a_room_stays_until_something_newer_is_said() -> None:
    async with World(message_lifetime_ms=DAY_MS) as world:
        ann = await world.person("ann")
        room_id, other = await create(ann), await create(ann)
        _, last = await say(ann, room_id), await say(ann, room_id)
        world.clock.advance(DAY_MS + 9)  # two rooms of one moment are a millisecond apart
        await say(ann, other)
        assert await clean(world) == 1
        assert await said(ann, room_id) == [last]
        new = await say(ann, room_id)
        assert await clean(world) == 1
        assert await said(ann, room_id) == [new]


async def test_what_emptied_state_stays_beside_it() -> None:
    async with World(message_lifetime_ms=DAY_MS) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        named = await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "A"})
        sent = await say(ann, room_id)
        for number, event_id in enumerate((named["event_id"], sent)):
            await ann.put(f"/rooms/{room_id}/redact/{event_id}/{number}", {})
        world.clock.advance(DAY_MS + 1)
        await say(ann, room_id)
        assert await clean(world) == 2
        await world.restart()
        event = (await ann.get(f"/rooms/{room_id}/event/{named['event_id']}")).body
        assert event["content"] == {}
        assert event["unsigned"]["redacted_because"]["type"] == "m.room.redaction"


async def test_each_run_goes_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(let_go, "POSITIONS", 2)
    monkeypatch.setattr(let_go, "MOST_WRITES", 3)
    async with World(message_lifetime_ms=DAY_MS) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        for _ in range(30):
            await say(ann, room_id)
        world.clock.advance(DAY_MS + 1)
        last = await say(ann, room_id)
        runs = [await clean(world) for _ in range(60)]
        assert sum(runs) == 30
        assert max(runs) <= 6
        assert await said(ann, room_id) == [last]


async def test_those_who_were_away_and_read_threads_find_what_is_left() -> None:
    async with World(message_lifetime_ms=DAY_MS) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        v1 = f"/_matrix/client/v1/rooms/{room_id}"
        since = (await ann.get("/sync"))["next_batch"]
        root = await say(ann, room_id)
        await ann.post(f"/rooms/{room_id}/read_markers", {"m.fully_read": root, "m.read": root})
        world.clock.advance(DAY_MS + 1)
        ann = await ann.another_device()
        answer: dict[str, Any] = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
        left = await say(ann, room_id, **answer)
        assert await clean(world) == 1
        await world.forget_what_went()
        synced = (await ann.get("/sync", since=since))["rooms"]["join"][room_id]
        assert [each["event_id"] for each in synced["timeline"]["events"]] == [left]
        assert (await ann.get(f"{v1}/threads"))["chunk"] == []
        assert (await ann.get(f"{v1}/relations/{root}")).refusal == (404, "M_NOT_FOUND")
        marked = await ann.post(f"/rooms/{room_id}/read_markers", {"m.fully_read": left})
        assert marked.status == 200
        at = await ann.get(f"{v1}/timestamp_to_event", ts=world.clock.now_ms(), dir="b")
        assert at["event_id"] == left
