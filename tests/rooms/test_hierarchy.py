"""Walking a space, and what a room shows of itself from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rooms.talking import create, room_of
from tests.world import Answer, Person, World

V1 = "/_matrix/client/v1"
NOWHERE = "!" + "a" * 43


def state(kind: str, **content: Any) -> dict[str, Any]:
    """A piece of initial state."""
    return {"type": kind, "state_key": "", "content": content}


async def space_of(person: Person, name: str, *children: str, **body: Any) -> str:
    """A new space with these rooms in it; its id."""
    kind = {"creation_content": {"type": "m.space"}, "preset": "public_chat"}
    space_id = await create(person, name=name, **{**kind, **body})
    for child in children:
        await put_child(person, space_id, child)
    return space_id


async def put_child(person: Person, space_id: str, child: str, **content: Any) -> None:
    """Put a room into a space, a moment after the last one."""
    person.world.clock.advance(1)
    content = {"via": ["privity.test"], **content}
    answer = await person.put(f"/rooms/{space_id}/state/m.space.child/{child}", content)
    assert answer.status == 200, answer.body


async def walk(person: Person, space_id: str, **query: Any) -> Answer:
    """A page of a space."""
    return await person.get(f"{V1}/rooms/{space_id}/hierarchy", **query)


def rooms(answer: Answer) -> list[str]:
    """The ids of a page's rooms."""
    assert answer.status == 200, answer.body
    return [room["room_id"] for room in answer["rooms"]]


async def test_a_space_is_walked_depth_first() -> None:
    async with World() as world:
        ann = await world.person("ann")
        one, two, three = [await create(ann) for _ in range(3)]
        inner = await space_of(ann, "inner", two)
        outer = await space_of(ann, "outer", one, inner, three)
        found = await walk(ann, outer)
        assert rooms(found) == [outer, one, inner, two, three]
        first = found["rooms"][0]
        assert (first["name"], first["room_type"], first["room_version"]) == (
            "outer",
            "m.space",
            "12",
        )
        child = first["children_state"][0]
        assert child.keys() == {"type", "state_key", "content", "sender", "origin_server_ts"}
        assert found["rooms"][1]["children_state"] == []


async def test_a_walk_goes_on_where_its_page_ended() -> None:
    async with World() as world:
        ann = await world.person("ann")
        children = [await create(ann) for _ in range(4)]
        space_id = await space_of(ann, "space", *children)
        page = await walk(ann, space_id, limit=3)
        assert rooms(page) == [space_id, *children[:2]]
        token = page["next_batch"]
        rest = await walk(ann, space_id, limit=3, **{"from": token})
        assert rooms(rest) == children[2:]
        assert "next_batch" not in rest.body
        for wrong in ({"max_depth": 1}, {"suggested_only": True}):
            answer = await walk(ann, space_id, **wrong, **{"from": token})
            assert answer.refusal == (400, "M_INVALID_PARAM")
        assert (await walk(ann, space_id, **{"from": "x"})).refusal == (400, "M_INVALID_PARAM")


async def test_a_walk_can_be_kept_short() -> None:
    async with World() as world:
        ann = await world.person("ann")
        deep = await create(ann)
        inner = await space_of(ann, "inner", deep)
        outer = await space_of(ann, "outer", inner)
        await put_child(ann, outer, deep, suggested=True)
        assert rooms(await walk(ann, outer, max_depth=0)) == [outer]
        assert rooms(await walk(ann, outer, max_depth=1)) == [outer, inner, deep]
        assert rooms(await walk(ann, outer, suggested_only=True)) == [outer, deep]
        assert (await walk(ann, outer, max_depth=-1)).refusal == (400, "M_INVALID_PARAM")
        assert (await walk(ann, outer, limit=0)).refusal == (400, "M_INVALID_PARAM")


async def test_a_space_in_itself_ends() -> None:
    async with World() as world:
        ann = await world.person("ann")
        inner = await space_of(ann, "inner")
        outer = await space_of(ann, "outer", inner)
        await put_child(ann, inner, outer)
        assert rooms(await walk(ann, outer)) == [outer, inner]


async def test_a_room_taken_out_of_a_space_is_in_it_no_more() -> None:
    async with World() as world:
        ann = await world.person("ann")
        child = await create(ann)
        space_id = await space_of(ann, "space", child)
        await ann.put(f"/rooms/{space_id}/state/m.space.child/{child}", {})
        found = await walk(ann, space_id)
        assert (rooms(found), found["rooms"][0]["children_state"]) == ([space_id], [])


