"""Profiles: one's own to set, and the same name in every room."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World

ANN = "/profile/@ann:privity.test"
AVATAR = "mxc://privity.test/abc"


async def test_a_fresh_person_shows_the_name_in_their_id(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get(ANN)).body == {"displayname": "ann"}
    assert (await ann.get(f"{ANN}/displayname")).body == {"displayname": "ann"}
    assert (await ann.get(f"{ANN}/avatar_url")).body == {}


async def test_a_profile_is_set_and_seen_by_others(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    assert (await ann.put(f"{ANN}/displayname", {"displayname": "Ann Doe"})).body == {}
    assert (await ann.put(f"{ANN}/avatar_url", {"avatar_url": AVATAR})).body == {}
    assert (await bob.get(ANN)).body == {"displayname": "Ann Doe", "avatar_url": AVATAR}


async def test_a_new_name_shows_in_every_room(world: World) -> None:
    ann = await world.person("ann")
    rooms = [(await ann.post("/createRoom", {}))["room_id"] for _ in range(2)]
    await ann.put(f"{ANN}/displayname", {"displayname": "Ann Doe"})
    for room_id in rooms:
        member = await ann.get(f"/rooms/{room_id}/state/m.room.member/{ann.user_id}")
        assert (member["displayname"], member["membership"]) == ("Ann Doe", "join")


@pytest.mark.parametrize("name", ["displayname", "avatar_url"])
async def test_a_field_is_taken_away_again(world: World, name: str) -> None:
    ann = await world.person("ann")
    value = {"displayname": "Ann Doe", "avatar_url": AVATAR}[name]
    for how in ("delete", "empty"):
        await ann.put(f"{ANN}/{name}", {name: value})
        path = f"{ANN}/{name}"
        await (ann.delete(path) if how == "delete" else ann.put(path, {name: ""}))
        assert name not in (await ann.get(ANN)).body


@pytest.mark.parametrize(
    ("field", "body", "refusal"),
    [
        ("displayname", {}, (400, "M_MISSING_PARAM")),
        ("displayname", {"displayname": 7}, (400, "M_BAD_JSON")),
        ("displayname", {"displayname": "x" * 256}, (400, "M_PROFILE_TOO_LARGE")),
        ("displayname", {"displayname": "Ann\u0000"}, (400, "M_INVALID_PARAM")),
        ("displayname", {"displayname": "Ann\n(admin)"}, (400, "M_INVALID_PARAM")),
        ("avatar_url", {"avatar_url": "https://tracker.test/a.png"}, (400, "M_INVALID_PARAM")),
        (
            "avatar_url",
            {"avatar_url": "mxc://privity.test/" + "x" * 1000},
            (400, "M_PROFILE_TOO_LARGE"),
        ),
        ("m.tz", {"m.tz": "meet me at the old bridge"}, (400, "M_INVALID_PARAM")),
        ("m.tz", {"m.tz": "x" * 65}, (400, "M_PROFILE_TOO_LARGE")),
        ("m.tz", {"m.tz": None}, (400, "M_BAD_JSON")),
        ("m.tz", b"", (400, "M_NOT_JSON")),
        ("mood", {"mood": "fine"}, (400, "M_INVALID_PARAM")),
        ("org.example." + "x" * 250, {}, (400, "M_KEY_TOO_LARGE")),
        ("org.example.mood", {"org.example.mood": "fine"}, (403, "M_FORBIDDEN")),
    ],
)
async def test_a_field_is_refused(
    world: World, field: str, body: Any, refusal: tuple[int, str]
) -> None:
    ann = await world.person("ann")
    assert (await ann.put(f"{ANN}/{field}", body)).refusal == refusal
    assert (await ann.get(ANN)).body == {"displayname": "ann"}


async def test_nobody_sets_somebody_elses_profile(world: World) -> None:
    await world.person("ann")
    bob = await world.person("bob")
    answer = await bob.put(f"{ANN}/displayname", {"displayname": "Bob's"})
    assert answer.refusal == (403, "M_FORBIDDEN")
    assert (await bob.delete(f"{ANN}/displayname")).refusal == (403, "M_FORBIDDEN")


@pytest.mark.parametrize("who", ["@nobody:privity.test", "@ann:elsewhere.test"])
async def test_who_is_not_here_has_no_profile(world: World, who: str) -> None:
    ann = await world.person("ann")
    assert (await ann.get(f"/profile/{who}")).refusal == (404, "M_NOT_FOUND")
    assert (await ann.get(f"/profile/{who}/displayname")).refusal == (404, "M_NOT_FOUND")


async def test_a_field_that_nobody_set_is_not_found(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get(f"{ANN}/org.example.mood")).refusal == (404, "M_NOT_FOUND")


async def test_strangers_to_the_server_see_no_profile(world: World) -> None:
    await world.person("ann")
    for path in (ANN, f"{ANN}/displayname"):
        assert (await world.request("GET", path)).refusal == (401, "M_MISSING_TOKEN")


async def test_the_capabilities_say_which_fields_can_be_set(world: World) -> None:
    ann = await world.person("ann")
    told = (await ann.get("/capabilities"))["capabilities"]["m.profile_fields"]
    assert told == {"enabled": True, "allowed": ["displayname", "avatar_url", "m.tz"]}


async def test_a_time_zone_is_set_and_taken_away(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    assert (await bob.get(f"{ANN}/m.tz")).refusal == (404, "M_NOT_FOUND")
    await ann.put(f"{ANN}/m.tz", {"m.tz": "America/Argentina/Buenos_Aires"})
    zone = {"m.tz": "America/Argentina/Buenos_Aires"}
    assert (await bob.get(f"{ANN}/m.tz")).body == zone
    assert (await bob.get(ANN)).body == {"displayname": "ann", **zone}
    assert (await ann.delete(f"{ANN}/m.tz")).body == {}
    assert (await ann.delete(f"{ANN}/m.tz")).body == {}
    assert (await bob.get(ANN)).body == {"displayname": "ann"}


async def test_a_server_that_takes_words_takes_any_field() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        values: list[Any] = ["fine", None, 7, {"a": [1.5]}, [], False]
        for value in values:
            path = f"{ANN}/org.example.mood"
            assert (await ann.put(path, {"org.example.mood": value})).body == {}
            assert (await ann.get(path)).body == {"org.example.mood": value}
        told = (await ann.get("/capabilities"))["capabilities"]["m.profile_fields"]
        assert told == {"enabled": True}


async def test_a_profile_is_less_than_64_kib() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        for number in range(6):
            field, value = f"org.example.f{number}", "x" * 10_000
            assert (await ann.put(f"{ANN}/{field}", {field: value})).status == 200
        answer = await ann.put(f"{ANN}/org.example.f6", {"org.example.f6": "x" * 10_000})
        assert answer.refusal == (400, "M_PROFILE_TOO_LARGE")
        assert (await ann.get(f"{ANN}/org.example.f6")).status == 404


async def test_an_open_directory_tells_profiles_to_everybody() -> None:
    async with World(unsafe_open_directory=True) as world:
        await world.person("ann")
        assert (await world.request("GET", ANN)).body == {"displayname": "ann"}
        field = await world.request("GET", f"{ANN}/displayname")
        assert field.body == {"displayname": "ann"}
