"""Who is here, as those see it who share a room with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from privity.follow.presence import IDLE_AFTER_MS, INACTIVE_AFTER_MS, OFFLINE_AFTER_MS, end_presence
from tests.follow.test_sync import sync, waiting
from tests.rooms.talking import room_of, say
from tests.world import Answer, Person, World


def told(answer: Answer) -> dict[str, Any]:
    """Whose presence a sync tells: what is shown of each."""
    events = answer.body.get("presence", {}).get("events", [])
    assert [event["type"] for event in events] == ["m.presence"] * len(events)
    return {event["sender"]: event["content"] for event in events}


async def put(person: Person, state: str, **more: str) -> Answer:
    """Say how one is to be shown."""
    return await person.put(f"/presence/{person.user_id}/status", {"presence": state, **more})


async def shown(viewer: Person, person: Person) -> Answer:
    """What is shown of somebody."""
    return await viewer.get(f"/presence/{person.user_id}/status")


async def test_a_server_tells_nobodys_presence_unless_it_is_switched_on() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        first = await sync(ann)
        assert (await put(bob, "online")).body == {}
        await sync(bob)
        assert (await shown(ann, bob)).refusal == (403, "M_FORBIDDEN")
        assert "presence" not in (await sync(ann, first)).body


async def test_presence_that_is_set_is_told_to_who_shares_a_room() -> None:
    async with World(presence=True, unsafe_allow_plaintext=True) as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        await room_of(ann, bob)
        firsts = [await sync(person) for person in (ann, eve)]
        await put(bob, "unavailable", status_msg="at lunch")
        content = {"presence": "unavailable", "last_active_ago": 0, "status_msg": "at lunch"}
        assert told(await sync(ann, firsts[0])) == {bob.user_id: content}
        assert told(await sync(eve, firsts[1])) == {}
        world.clock.advance(7)
        assert (await shown(ann, bob)).body == {**content, "last_active_ago": 7}
        assert (await shown(eve, bob)).refusal == (403, "M_FORBIDDEN")
        assert (await shown(eve, eve))["presence"] == "online"


async def test_a_status_is_words_and_is_not_kept() -> None:
    async with World(presence=True) as world:
        ann = await world.person("ann")
        await put(ann, "online", status_msg="meet me at nine")
        assert "status_msg" not in (await shown(ann, ann)).body


async def test_a_sync_makes_its_person_be_here() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        first = await sync(ann)
        assert told(first) == {ann.user_id: told(first)[ann.user_id]}
        await sync(bob, set_presence="offline")
        assert told(await sync(ann, first)) == {}
        await sync(bob)
        assert told(await sync(ann, first))[bob.user_id]["currently_active"] is True
        await sync(bob, set_presence="unavailable")
        assert told(await sync(ann, first))[bob.user_id]["presence"] == "unavailable"
        assert told(await sync(ann))[bob.user_id]["presence"] == "unavailable"


async def test_what_was_set_by_hand_stays_while_the_client_syncs() -> None:
    async with World(presence=True) as world:
        ann = await world.person("ann")
        await sync(ann)
        await put(ann, "unavailable")
        await sync(ann)
        assert (await shown(ann, ann))["presence"] == "unavailable"


async def test_a_first_wish_to_be_idle_goes_over_what_was_set_by_hand() -> None:
    async with World(presence=True) as world:
        ann = await world.person("ann")
        await put(ann, "online")
        await sync(ann, set_presence="unavailable")
        assert (await shown(ann, ann))["presence"] == "unavailable"


async def test_who_is_not_seen_any_more_is_offline() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        await sync(bob)
        first = await sync(ann)
        world.clock.advance(OFFLINE_AFTER_MS + 1)
        await end_presence(world.house)
        assert told(await sync(ann, first))[bob.user_id]["presence"] == "offline"
        assert told(await sync(ann)).keys() == {ann.user_id}
        assert (await shown(ann, bob))["presence"] == "offline"


async def test_who_waits_for_news_is_here_and_idle_after_a_while() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await sync(ann)
        await sync(bob)
        with world.store.presence.syncing(bob.user_id):  # as while a sync of theirs waits
            for after_ms, expected in (
                (INACTIVE_AFTER_MS, ("online", False)),
                (IDLE_AFTER_MS, ("unavailable", None)),
            ):
                world.clock.advance(after_ms + 1)
                await end_presence(world.house)
                content = told(await sync(ann, first))[bob.user_id]
                assert (content["presence"], content.get("currently_active")) == expected
        await say(bob, room_id)
        assert told(await sync(ann, first))[bob.user_id]["presence"] == "online"


async def test_presence_ends_a_wait() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        ann_waits = await waiting(ann, await sync(ann))
        await put(bob, "online")
        answer = await asyncio.wait_for(ann_waits, 5)
        assert told(answer).keys() == {bob.user_id}


async def test_who_newly_shares_a_room_is_told_with_their_presence() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        firsts = [await sync(ann), await sync(bob)]
        await room_of(ann, bob)
        assert told(await sync(ann, firsts[0])).keys() == {bob.user_id}
        assert told(await sync(bob, firsts[1])).keys() == {ann.user_id}
        await world.restart()
        assert told(await sync(ann, firsts[0])).keys() == {bob.user_id}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [({}, "M_MISSING_PARAM"), ({"presence": "away"}, "M_INVALID_PARAM")],
)
async def test_presence_that_there_is_not_is_refused(body: dict[str, str], errcode: str) -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        path = f"/presence/{ann.user_id}/status"
        assert (await ann.put(path, body)).refusal == (400, errcode)
        assert (await bob.put(path, {"presence": "online"})).refusal == (403, "M_FORBIDDEN")
