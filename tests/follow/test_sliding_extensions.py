"""Simplified sliding sync (MSC4186): what stands beside the rooms."""

from __future__ import annotations

from typing import Any

from tests.follow.sliding import Client, a_list, switched_on
from tests.follow.test_sync import cancellation
from tests.keys.clients import with_keys
from tests.rooms.talking import create, room_of, say
from tests.world import Answer, Person, World

SECRET = "m.secret.request"


async def tell(person: Person, other: Person, txn_id: str) -> None:
    """A message from device to device."""
    messages = {other.user_id: {other.device_id: cancellation(txn_id)}}
    answer = await person.put(f"/sendToDevice/{SECRET}/{txn_id}", {"messages": messages})
    assert answer.status == 200, answer.body


def messages(answer: Answer) -> list[str]:
    """What the messages of an answer are about."""
    told = answer["extensions"].get("to_device", {"events": []})
    return [event["content"]["request_id"] for event in told["events"]]


async def test_messages_come_until_the_device_says_that_it_has_them() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        client = Client(bob, {"extensions": switched_on("to_device")})
        await client.sync()
        for number in range(3):
            await tell(ann, bob, f"m{number}")
        client.asks["extensions"] = switched_on("to_device", limit=2)
        answer = await client.sync()
        assert messages(answer) == ["m0", "m1"]
        assert messages(await client.sync()) == ["m0", "m1"]
        since = answer["extensions"]["to_device"]["next_batch"]
        answer = await client.sync(extensions=switched_on("to_device", since=since))
        assert messages(answer) == ["m2"]
        since = answer["extensions"]["to_device"]["next_batch"]
        assert messages(await client.sync(extensions=switched_on("to_device", since=since))) == []


async def test_a_message_wakes_who_asks_for_messages() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        client = Client(bob, {"extensions": switched_on("to_device")})
        await client.sync()
        task = await client.waiting()
        await tell(ann, bob, "m")
        assert messages(await task) == ["m"]


async def test_what_is_not_switched_on_is_not_told_and_wakes_nobody() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(bob, {"lists": a_list()})
        assert (await client.sync())["extensions"] == {}
        task = await client.waiting()
        await tell(ann, bob, "m")
        await ann.put(f"/rooms/{room_id}/typing/{ann.user_id}", {"typing": True, "timeout": 9000})
        said = await say(ann, room_id)
        assert list((await task)["rooms"]) == [room_id]
        assert said in (await task).raw.decode()


async def test_keys_left_are_told_and_whose_devices_changed() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        await room_of(ann, bob)
        client = Client(ann, {"extensions": switched_on("e2ee")})
        first = (await client.sync())["extensions"]["e2ee"]
        assert first["device_one_time_keys_count"] == {"signed_curve25519": 0}
        task = await client.waiting()
        await with_keys(bob)
        assert (await task)["extensions"]["e2ee"]["device_lists"]["changed"] == [bob.user_id]


async def test_account_data_is_told_of_everywhere_and_of_the_rooms_in_view() -> None:
    async with World() as world:
        ann = await world.person("ann")
        away, here = [await create(ann) for _ in range(2)]
        for room_id in (away, here):
            await ann.put(f"/user/{ann.user_id}/rooms/{room_id}/account_data/note", {"n": 1})
        asks = {"lists": a_list((0, 0)), "extensions": switched_on("account_data")}
        client = Client(ann, asks)
        told = (await client.sync())["extensions"]["account_data"]
        assert [each["type"] for each in told["global"]] == ["m.push_rules"]
        assert told["rooms"] == {here: [{"type": "note", "content": {"n": 1}}]}
        await ann.put(f"/user/{ann.user_id}/rooms/{here}/account_data/note", {"n": 2})
        await ann.put(f"/user/{ann.user_id}/account_data/theme", {"dark": True})
        told = (await client.sync())["extensions"]["account_data"]
        assert told["global"] == [{"type": "theme", "content": {"dark": True}}]
        assert told["rooms"] == {here: [{"type": "note", "content": {"n": 2}}]}
        assert (await client.sync())["extensions"] == {}


async def test_account_data_of_a_room_out_of_view_is_told_when_it_comes_back() -> None:
    async with World() as world:
        ann = await world.person("ann")
        away, here = [await create(ann) for _ in range(2)]
        client = Client(ann, {"lists": a_list(), "extensions": switched_on("account_data")})
        await client.sync()
        wanted: dict[str, Any] = {here: {"timeline_limit": 1, "required_state": []}}
        await client.sync(lists={}, room_subscriptions=wanted)
        await ann.put(f"/user/{ann.user_id}/rooms/{away}/account_data/note", {"n": 1})
        assert (await client.sync())["extensions"] == {}
        told = (await client.sync(lists=a_list()))["extensions"]["account_data"]
        assert told["rooms"] == {away: [{"type": "note", "content": {"n": 1}}]}


async def test_receipts_are_told_as_they_move_and_at_first_those_in_the_timeline() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        old, new = await say(ann, room_id), await say(ann, room_id)
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{old}", {})
        asks = {"lists": a_list(limit=1), "extensions": switched_on("receipts")}
        client = Client(ann, asks)
        assert (await client.sync())["extensions"] == {}
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{new}", {})
        for each in (client, Client(ann, asks)):
            told = (await each.sync())["extensions"]["receipts"]["rooms"][room_id]
            assert told["type"] == "m.receipt"
            assert list(told["content"][new]["m.read"]) == [bob.user_id]


async def test_private_receipts_are_told_to_nobody_else() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        said = await say(ann, room_id)
        asks = {"lists": a_list(), "extensions": switched_on("receipts")}
        clients = Client(ann, asks), Client(bob, asks)
        for client in clients:
            await client.sync()
        await bob.post(f"/rooms/{room_id}/receipt/m.read.private/{said}", {})
        to_ann, to_bob = [await client.sync() for client in clients]
        assert to_ann["extensions"] == {}
        assert room_id in to_bob["extensions"]["receipts"]["rooms"]


async def test_who_is_typing_is_told_of_the_rooms_that_the_extension_names() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        here, away = await room_of(ann, bob), await room_of(ann, bob)
        wanted = {here: {"timeline_limit": 1, "required_state": []}}
        typing = switched_on("typing", lists=[], rooms=[here])
        client = Client(
            ann, {"lists": a_list(), "room_subscriptions": wanted, "extensions": typing}
        )
        await client.sync()
        for room_id in (here, away):
            body = {"typing": True, "timeout": 30_000}
            await bob.put(f"/rooms/{room_id}/typing/{bob.user_id}", body)
        told = (await client.sync())["extensions"]["typing"]["rooms"]
        assert told == {here: {"type": "m.typing", "content": {"user_ids": [bob.user_id]}}}
        assert (await client.sync())["extensions"] == {}
