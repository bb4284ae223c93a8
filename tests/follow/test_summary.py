"""A room's summary in a sync."""

from __future__ import annotations

from typing import Any

from tests.follow.test_sync import LAZY, joined, state_types, sync
from tests.rooms.talking import create, room_of, say
from tests.world import World


async def test_heroes_are_the_first_five_others() -> None:
    async with World() as world:
        people = [await world.person(name) for name in ("zoe", "yan", "xia", "wim", "vic", "uma")]
        room_id = await room_of(*people)
        invited = await world.person("ann")
        await people[0].post(f"/rooms/{room_id}/invite", {"user_id": invited.user_id})
        summary = joined(await sync(people[1]))[room_id]["summary"]
        others = [person.user_id for person in (people[0], *people[2:])]
        assert summary["m.heroes"] == others
        assert (summary["m.joined_member_count"], summary["m.invited_member_count"]) == (6, 1)
        heroes = joined(await sync(people[0]))[room_id]["summary"]["m.heroes"]
        assert heroes == [person.user_id for person in people[1:]]


async def test_who_is_left_alone_is_told_who_was_there() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, eve)
        await eve.post(f"/rooms/{room_id}/leave")
        await bob.post(f"/rooms/{room_id}/leave")
        summary = joined(await sync(ann))[room_id]["summary"]
        assert summary["m.heroes"] == [eve.user_id, bob.user_id]
        assert summary["m.joined_member_count"] == 1


async def test_a_room_with_a_name_has_no_heroes_and_one_that_lost_it_has() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, name="tea")
        first = await sync(ann)
        assert "m.heroes" not in joined(first)[room_id]["summary"]
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": ""})
        second = await sync(ann, first)
        assert joined(second)[room_id]["summary"]["m.heroes"] == [bob.user_id]
        await say(ann, room_id)
        assert "summary" not in joined(await sync(ann, second))[room_id]


async def test_a_summary_is_told_though_the_filter_hides_who_came() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="public_chat")
        hiding = '{"room":{"timeline":{"not_types":["m.room.member"]}}}'
        first = await sync(ann, filter=hiding)
        await bob.post(f"/rooms/{room_id}/join")
        summary: dict[str, Any] = joined(await sync(ann, first, filter=hiding))[room_id]["summary"]
        assert summary["m.joined_member_count"] == 2


async def test_heroes_come_with_their_names_though_members_are_lazy() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, eve)
        for _ in range(12):
            await say(ann, room_id)
        state = state_types(joined(await sync(ann, filter=LAZY))[room_id])
        assert {key for kind, key in state if kind == "m.room.member"} == {
            ann.user_id,
            bob.user_id,
            eve.user_id,
        }
