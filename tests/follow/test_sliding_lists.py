"""Simplified sliding sync (MSC4186): what a list's filters let through, and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.follow.sliding import Client, a_list, state_of
from tests.rooms.talking import create, room_of, say
from tests.world import Person, World

IS_FINAL = pytest.mark.parametrize("is_final", [False, True])
OPEN: dict[str, Any] = {"unsafe_strangers_may_invite": True}
SPACE = {"creation_content": {"type": "m.space"}}


async def shown(person: Person, **filters: Any) -> set[str]:
    """The rooms that a list with these filters shows."""
    client = Client(person, {"lists": a_list(filters=filters)})
    answer = await client.sync()
    assert answer["lists"]["all"]["count"] == len(answer["rooms"])
    return set(answer["rooms"])


async def test_spaces_and_rooms_are_told_apart() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room, space = await create(ann), await create(ann, **SPACE)
        assert await shown(ann, room_types=["m.space"]) == {space}
        assert await shown(ann, room_types=[None]) == {room}
        assert await shown(ann, not_room_types=["m.space"]) == {room}
        assert await shown(ann, room_types=["m.space"], not_room_types=["m.space"]) == set()


async def test_direct_chats_are_told_apart() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room, direct = await create(ann), await create(ann)
        content = {"@bob:privity.test": [direct]}
        await ann.put(f"/user/{ann.user_id}/account_data/m.direct", content)
        assert await shown(ann, is_dm=True) == {direct}
        assert await shown(ann, is_dm=False) == {room}


async def test_rooms_are_told_apart_by_their_tags() -> None:
    async with World() as world:
        ann = await world.person("ann")
        plain, loved, both = [await create(ann) for _ in range(3)]
        for room_id, tags in ((loved, ("m.favourite",)), (both, ("m.favourite", "u.work"))):
            for tag in tags:
                await ann.put(f"/user/{ann.user_id}/rooms/{room_id}/tags/{tag}", {})
        assert await shown(ann, tags=["m.favourite"]) == {loved, both}
        assert await shown(ann, tags=["m.favourite"], not_tags=["u.work"]) == {loved}
        assert await shown(ann, not_tags=["m.favourite"]) == {plain}


async def test_the_rooms_of_a_space_that_one_is_in_can_be_shown_alone() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        inside, space = await create(ann), await create(ann, **SPACE)
        not_hers = await create(bob, **SPACE)
        for person, of in ((ann, space), (bob, not_hers)):
            path = f"/rooms/{of}/state/m.space.child/{inside}"
            await person.put(path, {"via": ["privity.test"]})
        assert await shown(ann, spaces=[space]) == {inside}
        assert await shown(ann, spaces=[not_hers]) == set()


async def test_encrypted_rooms_are_told_apart() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        clear = await create(ann)
        secret = await create(ann)
        assert await shown(ann, is_encrypted=True) == set()
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        await ann.put(f"/rooms/{secret}/state/m.room.encryption", content)
        assert await shown(ann, is_encrypted=True) == {secret}
        assert await shown(ann, is_encrypted=False) == {clear}


@IS_FINAL
async def test_an_invitation_shows_what_a_person_may_know_and_is_told_once(is_final: bool) -> None:
    async with World(**OPEN) as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await create(ann, name="tea", invite=[bob.user_id])
        client = Client(bob, {"lists": a_list(filters={"is_invite": True})}, is_final)
        room = (await client.sync())["rooms"][room_id]
        assert (room["membership"], "timeline" in room, "name" in room) == ("invite", False, False)
        stripped = room["stripped_state" if is_final else "invite_state"]
        assert {"m.room.name", "m.room.member"} <= {event["type"] for event in stripped}
        await say(ann, room_id)
        assert (await client.sync())["rooms"] == {}


async def test_a_strangers_invitation_shows_none_of_their_words() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await create(ann, name="BUY NOW", invite=[bob.user_id])
        answer = await Client(bob, {"lists": a_list()}).sync()
        assert answer["rooms"][room_id]["membership"] == "invite"
        assert b"BUY NOW" not in answer.raw


async def test_invitations_of_ignored_people_are_not_there() -> None:
    async with World(**OPEN) as world:
        ann, bob = await world.people("ann", "bob")
        path = f"/user/{bob.user_id}/account_data/m.ignored_user_list"
        await bob.put(path, {"ignored_users": {ann.user_id: {}}})
        room_id = await create(ann, invite=[bob.user_id])
        wanted = {room_id: {"timeline_limit": 1, "required_state": []}}
        client = Client(bob, {"lists": a_list(), "room_subscriptions": wanted})
        answer = await client.sync()
        assert (answer["rooms"], answer["lists"]["all"]["count"]) == ({}, 0)


async def test_who_was_removed_sees_it_and_nothing_that_came_after() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(bob, {"lists": a_list(state=[["*", "*"]])})
        await client.sync()
        await ann.post(f"/rooms/{room_id}/kick", {"user_id": bob.user_id})
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "secret"})
        after = await say(ann, room_id)
        for asker in (client, Client(bob, client.asks)):
            answer = await asker.sync()
            assert answer["rooms"][room_id]["membership"] == "leave"
            assert ("m.room.member", bob.user_id) in state_of(answer, room_id)
            assert b"secret" not in answer.raw
            assert after.encode() not in answer.raw
            assert (await asker.sync())["rooms"] == {}


async def test_rooms_that_one_left_oneself_are_not_listed_and_who_was_never_in_sees_no_ban() -> (
    None
):
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        left, banned = await room_of(ann, bob), await create(ann)
        await bob.post(f"/rooms/{left}/leave")
        await ann.post(f"/rooms/{banned}/ban", {"user_id": bob.user_id})
        assert await shown(bob) == set()


async def test_a_room_of_others_cannot_be_subscribed_to() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await create(ann, preset="public_chat")
        wanted = {each: {"timeline_limit": 1, "required_state": []} for each in (room_id, "!no")}
        answer = await Client(bob, {"room_subscriptions": wanted}).sync()
        assert answer["rooms"] == {}


async def test_a_pos_is_good_for_nobody_else_and_for_no_other_connection() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        client = Client(ann, {"lists": a_list(), "conn_id": "one"})
        await client.sync()
        for other in (
            Client(bob, client.asks),
            Client(await ann.another_device(), client.asks),
            Client(ann, {**client.asks, "conn_id": "two"}),
        ):
            assert (await other.ask(client.pos)).refusal == (400, "M_UNKNOWN_POS")
        assert (await client.ask(client.pos)).status == 200


@pytest.mark.parametrize("pos", ["", "7", "7/s1_0_0_0", "x/s1", "7/s999999999_0", "7/t1", "7/s1"])
async def test_a_pos_that_is_not_known_is_refused(pos: str) -> None:
    async with World() as world:
        ann = await world.person("ann")
        client = Client(ann, {"lists": a_list()}, is_final=True)
        assert (await client.ask(pos)).refusal == (400, "M_UNKNOWN_POS")


@pytest.mark.parametrize(
    "body",
    [
        {"lists": []},
        {"lists": {"a": 1}},
        {"lists": {"a": {"timeline_limit": -1, "required_state": []}}},
        {"lists": {"a": {"timeline_limit": 1, "required_state": [["m.room.name"]]}}},
        {"lists": {"a": {"timeline_limit": 1, "required_state": {"include": [1]}}}},
        {"lists": {"a": {"timeline_limit": 1, "required_state": [], "ranges": [[2, 1]]}}},
        {"lists": {"a": {"timeline_limit": 1, "required_state": [], "filters": 3}}},
        {"lists": {f"l{n}": {"timeline_limit": 1, "required_state": []} for n in range(101)}},
        {"room_subscriptions": {f"!{n}": {} for n in range(101)}},
        {"conn_id": 7},
        {"pos": 7},
        {"set_presence": "absent"},
        {"extensions": {"typing": True}},
        {"extensions": {"to_device": {"enabled": True, "since": "soon"}}},
        {"timeout": "long"},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    async with World() as world:
        ann = await world.person("ann")
        client = Client(ann, body, is_final=True)
        pos = body.get("pos")
        client.asks = {key: value for key, value in body.items() if key != "timeout"}
        answer = await ann.post("/_matrix/client/v4/sync", {"pos": pos, **body} if pos else body)
        assert answer.refusal == (400, "M_INVALID_PARAM")


async def test_the_connections_of_a_device_are_bounded_and_go_with_it() -> None:
    async with World() as world:
        ann = await world.person("ann")
        clients = [Client(ann, {"conn_id": f"c{number}"}) for number in range(11)]
        for client in clients:
            await client.sync()
            world.clock.advance(1000)
        await world.restart()
        assert (await clients[0].ask(clients[0].pos)).refusal == (400, "M_UNKNOWN_POS")
        assert (await clients[1].ask(clients[1].pos)).status == 200
        await ann.post("/logout")
        rows = await world.store.read(lambda tx: tx.all("SELECT conn_id FROM sliding_connections"))
        assert rows == []


async def test_who_begins_anew_all_the_time_is_told_to_wait() -> None:
    async with World() as world:
        ann = await world.person("ann")
        client = Client(ann)
        for _ in range(60):
            await client.ask(None)
        assert (await client.ask(None)).refusal == (429, "M_LIMIT_EXCEEDED")
        world.clock.advance(2000)
        client.pos = (await client.ask(None))["pos"]
        for _ in range(10):
            await client.sync()
