"""Unread messages thread by thread, as a sync counts them."""

from __future__ import annotations

from typing import Any

from tests.follow.test_sync import joined, sync
from tests.rooms.talking import room_of, say
from tests.world import Answer, Person, World

THREADS = '{"room":{"timeline":{"unread_thread_notifications":true}}}'


def in_thread(root: str, rel_type: str = "m.thread") -> dict[str, Any]:
    """What puts an event into a thread."""
    return {"m.relates_to": {"rel_type": rel_type, "event_id": root}}


def notifications(answer: Answer, room_id: str) -> tuple[int, dict[str, int]]:
    """Unread messages of the main timeline, and of each thread."""
    room = joined(answer)[room_id]
    threads = room.get("unread_thread_notifications", {})
    return (
        room["unread_notifications"]["notification_count"],
        {root: count["notification_count"] for root, count in threads.items()},
    )


async def read(person: Person, room_id: str, event_id: str, **thread: str) -> None:
    """Say that one has read up to an event."""
    answer = await person.post(f"/rooms/{room_id}/receipt/m.read/{event_id}", thread)
    assert answer.status == 200, answer.body


async def test_each_thread_is_counted_for_itself() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id)
        first = await sync(bob, filter=THREADS)
        for number in (1, 2):
            await say(ann, room_id, **in_thread(root))
            answer = await sync(bob, first, filter=THREADS)
            assert notifications(answer, room_id) == (1, {root: number})
        assert notifications(await sync(bob, first), room_id) == (3, {})
        await world.restart()
        assert notifications(await sync(bob, filter=THREADS), room_id) == (1, {root: 2})


async def test_a_receipt_reads_its_thread_and_one_of_none_reads_all() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        one, two = await say(ann, room_id), await say(ann, room_id)
        of_one = await say(ann, room_id, **in_thread(one))
        of_two = await say(ann, room_id, **in_thread(two))
        await read(bob, room_id, of_one, thread_id=one)
        assert notifications(await sync(bob, filter=THREADS), room_id) == (2, {two: 1})
        await read(bob, room_id, two, thread_id="main")
        assert notifications(await sync(bob, filter=THREADS), room_id) == (0, {two: 1})
        await read(bob, room_id, of_two)
        assert notifications(await sync(bob, filter=THREADS), room_id) == (0, {})


async def test_ones_own_answer_reads_the_thread_and_no_other() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        one, two = await say(ann, room_id), await say(ann, room_id)
        for root in (one, two):
            await say(ann, room_id, **in_thread(root))
        first = await sync(bob, filter=THREADS)
        await say(bob, room_id, **in_thread(one))
        answer = await sync(bob, first, filter=THREADS)
        assert notifications(answer, room_id) == (2, {two: 1})
        await world.restart()
        assert notifications(await sync(bob, filter=THREADS), room_id) == (2, {two: 1})


async def test_what_relates_to_an_event_of_a_thread_is_counted_there() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id)
        child = await say(ann, room_id, **in_thread(root))
        first = await sync(bob, filter=THREADS)
        await say(ann, room_id, **in_thread(child, "m.reference"))
        answer = await sync(bob, first, filter=THREADS)
        assert notifications(answer, room_id) == (1, {root: 2})
