"""Rooms as they begin."""

from __future__ import annotations

import asyncio

import pytest

from tests.rooms.talking import create, send, state_of
from tests.world import World

MEGOLM = "m.megolm.v1.aes-sha2"


@pytest.mark.parametrize("preset", [None, "private_chat", "trusted_private_chat", "public_chat"])
async def test_every_room_is_encrypted_from_the_start(preset: str | None) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, **({"preset": preset} if preset else {}))
        assert (await state_of(ann, room_id, "m.room.encryption"))["algorithm"] == MEGOLM
        first = (await ann.get(f"/rooms/{room_id}/messages", dir="f", limit=4))["chunk"]
        assert [event["type"] for event in first] == [
            "m.room.create",
            "m.room.member",
            "m.room.power_levels",
            "m.room.encryption",
        ]


async def test_a_client_may_say_how_often_keys_rotate() -> None:
    async with World() as world:
        ann = await world.person("ann")
        asked = {"algorithm": MEGOLM, "rotation_period_msgs": 10}
        entry = {"type": "m.room.encryption", "state_key": "", "content": asked}
        room_id = await create(ann, initial_state=[entry])
        assert (await state_of(ann, room_id, "m.room.encryption")).body == asked


async def test_a_room_cannot_begin_with_weak_encryption() -> None:
    async with World() as world:
        ann = await world.person("ann")
        entry = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "none"}}
        answer = await ann.post("/createRoom", {"initial_state": [entry]})
        assert answer.refusal == (403, "M_FORBIDDEN")
        assert (await ann.get("/joined_rooms"))["joined_rooms"] == []


async def test_rooms_are_made_in_version_12_and_their_id_is_the_hash_of_their_creation() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        create_event = (await ann.get(f"/rooms/{room_id}/messages", dir="f", limit=1))["chunk"][0]
        assert create_event["content"]["room_version"] == "12"
        assert room_id == "!" + create_event["event_id"][1:]


@pytest.mark.parametrize(("version", "creator_in_content"), [("10", True), ("11", False)])
async def test_older_versions_can_be_asked_for(version: str, creator_in_content: bool) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, room_version=version)
        assert room_id.endswith(":privity.test")
        content = (await state_of(ann, room_id, "m.room.create")).body
        assert content["room_version"] == version
        assert ("creator" in content) == creator_in_content
        levels = (await state_of(ann, room_id, "m.room.power_levels")).body
        assert levels["users"] == {ann.user_id: 100}


async def test_a_version_that_nobody_knows_is_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        answer = await ann.post("/createRoom", {"room_version": "9"})
        assert answer.refusal == (400, "M_UNSUPPORTED_ROOM_VERSION")


@pytest.mark.parametrize(
    ("preset", "join_rule", "guests"),
    [
        ("private_chat", "invite", "can_join"),
        ("trusted_private_chat", "invite", "can_join"),
        ("public_chat", "public", "forbidden"),
    ],
)
async def test_a_preset_says_who_may_come_in(preset: str, join_rule: str, guests: str) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, preset=preset)
        assert (await state_of(ann, room_id, "m.room.join_rules"))["join_rule"] == join_rule
        assert (await state_of(ann, room_id, "m.room.guest_access"))["guest_access"] == guests
        seen = await state_of(ann, room_id, "m.room.history_visibility")
        assert seen["history_visibility"] == "shared"


async def test_who_is_invited_to_a_trusted_chat_is_a_creator_too() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="trusted_private_chat", invite=[bob.user_id])
        content = (await state_of(ann, room_id, "m.room.create")).body
        assert content["additional_creators"] == [bob.user_id]


async def test_a_direct_chat_is_marked_in_its_invitations() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, is_direct=True, invite=[bob.user_id])
        member = (await state_of(ann, room_id, "m.room.member", bob.user_id)).body
        assert member["is_direct"] is True


async def test_rooms_that_begin_alike_in_the_same_millisecond_are_two_rooms() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann = await world.person("ann")
        answers = await asyncio.gather(*(ann.post("/createRoom", {}) for _ in range(10)))
        assert len({answer["room_id"] for answer in answers}) == 10


async def test_name_and_topic_go_over_the_initial_state() -> None:
    async with World() as world:
        ann = await world.person("ann")
        entry = {"type": "m.room.name", "state_key": "", "content": {"name": "old"}}
        room_id = await create(ann, name="new", topic="ours", initial_state=[entry])
        assert (await state_of(ann, room_id, "m.room.name"))["name"] == "new"
        assert (await state_of(ann, room_id, "m.room.topic"))["topic"] == "ours"


async def test_an_alias_is_the_rooms_and_cannot_be_taken_twice() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, room_alias_name="tea")
        alias = "#tea:privity.test"
        assert (await state_of(ann, room_id, "m.room.canonical_alias"))["alias"] == alias
        found = await ann.get("/directory/room/%23tea:privity.test")
        assert found["room_id"] == room_id
        again = await ann.post("/createRoom", {"room_alias_name": "tea"})
        assert again.refusal == (400, "M_ROOM_IN_USE")
        assert (await ann.get("/joined_rooms"))["joined_rooms"] == [room_id]


async def test_power_levels_that_shut_out_the_creator_are_no_beginning() -> None:
    async with World() as world:
        ann = await world.person("ann")
        override = {"users": {ann.user_id: 0}, "state_default": 50}
        body = {"room_version": "11", "power_level_content_override": override, "name": "x"}
        answer = await ann.post("/createRoom", body)
        assert answer.refusal == (400, "M_INVALID_ROOM_STATE")


@pytest.mark.parametrize(
    ("body", "status", "errcode"),
    [
        ({"invite": "bob"}, 400, "M_BAD_JSON"),
        ({"invite": ["bob"]}, 400, "M_INVALID_PARAM"),
        ({"preset": "open_house"}, 400, "M_INVALID_PARAM"),
        ({"visibility": "maybe"}, 400, "M_INVALID_PARAM"),
        ({"name": 7}, 400, "M_BAD_JSON"),
        ({"initial_state": [7]}, 400, "M_BAD_JSON"),
        ({"initial_state": [{"content": {}}]}, 400, "M_MISSING_PARAM"),
        ({"creation_content": []}, 400, "M_BAD_JSON"),
        ({"name": "x" * 70_000}, 413, "M_TOO_LARGE"),
        (b'{"name": 1.5}', 400, "M_BAD_JSON"),
        (b'{"name": "a", "name": "b"}', 400, "M_BAD_JSON"),
        (b'{"name": ', 400, "M_NOT_JSON"),
        (b"[]", 400, "M_BAD_JSON"),
    ],
)
async def test_what_is_no_room_is_refused_and_leaves_nothing(
    body: object, status: int, errcode: str
) -> None:
    async with World() as world:
        ann = await world.person("ann")
        before = world.store.pos
        assert (await ann.post("/createRoom", body)).refusal == (status, errcode)
        assert world.store.pos == before


async def test_clear_rooms_are_for_those_who_ask_for_them_by_name() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        assert (await state_of(ann, room_id, "m.room.encryption")).refusal == (404, "M_NOT_FOUND")
        sent = await send(ann, room_id, {"msgtype": "m.text", "body": "hello"}, "m.room.message")
        assert sent.status == 200
