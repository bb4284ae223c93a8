"""Rooms that are replaced by others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rooms.talking import create, encrypted, room_of, say, send, state_of
from tests.world import Person, World

MUTE: dict[str, Any] = {"actions": []}


async def upgraded(person: Person, room_id: str, version: str = "12", **more: Any) -> str:
    """The room that replaces this one."""
    answer = await person.post(f"/rooms/{room_id}/upgrade", {"new_version": version, **more})
    assert answer.status == 200, answer.body
    new_id: str = answer["replacement_room"]
    return new_id


@pytest.mark.parametrize(("old", "new"), [("10", "11"), ("11", "12"), ("12", "12"), ("12", "10")])
async def test_a_room_is_replaced_by_one_that_looks_like_it(old: str, new: str) -> None:
    async with World() as world:
        ann = await world.person("ann")
        topic = {"topic": "leaves"}
        state = [{"type": "m.room.topic", "content": topic}]
        kind = {"type": "m.space"}
        room_id = await create(
            ann, room_version=old, name="tea", initial_state=state, creation_content=kind
        )
        new_id = await upgraded(ann, room_id, new)
        made = (await state_of(ann, new_id, "m.room.create")).body
        assert (made["room_version"], made["type"]) == (new, "m.space")
        assert made["predecessor"]["room_id"] == room_id
        assert (await state_of(ann, new_id, "m.room.name")).body == {"name": "tea"}
        assert (await state_of(ann, new_id, "m.room.topic")).body == topic
        assert (await state_of(ann, new_id, "m.room.encryption")).status == 200
        tombstone = (await state_of(ann, room_id, "m.room.tombstone")).body
        assert tombstone["replacement_room"] == new_id


async def test_nobody_but_moderators_speaks_in_a_room_that_was_replaced() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, room_version="11")
        await upgraded(ann, room_id)
        assert (await send(bob, room_id, encrypted("late"))).refusal == (403, "M_FORBIDDEN")
        levels = (await state_of(ann, room_id, "m.room.power_levels")).body
        assert (levels["events_default"], levels["invite"]) == (50, 50)


async def test_a_moderator_without_all_power_replaces_a_room_and_gains_none() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        users = {"@ann:privity.test": 100, "@bob:privity.test": 50}
        override = {"users": users, "events": {"m.room.tombstone": 50, "m.room.name": 100}}
        room_id = await room_of(
            ann, bob, room_version="10", name="tea", power_level_content_override=override
        )
        new_id = await upgraded(bob, room_id, "10")
        levels = (await state_of(bob, new_id, "m.room.power_levels")).body
        assert levels["users"] == users
        assert (await state_of(bob, new_id, "m.room.name")).body == {"name": "tea"}


async def test_creators_of_a_new_version_are_named_and_not_listed() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, room_version="11")
        new_id = await upgraded(ann, room_id, "12", additional_creators=[bob.user_id])
        made = (await state_of(ann, new_id, "m.room.create")).body
        assert made["additional_creators"] == [bob.user_id]
        levels = (await state_of(ann, new_id, "m.room.power_levels")).body
        assert levels["users"] == {}
        assert levels["events"]["m.room.tombstone"] > levels["state_default"]


async def test_aliases_and_bans_go_with_the_room() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann, room_alias_name="tea", preset="public_chat")
        assert (await ann.post(f"/rooms/{room_id}/ban", {"user_id": eve.user_id})).status == 200
        new_id = await upgraded(ann, room_id)
        found = await ann.get("/directory/room/%23tea:privity.test")
        assert found["room_id"] == new_id
        assert (await eve.post(f"/rooms/{new_id}/join")).refusal == (403, "M_FORBIDDEN")
        alias = (await state_of(ann, new_id, "m.room.canonical_alias")).body
        assert alias == {"alias": "#tea:privity.test"}
        assert (await state_of(ann, room_id, "m.room.canonical_alias")).body == {}


async def test_who_comes_along_finds_tags_push_rules_and_direct_chats_again() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, preset="public_chat")
        own = f"/user/{bob.user_id}"
        tag = {"tags": {"m.favourite": {"order": 0.5}}}
        tagged = f"{own}/rooms/{room_id}/tags/m.favourite"
        assert (await bob.put(tagged, {"order": 0.5})).status == 200
        await bob.put(f"{own}/account_data/m.direct", {ann.user_id: [room_id]})
        assert (await bob.put(f"/pushrules/global/room/{room_id}", MUTE)).status == 200
        new_id = await upgraded(ann, room_id)
        assert (await bob.post(f"/rooms/{new_id}/join")).status == 200
        assert (await bob.get(f"{own}/rooms/{new_id}/account_data/m.tag")).body == tag
        direct = (await bob.get(f"{own}/account_data/m.direct")).body
        assert direct == {ann.user_id: [room_id, new_id]}
        assert (await bob.get(f"/pushrules/global/room/{new_id}"))["actions"] == []


async def test_a_room_that_claims_to_replace_another_gets_nothing() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await room_of(ann, eve)
        claim = {"predecessor": {"room_id": room_id, "event_id": "$x"}}
        await ann.put(f"/user/{ann.user_id}/rooms/{room_id}/tags/m.favourite", {})
        false_id = await create(eve, preset="public_chat", creation_content=claim)
        assert (await ann.post(f"/rooms/{false_id}/join")).status == 200
        own = f"/user/{ann.user_id}/rooms/{false_id}/account_data/m.tag"
        assert (await ann.get(own)).refusal == (404, "M_NOT_FOUND")


async def test_a_room_is_replaced_by_who_may_and_by_a_version_that_is_known() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        path = f"/rooms/{room_id}/upgrade"
        asked = {"new_version": "12"}
        for person in (bob, eve):
            assert (await person.post(path, asked)).refusal == (403, "M_FORBIDDEN")
        unknown = await ann.post(path, {"new_version": "tea"})
        assert unknown.refusal == (400, "M_UNSUPPORTED_ROOM_VERSION")
        assert (await ann.post(path, {})).refusal == (400, "M_MISSING_PARAM")
        assert (await state_of(ann, room_id, "m.room.tombstone")).status == 404
        await say(ann, room_id)
