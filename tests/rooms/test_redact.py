"""Redaction: what it takes away is gone, from the disk too."""

from __future__ import annotations

from tests.rooms.talking import encrypted, room_of, say, send, state_of
from tests.world import Answer, Person, World


async def redact(person: Person, room_id: str, event_id: str, **content: str) -> Answer:
    """Redact an event."""
    return await person.put(f"/rooms/{room_id}/redact/{event_id}/r{event_id[1:9]}", content)


async def test_a_redacted_message_is_empty_for_everybody_and_on_the_disk() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        event_id = await say(ann, room_id, "regretted")
        answer = await redact(ann, room_id, event_id)
        event = (await bob.get(f"/rooms/{room_id}/event/{event_id}")).body
        assert event["content"] == {}
        assert event["unsigned"]["redacted_because"]["event_id"] == answer["event_id"]
        rows = await world.store.read(
            lambda tx: tx.all("SELECT pdu FROM events WHERE room_id = ?", room_id)
        )
        assert not any(b"regretted" in bytes(row[0]) for row in rows)


async def test_a_sync_that_comes_after_the_redaction_does_not_show_it_either() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        since = (await bob.get("/sync"))["next_batch"]
        event_id = await say(ann, room_id, "regretted")
        await redact(ann, room_id, event_id)
        answer = await bob.get("/sync", since=since)
        assert b"regretted" not in answer.raw
        assert event_id.encode() in answer.raw


async def test_the_reason_of_a_redaction_is_words_in_clear_and_not_kept() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann)
        event_id = await say(ann, room_id)
        answer = await redact(ann, room_id, event_id, reason="the secret was in it")
        redaction = (await ann.get(f"/rooms/{room_id}/event/{answer['event_id']}")).body
        assert redaction["redacts"] == redaction["content"]["redacts"] == event_id
        assert "reason" not in redaction["content"]


async def test_a_redaction_carries_no_words_under_another_name() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann)
        answer = await redact(ann, room_id, await say(ann, room_id), body="meet me at noon")
        assert b"noon" not in (await ann.get(f"/rooms/{room_id}/event/{answer['event_id']}")).raw


async def test_others_messages_are_for_those_with_the_power() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        of_ann, of_bob = await say(ann, room_id), await say(bob, room_id)
        assert (await redact(bob, room_id, of_ann)).refusal == (403, "M_FORBIDDEN")
        assert (await redact(ann, room_id, of_bob)).status == 200


async def test_an_event_of_another_room_is_not_redacted_from_this_one() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, other = await room_of(ann, bob), await room_of(bob)
        elsewhere = await say(bob, other)
        assert (await redact(ann, room_id, elsewhere)).refusal == (400, "M_INVALID_PARAM")
        assert (await redact(ann, room_id, "$nothing")).refusal == (400, "M_INVALID_PARAM")


async def test_the_same_redaction_request_is_one_redaction() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann)
        event_id = await say(ann, room_id)
        first, again = [await redact(ann, room_id, event_id) for _ in range(2)]
        assert first["event_id"] == again["event_id"]


async def test_one_transaction_id_may_redact_two_events() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann)
        one, two = await say(ann, room_id), await say(ann, room_id)
        answers = [await ann.put(f"/rooms/{room_id}/redact/{each}/t", {}) for each in (one, two)]
        assert answers[0]["event_id"] != answers[1]["event_id"]
        assert (await ann.get(f"/rooms/{room_id}/event/{two}"))["content"] == {}


async def test_redacted_state_is_empty_state() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann, name="secret plan")
        name = (await ann.get(f"/rooms/{room_id}/state/m.room.name/", format="event")).body
        await redact(ann, room_id, name["event_id"])
        assert (await state_of(ann, room_id, "m.room.name")).body == {}


async def test_the_encryption_of_a_room_cannot_be_redacted_away() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann)
        state = await ann.get(f"/rooms/{room_id}/state/m.room.encryption/", format="event")
        answer = await redact(ann, room_id, state["event_id"])
        assert answer.refusal == (403, "M_FORBIDDEN")
        assert "algorithm" in (await state_of(ann, room_id, "m.room.encryption")).body


async def test_in_version_10_the_target_stands_beside_the_content() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await room_of(ann, room_version="10")
        event_id = (await send(ann, room_id, encrypted("gone")))["event_id"]
        answer = await redact(ann, room_id, event_id)
        redaction = (await ann.get(f"/rooms/{room_id}/event/{answer['event_id']}")).body
        assert redaction["redacts"] == event_id
        await world.restart()
        assert (await ann.get(f"/rooms/{room_id}/event/{event_id}"))["content"] == {}
