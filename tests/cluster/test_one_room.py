"""Two processes serve the same room: what they say at once stands, once and in one order."""

from __future__ import annotations

import asyncio

from privity.matrix.ids import RoomId
from tests.cluster.conftest import Pair, at
from tests.follow.sliding import Client, a_list, events_of, switched_on
from tests.follow.test_sync import sync
from tests.rooms.talking import encrypted, history, room_of, say, send, state_of, timeline
from tests.world import Person


async def spread(pair: Pair) -> tuple[Person, Person, str]:
    """Ann at one process, Ben at the other, both in a room that both processes know."""
    ann, ben = await pair.one.person("ann"), await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    ben = at(pair.other, ben)
    await say(ben, room_id)
    await pair.one.store.catch_up()
    return ann, ben, room_id


async def test_what_both_say_at_once_is_there_once_and_in_one_order(pair: Pair) -> None:
    ann, ben, room_id = await spread(pair)
    since = await sync(ann), await sync(ben)
    said = await asyncio.gather(*(say(who, room_id) for _ in range(20) for who in (ann, ben)))
    for world in pair:
        await world.store.catch_up()
    told = await history(ann, room_id)
    assert sorted(told[:40]) == sorted(said)
    assert await history(ben, room_id) == told
    limit = '{"room":{"timeline":{"limit":100}}}'
    for who, before in zip((ann, ben), since, strict=True):
        answer = await sync(who, before, filter=limit)
        assert timeline(answer, room_id)[-40:] == told[39::-1]


async def test_an_event_names_all_the_ends_that_it_comes_after(pair: Pair) -> None:
    ann, ben, room_id = await spread(pair)
    first, second = await asyncio.gather(say(ann, room_id), say(ben, room_id))
    await pair.one.store.catch_up()
    await say(ann, room_id)
    head = pair.one.store.heads.peek(RoomId(room_id))
    assert head is not None
    assert {first, second} & set(head.last.prev_events)
    assert len(head.ends) == 1


async def test_who_was_banned_at_the_other_process_says_nothing_more(pair: Pair) -> None:
    ann, ben, room_id = await spread(pair)
    ban = await ann.post(f"/rooms/{room_id}/ban", {"user_id": ben.user_id})
    assert ban.status == 200
    assert (await send(ben, room_id, encrypted("late"))).refusal == (403, "M_FORBIDDEN")


async def test_people_who_join_at_once_at_both_processes_are_all_in(pair: Pair) -> None:
    ann = await pair.one.person("ann")
    others = [await pair.one.person(f"person{number}") for number in range(8)]
    room_id = await room_of(ann, preset="public_chat")
    joining = [
        at(world, person).post(f"/rooms/{room_id}/join", {})
        for person, world in zip(others, pair * 4, strict=True)
    ]
    assert [answer.status for answer in await asyncio.gather(*joining)] == [200] * 8
    for world in pair:
        await world.store.catch_up()
        members = await at(world, ann).get(f"/rooms/{room_id}/joined_members")
        if members.status == 200:
            assert len(members["joined"]) == 9


async def test_the_last_of_two_names_given_at_once_is_the_room_s_name(pair: Pair) -> None:
    ann, _, room_id = await spread(pair)
    path = f"/rooms/{room_id}/state/m.room.name/"
    await asyncio.gather(
        *(at(world, ann).put(path, {"name": str(n)}) for n, world in enumerate(pair * 5))
    )
    names = []
    for world in pair:
        await world.store.catch_up()
        names.append((await state_of(at(world, ann), room_id, "m.room.name"))["name"])
    assert names[0] == names[1]


async def test_the_same_request_sent_to_both_at_once_makes_one_event(pair: Pair) -> None:
    ann, _, room_id = await spread(pair)
    content = encrypted("twice")
    sending = [send(at(world, ann), room_id, content, txn_id="same") for world in pair]
    first, second = await asyncio.gather(*sending)
    assert first.status == second.status == 200
    assert first["event_id"] == second["event_id"]


async def test_what_is_the_same_to_the_letter_is_said_twice_if_it_was_sent_twice(
    pair: Pair,
) -> None:
    _, ben, room_id = await spread(pair)
    both = [ben, at(pair.one, ben)]
    said = await asyncio.gather(*(say(each, room_id) for each in both))
    for world in pair:
        await world.store.catch_up()
        assert set(said) == set((await history(at(world, ben), room_id))[:2])


async def test_a_window_that_was_opened_at_one_process_moves_on_at_the_other(pair: Pair) -> None:
    ann, ben, room_id = await spread(pair)
    client = Client(ann, {"lists": a_list(), "extensions": switched_on("e2ee")})
    await client.sync()
    for world in (pair.other, pair.one, pair.other):
        client.person = at(world, ann)
        said = await say(ben, room_id)
        assert events_of(await client.sync(60_000), room_id) == [said]
    task = await client.waiting()
    said = await say(at(pair.one, ben), room_id)
    assert events_of(await task, room_id) == [said]
