"""Knocking at a room's door, and coming in because one is in another room."""

from __future__ import annotations

from typing import Any

import pytest

from tests.follow.test_sync import sync
from tests.rooms.talking import create, room_of, state_of
from tests.world import Person, World


def rule(join_rule: str, *allowed: str) -> list[dict[str, Any]]:
    """The initial state of a room with this join rule."""
    content: dict[str, Any] = {"join_rule": join_rule}
    if allowed:
        content["allow"] = [{"type": "m.room_membership", "room_id": each} for each in allowed]
    return [{"type": "m.room.join_rules", "content": content}]


async def knock(person: Person, room: str) -> tuple[int, str | None]:
    """Knock."""
    return (await person.post(f"/knock/{room}", {"reason": "please"})).refusal


async def test_who_knocks_is_let_in_by_an_invitation() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, initial_state=rule("knock"))
        assert await knock(bob, room_id) == (200, None)
        member = (await state_of(ann, room_id, "m.room.member", bob.user_id)).body
        assert member["membership"] == "knock"
        assert "reason" not in member
        assert (await bob.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")
        assert (await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).status == 200


async def test_a_knock_shows_in_ones_sync_and_goes_when_it_is_taken_back_or_declined() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, initial_state=rule("knock"), room_alias_name="tea")
        for end in ("back", "declined"):
            assert await knock(bob, "%23tea:privity.test") == (200, None)
            answer = await sync(bob)
            assert "m.room.create" in str(answer["rooms"]["knock"][room_id]["knock_state"])
            if end == "back":
                assert (await bob.post(f"/rooms/{room_id}/leave")).status == 200
            else:
                await ann.post(f"/rooms/{room_id}/kick", {"user_id": bob.user_id})
            assert room_id in (await sync(bob, answer))["rooms"]["leave"]


@pytest.mark.parametrize("join_rule", ["invite", "public", "private"])
async def test_one_knocks_only_where_one_may(join_rule: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, initial_state=rule(join_rule))
        assert await knock(bob, room_id) == (403, "M_FORBIDDEN")
        assert await knock(bob, "!none:privity.test") == (403, "M_FORBIDDEN")
        assert await knock(bob, "%23none:privity.test") == (404, "M_NOT_FOUND")


async def test_who_is_in_banned_or_invited_does_not_knock() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, initial_state=rule("knock"))
        await ann.post(f"/rooms/{room_id}/ban", {"user_id": eve.user_id})
        for person in (ann, bob, eve):
            assert await knock(person, room_id) == (403, "M_FORBIDDEN")


@pytest.mark.parametrize("join_rule", ["restricted", "knock_restricted"])
@pytest.mark.parametrize("version", ["10", "12"])
async def test_who_is_in_a_room_that_is_named_comes_into_a_restricted_one(
    join_rule: str, version: str
) -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        team = await room_of(ann, bob)
        room_id = await create(
            ann, room_version=version, initial_state=rule(join_rule, "!other:privity.test", team)
        )
        assert (await bob.post(f"/rooms/{room_id}/join")).status == 200
        member = (await state_of(ann, room_id, "m.room.member", bob.user_id)).body
        assert member["join_authorised_via_users_server"] == ann.user_id
        assert (await eve.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")


async def test_who_left_the_room_that_is_named_does_not_come_into_a_restricted_one() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        team = await room_of(ann, bob)
        room_id = await create(ann, initial_state=rule("restricted", team))
        assert (await bob.post(f"/rooms/{team}/leave")).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")
        assert (await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).status == 200


async def test_nobody_comes_into_a_restricted_room_when_nobody_there_may_invite() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        team = await room_of(ann, bob)
        room_id = await create(
            ann,
            room_version="10",
            initial_state=rule("restricted", team),
            power_level_content_override={"invite": 101},
        )
        assert (await bob.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")
