"""Pushers: set, changed, taken back, and gone with their device."""

from __future__ import annotations

from typing import Any

import pytest

from privity.store.pushers import MOST_OF_ONE
from tests.world import Person, World

URL = "https://push.example.org/_matrix/push/v1/notify"
PHONE = {
    "kind": "http",
    "app_id": "org.example.app",
    "pushkey": "key",
    "app_display_name": "App",
    "device_display_name": "Phone",
    "lang": "en",
    "data": {"url": URL, "format": "event_id_only", "brand": "x"},
}


async def set_pusher(person: Person, **changed: Any) -> tuple[int, str | None]:
    """Ask for a pusher like `PHONE`; a value of `...` leaves its member out."""
    body = {name: value for name, value in {**PHONE, **changed}.items() if value is not ...}
    return (await person.post("/pushers/set", body)).refusal


async def keys_of(person: Person) -> list[str]:
    return [pusher["pushkey"] for pusher in (await person.get("/pushers"))["pushers"]]


async def test_a_pusher_is_told_as_it_was_set(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get("/pushers")).body == {"pushers": []}
    assert await set_pusher(ann) == (200, None)
    assert (await ann.get("/pushers"))["pushers"] == [PHONE]
    assert await set_pusher(ann, lang="de", profile_tag="x") == (200, None)
    assert (await ann.get("/pushers"))["pushers"] == [{**PHONE, "lang": "de", "profile_tag": "x"}]


async def test_a_kind_of_null_takes_it_back(world: World) -> None:
    ann = await world.person("ann")
    await set_pusher(ann)
    gone = {"kind": None, "app_id": PHONE["app_id"], "pushkey": PHONE["pushkey"]}
    for _ in range(2):
        assert (await ann.post("/pushers/set", gone)).body == {}
        assert await keys_of(ann) == []


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        *(({name: ...}, "M_MISSING_PARAM") for name in PHONE),
        ({"data": {"format": "event_id_only"}}, "M_MISSING_PARAM"),
        ({"app_id": "a" * 65}, "M_INVALID_PARAM"),
        ({"pushkey": "ä" * 257}, "M_INVALID_PARAM"),
        ({"pushkey": "a\x00b"}, "M_INVALID_PARAM"),
        ({"kind": "email"}, "M_INVALID_PARAM"),
        ({"lang": "e" * 257}, "M_INVALID_PARAM"),
        ({"data": {"url": URL, "more": "x" * 4096}}, "M_INVALID_PARAM"),
        ({"data": {"url": "https://push.example.org/notify"}}, "M_INVALID_PARAM"),
        ({"data": {"url": "http://push.example.org/_matrix/push/v1/notify"}}, "M_INVALID_PARAM"),
        ({"data": {"url": "https://10.0.0.1/_matrix/push/v1/notify"}}, "M_INVALID_PARAM"),
        ({"data": "words"}, "M_BAD_JSON"),
        ({"append": "yes"}, "M_BAD_JSON"),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, changed: dict[str, Any], errcode: str
) -> None:
    ann = await world.person("ann")
    assert await set_pusher(ann, **changed) == (400, errcode)
    assert await keys_of(ann) == []


async def test_a_key_is_the_last_ones_who_set_it_unless_they_append(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    await set_pusher(ann)
    await set_pusher(bob, append=True)
    assert await keys_of(ann) == await keys_of(bob) == ["key"]
    await set_pusher(bob, append=False)
    assert (await keys_of(ann), await keys_of(bob)) == ([], ["key"])


async def test_a_pusher_ends_with_the_device_that_set_it_last(world: World) -> None:
    ann = await world.person("ann")
    phone = await ann.another_device()
    await set_pusher(phone)
    await set_pusher(phone, pushkey="other")
    await set_pusher(ann)
    await phone.post("/logout")
    assert await keys_of(ann) == ["key"]


async def test_another_password_leaves_the_pushers_of_the_device_that_set_it(world: World) -> None:
    ann = await world.person("ann")
    phone = await ann.another_device()
    await set_pusher(ann)
    await set_pusher(phone, pushkey="phone")
    body = {"new_password": "another long password", "auth": ann.auth()}
    assert (await ann.post("/account/password", body)).status == 200
    assert await keys_of(ann) == ["key"]


async def test_a_person_has_so_many_pushers_and_the_newest_stay() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann = await world.person("ann")
        for number in range(MOST_OF_ONE + 1):
            assert await set_pusher(ann, pushkey=f"key{number}") == (200, None)
        kept = await keys_of(ann)
    assert len(kept) == MOST_OF_ONE
    assert "key0" not in kept


async def test_only_the_gateways_that_the_operator_named_are_taken() -> None:
    async with World(push_gateways="push.example.org, http://127.0.0.1:5000") as world:
        ann = await world.person("ann")
        for url, status in (
            (URL, 200),
            ("http://127.0.0.1:5000/_matrix/push/v1/notify", 200),
            ("http://127.0.0.1:5001/_matrix/push/v1/notify", 400),
            ("https://other.example.org/_matrix/push/v1/notify", 400),
            ("http://push.example.org/_matrix/push/v1/notify", 400),
        ):
            assert (await set_pusher(ann, data={"url": url}))[0] == status, url
