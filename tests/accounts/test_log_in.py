"""Logging in: who knows the password, and nobody else, learns anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher

from privity.accounts import passwords
from privity.accounts.lock import set_locked
from privity.store import accounts
from tests.world import PASSWORD, Answer, Person, World

WRONG = (403, "M_FORBIDDEN")


async def log_in(world: World, user: str = "ann", **more: Any) -> Answer:
    identifier = {"type": "m.id.user", "user": user}
    body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD, **more}
    return await world.request("POST", "/login", body)


async def is_alive(person: Person) -> bool:
    return (await person.get("/account/whoami")).status == 200


async def test_log_in_is_by_password_or_by_a_token_of_another_device(world: World) -> None:
    flows = (await world.request("GET", "/login"))["flows"]
    by_token = {"type": "m.login.token", "get_login_token": True}
    assert flows == [{"type": "m.login.password"}, by_token]


@pytest.mark.parametrize("user", ["ann", "Ann", "@ann:privity.test", "@ANN:privity.test"])
async def test_a_person_is_found_by_localpart_or_id_in_any_case(world: World, user: str) -> None:
    await world.person("ann")
    answer = await log_in(world, user)
    assert (answer.status, answer["user_id"]) == (200, "@ann:privity.test")


async def test_old_clients_name_the_user_beside_the_password(world: World) -> None:
    await world.person("ann")
    body = {"type": "m.login.password", "user": "ann", "password": PASSWORD}
    assert (await world.request("POST", "/login", body)).status == 200


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"password": "wrong"}, WRONG),
        ({"user": "bob"}, WRONG),
        ({"user": "@ann:elsewhere.test"}, WRONG),
        ({"user": ""}, WRONG),
        ({"user": "a\u0000b"}, WRONG),
        ({"user": "x" * 300}, WRONG),
        ({"identifier": {"type": "m.id.thirdparty", "medium": "email", "address": "a@b"}}, WRONG),
        ({"identifier": {"type": "m.id.phone", "country": "GB", "phone": "1"}}, WRONG),
        ({"identifier": {"type": "m.id.face"}}, (400, "M_UNKNOWN")),
        ({"identifier": {"type": "m.id.user"}}, (400, "M_MISSING_PARAM")),
        ({"identifier": {}}, (400, "M_MISSING_PARAM")),
        ({"type": "m.login.token"}, (400, "M_MISSING_PARAM")),
        ({"type": "m.login.sso"}, (400, "M_UNKNOWN")),
        ({"type": None}, (400, "M_MISSING_PARAM")),
        ({"password": None}, (400, "M_MISSING_PARAM")),
        ({"password": 7}, (400, "M_BAD_JSON")),
        ({"password": "x" * 100_000}, WRONG),
        ({"device_id": "a b"}, (400, "M_INVALID_PARAM")),
    ],
)
async def test_a_log_in_is_refused(
    world: World, more: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await world.person("ann")
    assert (await log_in(world, **more)).refusal == refusal


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(world: World) -> None:
    await world.person("ann")
    wrong = await log_in(world, "ann", password="wrong")
    unknown = await log_in(world, "bob")
    assert (wrong.status, wrong.raw) == (unknown.status, unknown.raw)


async def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = []
    real = passwords._FAST

    class Counting:
        def hash(self, password: str) -> str:
            worked.append("hash")
            return str(real.hash(password))

        def verify(self, known: str, password: str) -> bool:
            worked.append("verify")
            return bool(real.verify(known, password))

    await world.person("ann")
    monkeypatch.setattr(passwords, "_FAST", Counting())
    await log_in(world, "ann", password="wrong")
    await log_in(world, "bob", password="wrong")
    assert worked == ["verify", "hash"]


async def test_a_device_that_logs_in_again_has_its_new_token_only(world: World) -> None:
    phone = await world.person("ann", device_id="PHONE")
    again = await phone.another_device("PHONE")
    assert again.device_id == "PHONE"
    assert await is_alive(again)
    assert not await is_alive(phone)
    listed = await again.get("/devices")
    assert [device["device_id"] for device in listed["devices"]] == ["PHONE"]


async def test_another_device_leaves_the_first_alone(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    assert laptop.device_id != phone.device_id
    assert await is_alive(phone)
    assert await is_alive(laptop)


async def test_of_many_who_log_in_on_one_device_at_once_one_token_lives(world: World) -> None:
    await world.person("ann")
    answers = await asyncio.gather(*(log_in(world, device_id="PHONE") for _ in range(5)))
    whos = [
        await world.request("GET", "/account/whoami", token=answer["access_token"])
        for answer in answers
    ]
    assert sorted(who.status for who in whos) == [200, 401, 401, 401, 401]


async def test_a_device_keeps_the_name_that_it_has(world: World) -> None:
    await world.person("ann", device_id="PHONE", initial_device_display_name="My phone")
    again = await log_in(world, device_id="PHONE", initial_device_display_name="Other")
    device = await world.request("GET", "/devices/PHONE", token=again["access_token"])
    assert device["display_name"] == "My phone"


async def test_a_locked_account_is_told_so_if_it_knows_its_password(world: World) -> None:
    ann = await world.person("ann")
    await set_locked(world.house, ann.user_id, is_locked=True)
    told = await log_in(world)
    assert told.refusal == (401, "M_USER_LOCKED")
    assert told["soft_logout"] is True
    assert (await log_in(world, password="wrong")).refusal == WRONG


async def test_who_guesses_is_slowed_down_by_account_whatever_the_address(world: World) -> None:
    await world.person("ann")
    body = {"type": "m.login.password", "user": "ann", "password": "wrong"}
    statuses = [
        (await world.request("POST", "/login", body, address=f"192.0.2.{n}")).status
        for n in range(12)
    ]
    assert statuses == [403] * 10 + [429] * 2
    world.clock.advance(10_000)
    assert (await log_in(world)).status == 200


async def test_who_guesses_is_slowed_down_by_address_whatever_the_account(world: World) -> None:
    statuses = [(await log_in(world, f"user{n}")).status for n in range(52)]
    assert statuses == [403] * 50 + [429] * 2


async def test_a_password_of_other_parameters_is_hashed_anew(world: World) -> None:
    ann = await world.person("ann")
    other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    await world.store.write(lambda tx: accounts.set_password(tx, ann.user_id, other))
    assert (await log_in(world)).status == 200
    account = await world.store.read(lambda tx: accounts.by_id(tx, ann.user_id))
    assert account is not None
    assert "t=1" in str(account.password_hash)
    assert (await log_in(world)).status == 200


async def test_a_password_is_the_same_however_a_keyboard_composes_it(world: World) -> None:
    await world.person("ann", password="caf\u00e9 noir")
    assert (await log_in(world, password="cafe\u0301 noir")).status == 200


async def test_the_hash_of_a_password_is_dear_unless_the_operator_says_otherwise() -> None:
    async with World(unsafe_fast_password_hash=False) as world:
        ann = await world.person("ann")
        account = await world.store.read(lambda tx: accounts.by_id(tx, ann.user_id))
        assert account is not None
        assert str(account.password_hash).startswith("$argon2id$v=19$m=65536,t=3,p=1$")
        assert (await log_in(world)).status == 200
        assert (await log_in(world, password="wrong")).refusal == WRONG


async def test_no_device_is_called_like_a_cross_signing_key(world: World) -> None:
    ann = await world.person("ann")
    await world.store.write(
        lambda tx: tx.run(
            "INSERT INTO cross_signing_keys (user_id, usage, keys) VALUES (?, 'master', ?)",
            ann.user_id,
            b'{"keys":{"ed25519:PUBLICKEY":"PUBLICKEY"}}',
        )
    )
    assert (await log_in(world, device_id="PUBLICKEY")).refusal == WRONG


async def test_a_session_that_was_begun_outlives_a_restart(world: World) -> None:
    ann = await world.person("ann")
    await world.restart()
    assert await is_alive(ann)
