"""Two processes, one of which notifies, whoever took the pusher or the message."""

from __future__ import annotations

from privity.follow.push.pushing import LEASE_MS
from tests.cluster.conftest import Pair, at
from tests.follow.test_push import Post, with_phone
from tests.rooms.talking import room_of, say


async def test_one_of_them_notifies_and_each_event_once(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await with_phone(pair.one, "bob")
    room_id = await room_of(ann, bob)
    by_one, by_other = Post(), Post()
    await pair.one.push(by_one)
    said = [await say(at(world, ann), room_id) for world in (pair.one, pair.other)]
    for _ in range(2):
        for world, post in ((pair.one, by_one), (pair.other, by_other)):
            await world.store.catch_up()
            await world.push(post)
    assert by_one.events[-2:] == said
    assert by_other.told == []


async def test_when_it_is_gone_the_other_goes_on_where_it_was(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await with_phone(pair.other, "bob")
    room_id = await room_of(ann, bob)
    by_one, by_other = Post(), Post()
    await pair.one.store.catch_up()
    await pair.one.push(by_one)
    by_one.is_away = True
    found = await say(ann, room_id)
    await pair.one.push(by_one)
    unseen = await say(ann, room_id)
    pair.other.clock.advance(LEASE_MS)
    await pair.other.store.catch_up()
    await pair.other.push(by_other)
    assert by_other.events == [found, unseen]


async def test_a_pusher_that_is_taken_back_at_one_is_not_sent_to_by_the_other(pair: Pair) -> None:
    ann, bob = await pair.one.person("ann"), await with_phone(pair.one, "bob")
    room_id, post = await room_of(ann, bob), Post()
    await pair.other.store.catch_up()
    await pair.other.push(post)
    post.told.clear()
    await bob.post("/logout")
    await say(ann, room_id)
    await pair.other.store.catch_up()
    await pair.other.push(post)
    assert post.told == []
