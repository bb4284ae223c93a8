"""What people outside of a room, or no longer in it, could learn of it by asking cleverly."""

from __future__ import annotations

import pytest

from tests.rooms.talking import create, encrypted, room_of, say, state_of, timeline
from tests.world import World

NOWHERE = "!" + "a" * 43


async def test_who_left_learns_no_state_from_after_by_being_banned() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        since = (await bob.get("/sync"))["next_batch"]
        await bob.post(f"/rooms/{room_id}/leave")
        await ann.put(f"/rooms/{room_id}/state/m.room.topic", {"topic": "what bob did"})
        await ann.post(f"/rooms/{room_id}/ban", {"user_id": bob.user_id})
        assert (await state_of(bob, room_id, "m.room.topic")).status == 404
        assert b"what bob did" not in (await bob.get(f"/rooms/{room_id}/state")).raw
        assert b"what bob did" not in (await bob.get("/sync", since=since)).raw
        left = '{"room":{"include_leave":true}}'
        assert b"what bob did" not in (await bob.get("/sync", filter=left)).raw


async def test_who_was_in_a_room_and_is_invited_again_sees_the_state_of_back_then() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, topic="then")
        await bob.post(f"/rooms/{room_id}/leave")
        await ann.put(f"/rooms/{room_id}/state/m.room.topic", {"topic": "now"})
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        assert (await state_of(bob, room_id, "m.room.topic"))["topic"] == "then"


@pytest.mark.parametrize("rel_type", ["m.thread", "m.replace", "m.reference"])
async def test_who_left_is_told_of_no_relation_from_after(rel_type: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id)
        await bob.post(f"/rooms/{room_id}/leave")
        relates_to = {"rel_type": rel_type, "event_id": root}
        later = await say(ann, room_id, "later", **{"m.relates_to": relates_to})
        event = await bob.get(f"/rooms/{room_id}/event/{root}")
        assert event.status == 200
        assert later.encode() not in event.raw


@pytest.mark.parametrize("rel_type", ["m.thread", "m.replace", "m.reference"])
async def test_an_event_of_another_room_is_no_relation(rel_type: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, other = await room_of(ann, bob), await create(bob)
        root = await say(ann, room_id)
        relates_to = {"rel_type": rel_type, "event_id": root}
        foreign = await say(bob, other, "foreign", **{"m.relates_to": relates_to})
        event = await ann.get(f"/rooms/{room_id}/event/{root}")
        assert foreign.encode() not in event.raw
        assert "m.relations" not in event["unsigned"]


@pytest.mark.parametrize("deed", ["kick", "ban", "unban", "invite", "join", "leave"])
async def test_a_room_of_others_cannot_be_told_from_one_that_is_not_there(deed: str) -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        answers = [
            (await eve.post(f"/rooms/{room}/{deed}", {"user_id": who.user_id})).body
            for room in (room_id, NOWHERE)
            for who in (bob, eve)
        ]
        assert all(answer == answers[0] for answer in answers)


async def test_a_stranger_cannot_ask_which_alias_a_room_has() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann, room_alias_name="home")
        for alias in ("#home:privity.test", "#other:privity.test"):
            path = f"/rooms/{room_id}/state/m.room.canonical_alias"
            assert (await eve.put(path, {"alias": alias})).refusal == (403, "M_FORBIDDEN")


async def test_sending_to_a_room_of_others_says_what_sending_to_none_says() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        for path in ("send/m.room.encrypted/t", "state/m.room.topic/", "redact/$none/t"):
            there = await eve.put(f"/rooms/{room_id}/{path}", encrypted())
            nowhere = await eve.put(f"/rooms/{NOWHERE}/{path}", encrypted())
            assert there.body == nowhere.body, path


async def test_what_was_redacted_is_not_told_as_the_content_from_before() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        since = (await ann.get("/sync"))["next_batch"]
        path = f"/rooms/{room_id}/state/m.room.topic"
        regretted = (await ann.put(path, {"topic": "regretted"}))["event_id"]
        newer = (await ann.put(path, {"topic": "newer"}))["event_id"]
        await ann.put(f"/rooms/{room_id}/redact/{regretted}/r", {})
        synced = await ann.get("/sync", since=since)
        assert newer in timeline(synced, room_id)
        assert b"regretted" not in synced.raw
        assert b"regretted" not in (await ann.get(f"/rooms/{room_id}/state")).raw
