"""Guests: none by default; where the operator wants them, what the specification lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.world import PASSWORD, START_MS, Answer, Person, World

NO_GUESTS = (403, "M_GUEST_ACCESS_FORBIDDEN")
OPEN = {"guest_access": "can_join"}
DUMMY = {"type": "m.login.dummy"}


@pytest.fixture
async def open_world() -> AsyncIterator[World]:
    """A server that has guests."""
    async with World(unsafe_guests=True, unsafe_open_registration=True) as world:
        yield world


async def guest(world: World) -> Person:
    answer = await world.request("POST", "/register", {}, query={"kind": "guest"})
    assert answer.status == 200, answer.body
    return Person(world, answer["user_id"], answer["device_id"], answer["access_token"])


async def room_of(person: Person, guest_access: str = "can_join") -> str:
    creation = {"preset": "public_chat"}
    room_id = str((await person.post("/createRoom", creation))["room_id"])
    await allow(person, room_id, guest_access)
    return room_id


async def allow(person: Person, room_id: str, guest_access: str) -> None:
    path = f"/rooms/{room_id}/state/m.room.guest_access"
    assert (await person.put(path, {"guest_access": guest_access})).status == 200


async def membership(person: Person, room_id: str, of: Person) -> Any:
    return (await person.get(f"/rooms/{room_id}/state/m.room.member/{of.user_id}"))["membership"]


async def test_there_are_none_by_default(world: World) -> None:
    answer = await world.request("POST", "/register", {}, query={"kind": "guest"})
    assert answer.refusal == NO_GUESTS
    body = {"username": "ann", "password": PASSWORD, "guest_access_token": "x", "auth": DUMMY}
    assert (await world.request("POST", "/register", body)).refusal == NO_GUESTS


async def test_a_guest_joins_rooms_that_let_guests_in_and_no_others(open_world: World) -> None:
    ann, visitor = await open_world.person("ann"), await guest(open_world)
    assert (await visitor.get("/account/whoami"))["is_guest"] is True
    closed, open_ = await room_of(ann, "forbidden"), await room_of(ann)
    assert (await visitor.post(f"/join/{closed}", {})).refusal == NO_GUESTS
    own = f"/rooms/{closed}/state/m.room.member/{visitor.user_id}"
    assert (await visitor.put(own, {"membership": "join"})).refusal == NO_GUESTS
    assert (await visitor.post(f"/rooms/{open_}/join", {})).status == 200
    message = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "c", "session_id": "s"}
    sent = await visitor.put(f"/rooms/{open_}/send/m.room.encrypted/1", message)
    assert sent.status == 200
    assert (await visitor.get("/sync"))["rooms"]["join"][open_]
    assert (await visitor.get(f"/rooms/{open_}/initialSync")).status == 200


async def test_a_room_that_lets_guests_in_no_more_has_none(open_world: World) -> None:
    ann, visitor = await open_world.person("ann"), await guest(open_world)
    room_id = await room_of(ann)
    await visitor.post(f"/rooms/{room_id}/join", {})
    assert await membership(ann, room_id, visitor) == "join"
    await allow(ann, room_id, "forbidden")
    assert await membership(ann, room_id, visitor) == "leave"
    assert await membership(ann, room_id, ann) == "join"


async def test_a_guest_may_do_nothing_that_is_not_listed(open_world: World) -> None:
    visitor = await guest(open_world)
    avatar = {"avatar_url": "mxc://privity.test/a"}
    profile = f"/profile/{visitor.user_id}"
    for answer in (
        await visitor.post("/createRoom", {}),
        await visitor.put(f"{profile}/avatar_url", avatar),
        await visitor.post("/_matrix/media/v3/upload", b"x"),
        await visitor.put(f"/user/{visitor.user_id}/account_data/org.example", {}),
        await visitor.post("/user_directory/search", {"search_term": "a"}),
        await visitor.post("/account/password", {}),
        await visitor.get("/joined_rooms"),
    ):
        assert answer.refusal == NO_GUESTS
    assert (await visitor.get(f"{profile}/displayname")).body == {}
    assert (await visitor.put(f"{profile}/displayname", {"displayname": "Guest"})).status == 200
    assert (await visitor.get(profile)).body == {"displayname": "Guest"}
    assert (await visitor.delete(f"{profile}/displayname")).status == 200
    assert (await visitor.get("/devices"))["devices"][0]["last_seen_ts"] == START_MS


async def register(world: World, token: str, username: str | None, **more: Any) -> Answer:
    body = {"username": username, "password": PASSWORD, "guest_access_token": token, **more}
    return await world.request("POST", "/register", body)


async def test_a_guest_becomes_a_whole_account_under_their_own_name(open_world: World) -> None:
    ann, visitor = await open_world.person("ann"), await guest(open_world)
    name = visitor.user_id[1:].partition(":")[0]
    room_id = await room_of(ann)
    await visitor.post(f"/rooms/{room_id}/join", {})
    assert (await register(open_world, visitor.token, name)).status == 401
    answer = await register(open_world, visitor.token, name, auth=DUMMY)
    assert (answer.status, answer["user_id"]) == (200, visitor.user_id)
    await allow(ann, room_id, "forbidden")
    assert await membership(ann, room_id, visitor) == "join"
    assert (await visitor.get("/account/whoami"))["is_guest"] is False
    assert (await open_world.log_in(name)).user_id == visitor.user_id
    again = await register(open_world, visitor.token, name, auth=DUMMY)
    assert again.refusal == (403, "M_FORBIDDEN")


async def test_a_guest_becomes_nobody_else(open_world: World) -> None:
    ann, visitor, other = (
        await open_world.person("ann"),
        await guest(open_world),
        await guest(open_world),
    )
    name = visitor.user_id[1:].partition(":")[0]
    forbidden = (403, "M_FORBIDDEN")
    assert (await register(open_world, other.token, name, auth=DUMMY)).refusal == forbidden
    assert (await register(open_world, other.token, "ann", auth=DUMMY)).refusal == forbidden
    assert (await register(open_world, ann.token, "ann", auth=DUMMY)).refusal == forbidden
    nameless = await register(open_world, other.token, None, auth=DUMMY)
    assert nameless.refusal == (400, "M_MISSING_PARAM")
