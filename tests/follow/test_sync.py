"""What a sync tells, and when."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.rooms.talking import create, encrypted, room_of, say, send, timeline
from tests.world import Answer, Person, World

LAZY = '{"room":{"state":{"lazy_load_members":true}}}'


async def sync(person: Person, since: Answer | None = None, **query: Any) -> Answer:
    """A sync, after another one if there is one."""
    if since is not None:
        query["since"] = since["next_batch"]
    answer = await person.get("/sync", **query)
    assert answer.status == 200, answer.body
    return answer


def joined(answer: Answer) -> dict[str, Any]:
    """The joined rooms of an answer."""
    rooms: dict[str, Any] = answer.body.get("rooms", {}).get("join", {})
    return rooms


def state_types(room: dict[str, Any], member: str = "state") -> set[tuple[str, str]]:
    """The keys of a room's state in an answer."""
    return {(event["type"], event["state_key"]) for event in room[member]["events"]}


def cancellation(request_id: str) -> dict[str, str]:
    """A message that passes between devices in clear."""
    return {
        "action": "request_cancellation",
        "request_id": request_id,
        "requesting_device_id": "AAAA",
    }


async def waiting(person: Person, since: Answer) -> asyncio.Task[Answer]:
    """A sync that waits, and has begun to."""
    task = asyncio.ensure_future(sync(person, since, timeout=60_000))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_a_first_sync_tells_of_every_room_and_its_state() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, name="tea")
        last = await say(ann, room_id)
        room = joined(await sync(ann))[room_id]
        assert [event["event_id"] for event in room["timeline"]["events"]][-1] == last
        told = state_types(room) | {
            (event["type"], event["state_key"])
            for event in room["timeline"]["events"]
            if "state_key" in event
        }
        assert {("m.room.create", ""), ("m.room.name", ""), ("m.room.encryption", "")} <= told


async def test_state_and_timeline_together_tell_each_thing_once() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        for number in range(12):
            await ann.put(f"/rooms/{room_id}/state/m.room.name/", {"name": str(number)})
        room = joined(await sync(ann))[room_id]
        names = [
            event["content"]["name"]
            for event in (*room["state"]["events"], *room["timeline"]["events"])
            if event["type"] == "m.room.name"
        ]
        assert names == [str(number) for number in range(1, 12)]
        assert room["timeline"]["limited"] is True


async def test_a_sync_waits_for_a_message_and_tells_of_nothing_else() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, other = await room_of(ann, bob), await create(ann)
        first = await sync(bob)
        task = await waiting(bob, first)
        await say(ann, other, "not his room")
        event_id = await say(ann, room_id, "his room")
        answer = await task
        assert timeline(answer, room_id) == [event_id]
        assert set(joined(answer)) == {room_id}


async def test_the_sender_knows_their_own_message_by_its_transaction() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        phone = await ann.another_device()
        room_id = await room_of(ann, bob)
        firsts = [await sync(who) for who in (ann, phone, bob)]
        await send(ann, room_id, encrypted(), txn_id="mine")
        told = [
            joined(await sync(who, first))[room_id]["timeline"]["events"][0]["unsigned"]
            for who, first in zip((ann, phone, bob), firsts, strict=True)
        ]
        assert [unsigned.get("transaction_id") for unsigned in told] == ["mine", None, None]


async def test_an_empty_wait_ends_when_its_time_is_up() -> None:
    async with World() as world:
        ann = await world.person("ann")
        first = await sync(ann)
        answer = await sync(ann, first, timeout=1)
        assert "rooms" not in answer.body
        assert answer["next_batch"] == first["next_batch"]


async def test_every_event_comes_once_and_in_order_however_one_syncs() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        answer = await sync(bob)
        got: list[str] = []

        async def listen() -> None:
            nonlocal answer
            while len(got) < 60:
                answer = await sync(bob, answer, timeout=10_000)
                if room_id in joined(answer):
                    assert joined(answer)[room_id]["timeline"]["limited"] is False
                    got.extend(timeline(answer, room_id))

        listening = asyncio.ensure_future(listen())
        sent: list[str] = []
        for _ in range(20):
            sent += await asyncio.gather(*(say(ann, room_id) for _ in range(3)))
            await asyncio.sleep(0)
        await listening
        assert sorted(got) == sorted(sent)
        page = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=60)
        assert [event["event_id"] for event in page["chunk"]] == got[::-1]


async def test_a_gap_is_said_and_can_be_filled() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await sync(bob)
        sent = [await say(ann, room_id, str(number)) for number in range(15)]
        answer = await sync(bob, first)
        room = joined(answer)[room_id]["timeline"]
        assert room["limited"] is True
        assert timeline(answer, room_id) == sent[5:]
        query = {"from": room["prev_batch"], "to": first["next_batch"]}
        page = await bob.get(f"/rooms/{room_id}/messages", dir="b", limit=50, **query)
        assert [event["event_id"] for event in page["chunk"]] == sent[4::-1]


