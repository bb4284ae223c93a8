"""Keys and messages to devices, when their device and those who want it are at two processes."""

from __future__ import annotations

import asyncio

from tests.cluster.conftest import Pair, at
from tests.keys.clients import claim, sync, with_keys
from tests.keys.test_send_to_device import received, request, send


async def test_no_one_time_key_is_given_out_by_both(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await pair.one.person("bob")
    device = await with_keys(ann, *(str(n) for n in range(20)))
    claiming = [claim(at(world, bob), device) for world in pair * 10]
    claimed = await asyncio.gather(*claiming)
    assert sorted(map(str, claimed)) == sorted(str(n) for n in range(20))
    for world in pair:
        await world.store.catch_up()
        told = await sync(at(world, ann))
        assert told["device_one_time_keys_count"] == {"signed_curve25519": 0}


async def test_messages_to_a_device_that_goes_from_one_to_the_other_come_once(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await pair.one.person("bob")
    answer, got = await sync(bob), []
    for n in range(8):
        sender, receiver = (pair * 4)[n], (pair * 5)[n + n % 3]
        assert (await send(at(sender, ann), bob, request(n), txn_id=f"t{n}")).status == 200
        await receiver.store.catch_up()
        answer = await sync(at(receiver, bob), answer)
        got += answer.body.get("to_device", {}).get("events", [])
    assert [message["content"] for message in got] == [request(n) for n in range(8)]
    assert await received(at(pair.other, bob), answer) == []


async def test_the_same_message_sent_at_both_at_once_comes_once(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await pair.one.person("bob")
    answers = await asyncio.gather(*(send(at(world, ann), bob) for world in pair * 3))
    assert {answer.status for answer in answers} == {200}
    await pair.one.store.catch_up()
    assert len(await received(bob)) == 1


async def test_a_device_that_came_at_one_process_shows_in_the_lists_of_the_other(
    pair: Pair,
) -> None:
    ann = await pair.one.person("ann")
    elsewhere = at(pair.other, ann)
    before = await sync(elsewhere)
    phone = await with_keys(await ann.another_device())
    await pair.other.store.catch_up()
    told = await sync(elsewhere, before)
    assert ann.user_id in told["device_lists"]["changed"]
    query = await elsewhere.post("/keys/query", {"device_keys": {ann.user_id: []}})
    assert phone.person.device_id in query["device_keys"][ann.user_id]
