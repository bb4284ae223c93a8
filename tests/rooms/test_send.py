"""Sending: once each, in order, by who may, and only what may be."""

from __future__ import annotations

import asyncio

import pytest

from privity.store.engine import DatabaseAway
from tests.rooms.talking import create, encrypted, history, room_of, say, send
from tests.world import World


async def test_a_message_arrives_as_it_was_sent() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        event_id = await say(ann, room_id, "hello")
        event = (await bob.get(f"/rooms/{room_id}/event/{event_id}")).body
        assert event["content"] == encrypted("hello")
        assert event["sender"] == ann.user_id
        assert event["origin_server_ts"] == world.clock.now_ms()
        assert event["unsigned"]["membership"] == "join"
        assert "transaction_id" not in event["unsigned"]


async def test_the_same_transaction_is_one_message() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        first = await send(ann, room_id, encrypted("a"), txn_id="t")
        again = await send(ann, room_id, encrypted("a"), txn_id="t")
        assert first["event_id"] == again["event_id"]
        assert (await history(ann, room_id)).count(first["event_id"]) == 1


async def test_the_same_transaction_is_one_message_though_the_server_forgot() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        first = await send(ann, room_id, encrypted("a"), txn_id="t")
        await world.restart()
        other = await send(ann, room_id, encrypted("b"), txn_id="u")
        again = await send(ann, room_id, encrypted("a"), txn_id="t")
        assert first["event_id"] == again["event_id"]
        after = await say(ann, room_id, "c")
        assert (await history(ann, room_id))[:3] == [after, other["event_id"], first["event_id"]]


async def test_repeats_that_race_are_one_message() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        answers = await asyncio.gather(
            *(send(ann, room_id, encrypted("a"), txn_id="t") for _ in range(20))
        )
        assert len({answer["event_id"] for answer in answers}) == 1


async def test_a_transaction_is_of_its_device() -> None:
    async with World() as world:
        ann = await world.person("ann")
        phone = await ann.another_device()
        room_id = await create(ann)
        first = await send(ann, room_id, encrypted("a"), txn_id="t")
        other = await send(phone, room_id, encrypted("a"), txn_id="t")
        assert first["event_id"] != other["event_id"]


async def test_a_hundred_at_once_stand_in_one_line() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        sent = await asyncio.gather(
            *(say(who, room_id, str(number)) for number in range(50) for who in (ann, bob))
        )
        newest_first = await history(ann, room_id)
        assert sorted(newest_first[:100]) == sorted(sent)
        rows = await world.store.read(
            lambda tx: tx.all("SELECT pdu FROM events WHERE room_id = ? ORDER BY pos", room_id)
        )
        depths = [int(bytes(row[0]).split(b'"depth":')[1].split(b",")[0]) for row in rows]
        assert depths == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("body", "status", "errcode"),
    [
        (b"", 400, "M_NOT_JSON"),
        (b"hello", 400, "M_NOT_JSON"),
        (b"\xff\xfe{}", 400, "M_NOT_JSON"),
        (b'{"ciphertext": NaN}', 400, "M_NOT_JSON"),
        (b"[1, 2]", 400, "M_BAD_JSON"),
        (b'{"a": 1, "a": 2}', 400, "M_BAD_JSON"),
        (b'{"a": 1.0}', 400, "M_BAD_JSON"),
        (b'{"a": 9007199254740992}', 400, "M_BAD_JSON"),
        (b'{"a": -9007199254740992}', 400, "M_BAD_JSON"),
        (b'{"a": 123456789012345678901234567890}', 400, "M_BAD_JSON"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, 400, "M_BAD_JSON"),
        (b'{"a": "' + b"x" * 66_000 + b'"}', 413, "M_TOO_LARGE"),
        (b'{"a": "' + b"x" * 1_200_000 + b'"}', 413, "M_TOO_LARGE"),
    ],
)
async def test_what_cannot_be_an_event_is_refused_and_leaves_nothing(
    body: bytes, status: int, errcode: str
) -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        before = world.store.pos
        assert (await send(ann, room_id, body)).refusal == (status, errcode)
        assert world.store.pos == before
        await say(ann, room_id, "the room goes on")


async def test_a_message_in_clear_is_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        words = {"msgtype": "m.text", "body": "hello"}
        assert (await send(ann, room_id, words, "m.room.message")).refusal == (403, "M_FORBIDDEN")
        assert (await send(ann, room_id, words, "com.example.chat")).refusal == (403, "M_FORBIDDEN")


async def test_who_is_not_in_the_room_cannot_send_and_cannot_tell_whether_there_is_one() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        there = await send(eve, room_id, encrypted())
        nowhere = await send(eve, "!" + "x" * 43, encrypted())
        assert there.refusal == nowhere.refusal == (403, "M_FORBIDDEN")


async def test_a_disk_that_fails_loses_nothing_that_was_answered() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        kept = await say(ann, room_id, "kept")

        def full(*_: object, **__: object) -> None:
            raise DatabaseAway("disk full")

        original = world.store.engine._writer._transaction  # type: ignore[attr-defined]
        world.store.engine._writer._transaction = full  # type: ignore[attr-defined]
        refused = await send(ann, room_id, encrypted("lost"), txn_id="again")
        world.store.engine._writer._transaction = original  # type: ignore[attr-defined]
        assert refused.status == 503
        again = await send(ann, room_id, encrypted("lost"), txn_id="again")
        assert again.status == 200
        assert (await history(ann, room_id))[:2] == [again["event_id"], kept]


async def test_too_many_at_once_are_told_to_wait() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        answers = [await send(ann, room_id, encrypted(str(n))) for n in range(201)]
        assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
        world.clock.advance(answers[-1]["retry_after_ms"])
        assert (await send(ann, room_id, encrypted("later"))).status == 200