async def test_state_that_changed_in_a_gap_is_told() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, name="old")
        first = await sync(bob)
        await ann.put(f"/rooms/{room_id}/state/m.room.name/", {"name": "new"})
        for number in range(12):
            await say(ann, room_id, str(number))
        room = joined(await sync(bob, first))[room_id]
        assert state_types(room) == {("m.room.name", "")}
        assert room["state"]["events"][0]["content"] == {"name": "new"}


@pytest.mark.parametrize("name", ["use_state_after", "org.matrix.msc4222.use_state_after"])
async def test_state_after_is_the_state_at_the_end(name: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, name="old")
        first = await sync(bob, None, **{name: True})
        assert "state" not in joined(first)[room_id]
        await ann.put(f"/rooms/{room_id}/state/m.room.name/", {"name": "new"})
        room = joined(await sync(bob, first, **{name: True}))[room_id]
        assert [event["content"] for event in room["state_after"]["events"]] == [{"name": "new"}]
        assert len(room["timeline"]["events"]) == 1


async def test_who_joins_gets_the_whole_room() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, invite=[bob.user_id])
        before = [await say(ann, room_id, str(number)) for number in range(5)]
        first = await sync(bob)
        assert room_id in first["rooms"]["invite"]
        await bob.post(f"/rooms/{room_id}/join")
        answer = await sync(bob, first)
        assert timeline(answer, room_id)[-6:-1] == before
        assert ("m.room.create", "") in state_types(joined(answer)[room_id])


async def test_an_invitation_shows_what_a_guest_at_the_door_may_see() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        first = await sync(bob)
        room_id = await create(ann, name="tea", topic="secret", invite=[bob.user_id])
        await say(ann, room_id, "not for the door")
        answer = await sync(bob, first)
        shown = answer["rooms"]["invite"][room_id]["invite_state"]["events"]
        kinds = {event["type"] for event in shown}
        assert {"m.room.create", "m.room.name", "m.room.encryption", "m.room.member"} <= kinds
        assert all(set(e) == {"content", "sender", "state_key", "type"} for e in shown)
        assert b"ciphertext" not in answer.raw


async def test_who_leaves_is_told_once_and_up_to_there() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await sync(bob)
        seen = await say(ann, room_id, "seen")
        await ann.post(f"/rooms/{room_id}/kick", {"user_id": bob.user_id})
        unseen = await say(ann, room_id, "unseen")
        answer = await sync(bob, first)
        left = answer["rooms"]["leave"][room_id]["timeline"]["events"]
        assert next(event["event_id"] for event in left) == seen
        assert left[-1]["content"]["membership"] == "leave"
        assert unseen.encode() not in answer.raw
        assert "rooms" not in (await sync(bob, answer)).body


async def test_rooms_that_were_left_are_in_a_first_sync_only_if_asked_for() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        await bob.post(f"/rooms/{room_id}/leave")
        assert "rooms" not in (await sync(bob)).body
        everything = await sync(bob, filter='{"room":{"include_leave":true}}')
        assert room_id in everything["rooms"]["leave"]


async def test_lazy_members_are_those_who_spoke_and_come_once() -> None:
    async with World() as world:
        people = [await world.person(name) for name in ("ann", "bob", "cat", "dan")]
        ann, bob, cat, _ = people
        room_id = await room_of(*people, name="tea")
        for _ in range(10):
            await say(ann, room_id)
        first = await sync(bob, filter=LAZY)
        members = {
            key for kind, key in state_types(joined(first)[room_id]) if kind == "m.room.member"
        }
        assert members == {ann.user_id, bob.user_id}
        await say(cat, room_id)
        second = await sync(bob, first, filter=LAZY)
        assert state_types(joined(second)[room_id]) == {("m.room.member", cat.user_id)}
        await say(cat, room_id)
        third = await sync(bob, second, filter=LAZY)
        assert state_types(joined(third)[room_id]) == set()
        await say(cat, room_id)
        redundant = LAZY.replace("true", 'true,"include_redundant_members":true')
        fourth = await sync(bob, third, filter=redundant)
        assert state_types(joined(fourth)[room_id]) == {("m.room.member", cat.user_id)}


async def test_unread_messages_are_counted_and_a_receipt_takes_them_away() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        answer = await sync(bob)
        for expected in (1, 2, 3):
            last = await say(ann, room_id)
            answer = await sync(bob, answer)
            counts = joined(answer)[room_id]["unread_notifications"]
            assert counts == {"highlight_count": 0, "notification_count": expected}
        assert (await bob.post(f"/rooms/{room_id}/receipt/m.read/{last}", {})).status == 200
        answer = await sync(bob, answer)
        assert joined(answer)[room_id]["unread_notifications"]["notification_count"] == 0
        await world.restart()
        await say(ann, room_id)
        again = joined(await sync(bob))[room_id]["unread_notifications"]
        assert again["notification_count"] == 1


