"""Messages between devices: each arrives once, and holds no words in clear."""

from __future__ import annotations

import asyncio
from typing import Any

from privity.store import inbox
from tests.keys.clients import sync
from tests.world import START_MS, Answer, Person, World

REQUEST = "m.room_key_request"
DAY_MS = 24 * 3600 * 1000


def request(number: int = 1) -> dict[str, Any]:
    """A message that passes in clear; `number` tells it from others."""
    return {
        "action": "request_cancellation",
        "request_id": f"r{number}",
        "requesting_device_id": "AAAA",
    }


async def send(
    person: Person, to: Person, content: Any = None, *, txn_id: str = "t", device_id: str = ""
) -> Answer:
    """Send a message to a device."""
    content = request() if content is None else content
    messages = {to.user_id: {device_id or to.device_id: content}}
    return await person.put(f"/sendToDevice/{REQUEST}/{txn_id}", {"messages": messages})


async def received(person: Person, since: Answer | None = None) -> list[Any]:
    """The messages that wait for a device."""
    answer = await sync(person, since)
    events: list[Any] = answer.body.get("to_device", {}).get("events", [])
    return events


async def test_a_message_arrives_with_its_sender() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        assert (await send(ann, bob)).body == {}
        expected = {"sender": ann.user_id, "type": REQUEST, "content": request()}
        assert await received(bob) == [expected]
        assert await received(ann) == []


async def test_a_message_is_kept_until_the_device_says_that_it_has_it() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await send(ann, bob)
        await world.restart()
        first = await sync(bob)
        assert len(await received(bob)) == 1
        assert await received(bob, first) == []
        assert await received(bob) == []


async def test_a_message_to_every_device_goes_to_each() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        tablet = await bob.another_device()
        assert (await send(ann, bob, device_id="*")).status == 200
        assert [len(await received(each)) for each in (ann, bob, tablet)] == [0, 1, 1]


async def test_a_message_to_a_device_that_is_not_there_is_lost_without_a_word() -> None:
    async with World() as world:
        ann = await world.person("ann")
        nobodys = {"AAAA": request(), "*": request()}
        messages = dict.fromkeys(("@nobody:privity.test", "@ann:elsewhere.test"), nobodys)
        messages[ann.user_id] = {"AAAA": request()}
        answer = await ann.put(f"/sendToDevice/{REQUEST}/t", {"messages": messages})
        assert answer.body == {}
        assert await received(ann) == []


async def test_the_same_transaction_is_one_message_even_after_a_restart() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        for number in range(3):
            assert (await send(ann, bob, request(number))).status == 200
        await world.restart()
        assert (await send(ann, bob)).status == 200
        assert [each["content"]["request_id"] for each in await received(bob)] == ["r0"]


async def test_the_same_transaction_many_times_at_once_is_one_message() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await asyncio.gather(*(send(ann, bob) for _ in range(20)))
        assert len(await received(bob)) == 1


async def test_a_transaction_is_of_one_device_and_one_type() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        tablet = await ann.another_device()
        for person in (ann, tablet):
            await send(person, bob)
        body: dict[str, Any] = {"messages": {bob.user_id: {bob.device_id: {}}}}
        await ann.put("/sendToDevice/m.dummy/t", body)
        assert len(await received(bob)) == 3


async def test_transactions_are_forgotten_after_a_day() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")

        async def is_known() -> bool:
            name = f'["{REQUEST}","old"]'
            job = inbox.sent_before
            return await world.store.read(lambda tx: job(tx, ann.user_id, ann.device_id, name))

        await send(ann, bob, txn_id="old")
        world.clock.ms = START_MS + DAY_MS
        await send(ann, bob, txn_id="new")
        assert await is_known()
        world.clock.advance(1)
        await send(ann, bob, txn_id="newer")
        assert not await is_known()


async def test_a_device_that_comes_back_does_not_get_what_was_for_the_one_before() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob", device_id="PHONE")
        await send(ann, bob)
        await bob.post("/logout")
        await send(ann, bob, txn_id="t2")
        assert await received(await world.log_in(bob.user_id, device_id="PHONE")) == []


async def test_a_message_wakes_the_device_that_waits() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        since = await sync(bob)
        waiting = asyncio.ensure_future(sync(bob, since, timeout=60_000))
        await send(ann, bob)
        assert len((await waiting)["to_device"]["events"]) == 1


async def test_if_one_message_is_refused_none_is_sent() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        tablet = await bob.another_device()
        messages = {bob.device_id: request(), tablet.device_id: {"body": "in clear"}}
        body = {"messages": {bob.user_id: messages}}
        answer = await ann.put(f"/sendToDevice/{REQUEST}/t", body)
        assert answer.refusal == (403, "M_FORBIDDEN")
        assert await received(bob) == []
        messages[tablet.device_id] = request()
        assert (await ann.put(f"/sendToDevice/{REQUEST}/t", body)).status == 200
        assert len(await received(bob)) == 1


async def test_words_in_clear_pass_only_where_the_operator_allows_it() -> None:
    for allowed, status in ((False, 403), (True, 200)):
        async with World(unsafe_allow_plaintext=allowed) as world:
            ann = await world.person("ann")
            body = {"messages": {ann.user_id: {ann.device_id: {"example": "in clear"}}}}
            assert (await ann.put("/sendToDevice/org.example/t", body)).status == status
            assert len(await received(ann)) == int(allowed)


async def test_what_is_no_message_is_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        large = {**request(), "request_id": {f"a{n}": "x" * 200 for n in range(400)}}
        many: dict[str, Any] = {f"D{n}": {} for n in range(5001)}
        table: list[tuple[str, Any, tuple[int, str]]] = [
            ("m.dummy/t", {}, (400, "M_MISSING_PARAM")),
            ("m.dummy/t", b"", (400, "M_NOT_JSON")),
            ("m.dummy/t", {"messages": []}, (400, "M_BAD_JSON")),
            ("m.dummy/t", {"messages": {ann.user_id: []}}, (400, "M_BAD_JSON")),
            ("m.dummy/t", {"messages": {ann.user_id: {"A": "x"}}}, (400, "M_BAD_JSON")),
            ("m.dummy/t", {"messages": {ann.user_id: {"A": {"n": 0.5}}}}, (400, "M_BAD_JSON")),
            ("m.dummy/t", {"messages": {ann.user_id: {"A": {"n": 2**60}}}}, (400, "M_BAD_JSON")),
            ("m.dummy/t", {"messages": {"ann": {"A": {}}}}, (400, "M_INVALID_PARAM")),
            ("m.dummy/t", {"messages": {ann.user_id: {"": {}}}}, (400, "M_INVALID_PARAM")),
            ("m.dummy/t", {"messages": {ann.user_id: {"A": large}}}, (413, "M_TOO_LARGE")),
            ("m.dummy/t", {"messages": {ann.user_id: many}}, (413, "M_TOO_LARGE")),
            ("x" * 256 + "/t", {"messages": {}}, (400, "M_INVALID_PARAM")),
            ("m.dummy/" + "t" * 256, {"messages": {}}, (400, "M_INVALID_PARAM")),
        ]
        for case, (path, body, refusal) in enumerate(table):
            assert (await ann.put(f"/sendToDevice/{path}", body)).refusal == refusal, case


async def test_nobody_sends_without_end() -> None:
    async with World() as world:
        ann = await world.person("ann")
        answers = [
            await ann.put(f"/sendToDevice/m.dummy/{n}", {"messages": {}}) for n in range(501)
        ]
        assert answers[-2].status == 200
        assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
