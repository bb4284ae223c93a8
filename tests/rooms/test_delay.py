"""Events that are to be sent later."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.lock import set_locked, set_suspended
from privity.rooms import place
from privity.rooms.delay import LONGEST_DELAY_MS, send_due
from privity.store.delayed_events import MOST_OF_ONE
from tests.rooms.talking import create, encrypted, history, room_of, state_of
from tests.world import Answer, Person, World

DELAYED = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
CALL = "org.matrix.msc3401.call.member"
HOUR_MS = 3_600_000


async def say_later(person: Person, room_id: str, delay_ms: int, content: Any = None) -> Answer:
    """Ask for an encrypted event to be sent later."""
    path = f"/rooms/{room_id}/send/m.room.encrypted/later{delay_ms}"
    query = {"org.matrix.msc4140.delay": delay_ms}
    return await person.put(path, content or encrypted("later"), **query)


async def set_later(person: Person, room_id: str, key: str, content: Any) -> Answer:
    """Ask for somebody's place in a call to be set in an hour."""
    query = {"org.matrix.msc4140.delay": HOUR_MS}
    return await person.put(f"/rooms/{room_id}/state/{CALL}/{key}", content, **query)


async def act(person: Person, delay_id: str, action: str) -> tuple[int, str | None]:
    """Restart it, cancel it, send it."""
    return (await person.post(f"{DELAYED}/{delay_id}/{action}")).refusal


async def test_an_event_is_sent_when_its_time_has_come_and_once() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        before = await history(ann, room_id)
        assert (await say_later(ann, room_id, 10_000))["delay_id"]
        await send_due(world.house)
        assert await history(ann, room_id) == before
        world.clock.advance(10_000)
        await send_due(world.house)
        await send_due(world.house)
        assert len(await history(ann, room_id)) == len(before) + 1
        assert (await ann.get(DELAYED)).body == {"delayed_events": [], "finalised": []}


async def test_a_delay_begins_anew_when_its_sender_is_still_there() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        delay_id = (await set_later(ann, room_id, ann.user_id, {}))["delay_id"]
        world.clock.advance(HOUR_MS - 1)
        assert await act(ann, delay_id, "restart") == (200, None)
        world.clock.advance(HOUR_MS - 1)
        await send_due(world.house)
        assert (await state_of(ann, room_id, CALL, ann.user_id)).status == 404
        world.clock.advance(1)
        await send_due(world.house)
        assert (await state_of(ann, room_id, CALL, ann.user_id)).body == {}


async def test_an_event_can_be_sent_before_its_time_or_taken_back() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        before = await history(ann, room_id)
        sent = (await say_later(ann, room_id, HOUR_MS))["delay_id"]
        taken_back = (await say_later(ann, room_id, HOUR_MS + 1))["delay_id"]
        assert await act(ann, sent, "send") == (200, None)
        assert (await ann.post(f"{DELAYED}/{taken_back}", {"action": "cancel"})).status == 200
        assert await act(ann, sent, "send") == (404, "M_NOT_FOUND")
        assert await act(ann, taken_back, "explode") == (404, "M_UNRECOGNIZED")
        world.clock.advance(HOUR_MS)
        await send_due(world.house)
        assert len(await history(ann, room_id)) == len(before) + 1


async def test_a_delayed_event_is_its_senders_alone() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        delay_id = (await say_later(ann, room_id, HOUR_MS))["delay_id"]
        told = (await ann.get(f"{DELAYED}/{delay_id}")).body
        assert (told["room_id"], told["type"], told["delay"]) == (
            room_id,
            "m.room.encrypted",
            HOUR_MS,
        )
        assert (await bob.get(f"{DELAYED}/{delay_id}")).refusal == (404, "M_NOT_FOUND")
        for action in ("restart", "cancel", "send"):
            assert await act(bob, delay_id, action) == (404, "M_NOT_FOUND")


async def test_words_in_clear_are_not_kept_for_later() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        answer = await ann.put(
            f"/rooms/{room_id}/send/m.room.message/1",
            {"msgtype": "m.text", "body": "hello"},
            **{"org.matrix.msc4140.delay": 1000},
        )
        assert answer.refusal == (403, "M_FORBIDDEN")
        assert (await ann.get(DELAYED))["delayed_events"] == []


async def test_what_the_room_refuses_by_then_is_dropped() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        assert (await say_later(bob, room_id, 1000)).status == 200
        assert (await ann.post(f"/rooms/{room_id}/kick", {"user_id": bob.user_id})).status == 200
        before = await history(ann, room_id)
        world.clock.advance(1000)
        await send_due(world.house)
        assert await history(ann, room_id) == before
        assert (await bob.get(DELAYED))["delayed_events"] == []


async def test_what_a_busy_room_refuses_is_sent_when_there_is_room_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        before = await history(ann, room_id)
        assert (await say_later(ann, room_id, 1000)).status == 200
        world.clock.advance(1000)
        monkeypatch.setattr(place, "MOST_TRIES", 0)
        await send_due(world.house)
        assert await history(ann, room_id) == before
        monkeypatch.undo()
        await send_due(world.house)
        assert len(await history(ann, room_id)) == len(before) + 1


async def test_state_that_another_has_set_meanwhile_stands() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(
            ann, bob, power_level_content_override={"events": {CALL: 0}, "state_default": 0}
        )
        assert (await set_later(bob, room_id, "call", {"call_id": "late"})).status == 200
        world.clock.advance(1000)
        path = f"/rooms/{room_id}/state/{CALL}/call"
        assert (await ann.put(path, {"call_id": "soon"})).status == 200
        world.clock.advance(HOUR_MS)
        await send_due(world.house)
        assert (await state_of(ann, room_id, CALL, "call")).body == {"call_id": "soon"}


async def test_delays_and_their_number_are_bounded() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        too_long = await say_later(ann, room_id, LONGEST_DELAY_MS + 1)
        assert too_long.refusal == (400, "M_UNKNOWN")
        assert too_long["org.matrix.msc4140.max_delay"] == LONGEST_DELAY_MS
        assert (await say_later(ann, room_id, 0)).refusal == (400, "M_INVALID_PARAM")
        for number in range(MOST_OF_ONE):
            assert (await say_later(ann, room_id, HOUR_MS + number)).status == 200
        assert (await say_later(ann, room_id, HOUR_MS)).refusal == (400, "M_UNKNOWN")


async def test_a_stranger_to_the_room_keeps_nothing_for_it() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        assert (await say_later(eve, room_id, 1000)).refusal == (403, "M_FORBIDDEN")


async def test_a_locked_account_sends_nothing_later() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        assert (await say_later(bob, room_id, 1000)).status == 200
        before = await history(ann, room_id)
        await set_locked(world.house, bob.user_id, is_locked=True)
        world.clock.advance(1000)
        await send_due(world.house)
        assert await history(ann, room_id) == before


async def test_a_suspended_account_sends_nothing_later() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        assert (await say_later(bob, room_id, 1000)).status == 200
        before = await history(ann, room_id)
        await set_suspended(world.house, bob.user_id, is_suspended=True)
        world.clock.advance(1000)
        await send_due(world.house)
        assert await history(ann, room_id) == before