async def test_ones_own_message_is_read() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        await say(ann, room_id)
        await say(bob, room_id)
        counts = joined(await sync(bob))[room_id]["unread_notifications"]
        assert counts["notification_count"] == 0


async def test_a_receipt_is_for_the_room_and_a_private_one_for_its_owner() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        one, two = await say(ann, room_id), await say(ann, room_id)
        firsts = [await sync(ann), await sync(bob)]
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{one}", {})
        await bob.post(f"/rooms/{room_id}/receipt/m.read.private/{two}", {})
        told = [
            joined(await sync(who, first))[room_id]["ephemeral"]["events"][0]["content"]
            for who, first in zip((ann, bob), firsts, strict=True)
        ]
        assert set(told[0]) == {one}
        assert set(told[1]) == {one, two}
        assert b"m.read.private" not in (await sync(ann)).raw


async def test_a_receipt_does_not_go_back() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        one, two = await say(ann, room_id), await say(ann, room_id)
        for event_id in (two, one):
            await bob.post(f"/rooms/{room_id}/receipt/m.read/{event_id}", {})
        room = joined(await sync(ann))[room_id]
        assert set(room["ephemeral"]["events"][0]["content"]) == {two}


async def test_typing_is_told_and_ends_by_itself() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await sync(bob)
        task = await waiting(bob, first)
        path = f"/rooms/{room_id}/typing/{ann.user_id}"
        assert (await ann.put(path, {"typing": True, "timeout": 5000})).status == 200
        answer = await task
        event = joined(answer)[room_id]["ephemeral"]["events"][0]
        assert event == {"type": "m.typing", "content": {"user_ids": [ann.user_id]}}
        task = await waiting(bob, answer)
        world.clock.advance(6000)
        world.expire()
        event = joined(await task)[room_id]["ephemeral"]["events"][0]
        assert event["content"] == {"user_ids": []}


async def test_account_data_reaches_the_other_devices() -> None:
    async with World() as world:
        ann = await world.person("ann")
        phone = await ann.another_device()
        room_id = await create(ann)
        first = await sync(phone)
        task = await waiting(phone, first)
        path = f"/user/{ann.user_id}/account_data/m.direct"
        await ann.put(path, {"@bob:privity.test": [room_id]})
        answer = await task
        told = {event["type"]: event["content"] for event in answer["account_data"]["events"]}
        assert told["m.direct"] == {"@bob:privity.test": [room_id]}
        await ann.put(f"/user/{ann.user_id}/rooms/{room_id}/account_data/org.note", {"a": 1})
        room = joined(await sync(phone, answer))[room_id]
        assert room["account_data"]["events"] == [{"type": "org.note", "content": {"a": 1}}]


async def test_a_message_to_a_device_comes_until_it_is_acknowledged() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        first = await sync(bob)
        task = await waiting(bob, first)
        messages = {"messages": {bob.user_id: {bob.device_id: cancellation("1")}}}
        assert (await ann.put("/sendToDevice/m.room_key_request/1", messages)).status == 200
        assert (await ann.put("/sendToDevice/m.room_key_request/1", messages)).status == 200
        answer = await task
        again = await sync(bob, first)
        for told in (answer, again):
            assert told["to_device"]["events"] == [
                {
                    "type": "m.room_key_request",
                    "sender": ann.user_id,
                    "content": cancellation("1"),
                }
            ]
        assert "to_device" not in (await sync(bob, again)).body


async def test_many_messages_come_in_parts_and_none_is_lost() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        answer = await sync(bob)
        for number in range(150):
            body = {"messages": {bob.user_id: {bob.device_id: cancellation(str(number))}}}
            await ann.put(f"/sendToDevice/m.room_key_request/{number}", body)
        got: list[str] = []
        for _ in range(3):
            answer = await sync(bob, answer)
            events = answer.body.get("to_device", {}).get("events", [])
            got += [event["content"]["request_id"] for event in events]
        assert got == [str(number) for number in range(150)]


async def test_an_empty_poll_asks_the_database_nothing() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        first = await sync(bob)
        await sync(bob, first)
        asked = []
        original = world.store.engine.read

        async def counting(job: Any) -> Any:
            asked.append(job)
            return await original(job)

        world.store.engine.read = counting  # type: ignore[method-assign]
        await sync(bob, first)
        assert asked == []


async def test_a_member_whose_answer_was_lost_comes_again() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob, name="tea")
        for _ in range(20):
            await say(ann, room_id)
        first = await sync(ann, filter=LAZY)
        await say(bob, room_id)
        key = ("m.room.member", bob.user_id)
        for _ in range(2):
            lost = await sync(ann, first, filter=LAZY)
            assert key in state_types(joined(lost)[room_id])
        await say(bob, room_id)
        assert key not in state_types(joined(await sync(ann, lost, filter=LAZY))[room_id])