async def test_children_stand_in_their_order() -> None:
    async with World() as world:
        ann = await world.person("ann")
        late, early, plain = [await create(ann) for _ in range(3)]
        space_id = await space_of(ann, "space")
        await put_child(ann, space_id, plain)
        await put_child(ann, space_id, late, order="b")
        await put_child(ann, space_id, early, order="a")
        assert rooms(await walk(ann, space_id)) == [space_id, early, late, plain]


async def test_rooms_that_are_none_of_ones_own_are_left_out() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        hidden, invited = await create(ann), await create(ann, invite=[bob.user_id])
        knocked = await create(ann, initial_state=[state("m.room.join_rules", join_rule="knock")])
        space_id = await space_of(ann, "space", hidden, invited, knocked, NOWHERE)
        rule = {"type": "m.room_membership", "room_id": space_id}
        rules = state("m.room.join_rules", join_rule="restricted", allow=[rule])
        inside = await create(ann, initial_state=[rules])
        await put_child(ann, space_id, inside)
        assert rooms(await walk(bob, space_id)) == [space_id, invited, knocked]
        await bob.post(f"/rooms/{space_id}/join")
        found = await walk(bob, space_id)
        assert rooms(found) == [space_id, invited, knocked, inside]
        assert found["rooms"][-1]["allowed_room_ids"] == [space_id]


async def test_a_space_that_is_none_of_ones_own_is_not_walked() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        space_id = await space_of(ann, "space", preset="private_chat")
        assert (await walk(bob, space_id)).refusal == (403, "M_FORBIDDEN")
        assert (await walk(bob, NOWHERE)).refusal == (403, "M_FORBIDDEN")


async def test_who_was_banned_sees_nothing_of_a_room() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="public_chat")
        await ann.post(f"/rooms/{room_id}/ban", {"user_id": bob.user_id})
        answer = await bob.get(f"{V1}/room_summary/{room_id}")
        assert answer.refusal == (404, "M_NOT_FOUND")
        assert (await walk(bob, room_id)).refusal == (403, "M_FORBIDDEN")


async def test_a_room_is_told_in_short() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        more = {"name": "tea", "topic": "leaves", "room_alias_name": "tea"}
        room_id = await create(ann, preset="public_chat", **more)
        told = await bob.get(f"{V1}/room_summary/#tea:privity.test")
        assert told.body == {
            "room_id": room_id,
            "name": "tea",
            "topic": "leaves",
            "canonical_alias": "#tea:privity.test",
            "num_joined_members": 1,
            "world_readable": False,
            "guest_can_join": False,
            "join_rule": "public",
            "room_version": "12",
            "encryption": "m.megolm.v1.aes-sha2",
            "membership": "leave",
        }
        assert (await ann.get(f"{V1}/room_summary/{room_id}"))["membership"] == "join"


@pytest.mark.parametrize("named", [NOWHERE, "#no:privity.test"])
async def test_a_room_that_is_not_there_has_no_summary(named: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        hidden = await create(ann)
        for path in (named, hidden):
            answer = await bob.get(f"{V1}/room_summary/{path}")
            assert answer.refusal == (404, "M_NOT_FOUND")


async def test_the_rooms_that_two_people_share() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        both = [await room_of(ann, bob), await room_of(ann, bob, eve)]
        await create(ann, invite=[bob.user_id])
        shared = await ann.get(f"{V1}/mutual_rooms", user_id=bob.user_id)
        assert shared.body == {"joined": sorted(both), "count": 2}
        nobody = await ann.get(f"{V1}/mutual_rooms", user_id="@no:privity.test")
        assert nobody.body == {"joined": [], "count": 0}


async def test_shared_rooms_are_asked_for_by_somebody_elses_id() -> None:
    async with World() as world:
        ann = await world.person("ann")
        for query, errcode in (
            ({}, "M_MISSING_PARAM"),
            ({"user_id": "ann"}, "M_INVALID_PARAM"),
            ({"user_id": ann.user_id}, "M_INVALID_PARAM"),
            ({"user_id": "@bob:privity.test", "from": "x"}, "M_INVALID_PARAM"),
        ):
            answer = await ann.get(f"{V1}/mutual_rooms", **query)
            assert answer.refusal == (400, errcode)