async def test_devices_of_those_one_shares_a_room_with_are_told() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        first = await sync(bob)
        room_id = await room_of(ann, bob)
        answer = await sync(bob, first)
        assert ann.user_id in answer["device_lists"]["changed"]
        phone = await ann.another_device()
        await eve.another_device()
        await phone.post("/logout")
        told = await sync(bob, answer)
        assert told["device_lists"] == {"changed": [ann.user_id], "left": []}
        await ann.post(f"/rooms/{room_id}/leave")
        told = await sync(bob, told)
        assert told["device_lists"] == {"changed": [], "left": [ann.user_id]}


async def test_a_restart_takes_nothing_from_a_token() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await sync(bob)
        sent = [await say(ann, room_id, str(number)) for number in range(3)]
        await world.restart()
        answer = await sync(bob, first)
        assert timeline(answer, room_id) == sent
        assert joined(answer)[room_id]["timeline"]["limited"] is False


async def test_people_who_are_ignored_are_not_heard() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        path = f"/user/{bob.user_id}/account_data/m.ignored_user_list"
        await bob.put(path, {"ignored_users": {ann.user_id: {}}})
        first = await sync(bob)
        await say(ann, room_id)
        await ann.put(f"/rooms/{room_id}/state/m.room.name/", {"name": "state is told"})
        room = joined(await sync(bob, first))[room_id]
        assert [event["type"] for event in room["timeline"]["events"]] == ["m.room.name"]


async def test_a_kept_filter_is_obeyed() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        await say(ann, room_id)
        kept = {"room": {"timeline": {"limit": 1, "types": ["m.room.encrypted"]}}}
        number = (await ann.post(f"/user/{ann.user_id}/filter", kept))["filter_id"]
        assert number == "0"
        room = joined(await sync(ann, filter=number))[room_id]
        assert len(room["timeline"]["events"]) == 1
        inline = joined(await sync(ann, filter=json.dumps(kept)))[room_id]
        assert (
            inline["timeline"]["events"][0]["event_id"] == room["timeline"]["events"][0]["event_id"]
        )


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"since": "yesterday"}, "M_INVALID_PARAM"),
        ({"since": "s999999_0"}, "M_INVALID_PARAM"),
        ({"filter": "77"}, "M_INVALID_PARAM"),
        ({"filter": "{"}, "M_NOT_JSON"),
        ({"filter": '{"room":7}'}, "M_INVALID_PARAM"),
        ({"timeout": "soon"}, "M_INVALID_PARAM"),
        ({"full_state": "maybe"}, "M_INVALID_PARAM"),
        ({"set_presence": "asleep"}, "M_INVALID_PARAM"),
    ],
)
async def test_a_sync_that_cannot_be_asked_for_is_refused(
    query: dict[str, str], errcode: str
) -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await ann.get("/sync", **query)).refusal == (400, errcode)


async def test_a_stopping_server_lets_those_go_who_wait() -> None:
    async with World() as world:
        ann = await world.person("ann")
        first = await sync(ann)
        task = await waiting(ann, first)
        world.drain()
        assert (await task)["next_batch"] == first["next_batch"]


async def test_another_device_hears_that_a_room_was_left_though_it_is_forgotten() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        since = (await bob.get("/sync"))["next_batch"]
        await bob.post(f"/rooms/{room_id}/leave")
        await bob.post(f"/rooms/{room_id}/forget")
        answer = await bob.get("/sync", since=since)
        assert list(answer["rooms"]["leave"]) == [room_id]
        again = await bob.get("/sync", since=answer["next_batch"])
        assert "leave" not in again.body.get("rooms", {})
        whole = await bob.get("/sync", filter='{"room":{"include_leave":true}}')
        assert "leave" not in whole.body.get("rooms", {})


async def test_who_came_and_went_since_gets_the_state_of_when_they_went() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann)
        since = (await bob.get("/sync"))["next_batch"]
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        await bob.post(f"/join/{room_id}", {})
        await bob.post(f"/rooms/{room_id}/leave")
        quiet = '{"room":{"timeline":{"types":[]}}}'
        left = (await bob.get("/sync", since=since, filter=quiet))["rooms"]["leave"][room_id]
        assert "m.room.create" in {event["type"] for event in left["state"]["events"]}


async def test_the_timeline_of_who_newly_joined_is_limited() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann)
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        since = (await bob.get("/sync"))["next_batch"]
        await bob.post(f"/join/{room_id}", {})
        joined = (await bob.get("/sync", since=since))["rooms"]["join"][room_id]
        assert joined["timeline"]["limited"]
