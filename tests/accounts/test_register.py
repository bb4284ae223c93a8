"""Registering: an invitation becomes an account, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from privity.accounts.invite import invite
from tests.tables import tables
from tests.world import PASSWORD, Answer, World

STAGE = {"type": "m.login.registration_token"}
VALIDITY = "/_matrix/client/v1/register/m.login.registration_token/validity"


async def token_for(world: World, address: str = "ann@example.org") -> str:
    return (await invite(world.house, address)).token


async def register(world: World, token: str | None, username: str = "ann", **more: Any) -> Answer:
    auth = {} if token is None else {"type": "m.login.registration_token", "token": token}
    body = {"username": username, "password": PASSWORD, "auth": auth, **more}
    return await world.request("POST", "/register", body)


async def test_an_invited_person_registers_and_is_logged_in(world: World) -> None:
    answer = await register(world, await token_for(world), device_id="PHONE")
    assert answer.status == 200
    assert (answer["user_id"], answer["device_id"]) == ("@ann:privity.test", "PHONE")
    who = await world.request("GET", "/account/whoami", token=answer["access_token"])
    assert who.body == {
        "user_id": "@ann:privity.test",
        "device_id": "PHONE",
        "is_guest": False,
    }


async def test_a_request_without_proof_is_told_what_to_prove(world: World) -> None:
    answer = await world.request("POST", "/register", {})
    assert answer.status == 401
    assert answer["flows"] == [{"stages": ["m.login.registration_token", "m.login.dummy"]}]
    assert answer["session"]
    assert answer.errcode is None


async def test_the_session_that_was_asked_with_goes_on(world: World) -> None:
    session = (await world.request("POST", "/register", {}))["session"]
    token = await token_for(world)
    shown = await register(world, None, auth={**STAGE, "token": token, "session": session})
    assert (shown.status, shown.errcode, shown["session"]) == (401, None, session)
    assert shown["completed"] == ["m.login.registration_token"]
    done = await register(world, None, auth={"type": "m.login.dummy", "session": session})
    assert (done.status, done["user_id"]) == (200, "@ann:privity.test")
    assert (await register(world, token, "ben")).refusal == (401, "M_FORBIDDEN")


async def test_a_session_goes_on_for_nobody_but_who_showed_an_invitation_in_it(
    world: World,
) -> None:
    sessions = [(await world.request("POST", "/register", {}))["session"] for _ in range(2)]
    auth = {**STAGE, "token": await token_for(world), "session": sessions[0]}
    assert (await register(world, None, auth=auth)).status == 401
    auth = {"type": "m.login.dummy", "session": sessions[1]}
    assert (await register(world, None, auth=auth)).refusal == (401, "M_FORBIDDEN")
    auth = {"type": "m.login.dummy", "session": sessions[0]}
    assert (await register(world, None, auth=auth)).status == 200
    assert (await register(world, None, "ben", auth=auth)).refusal == (401, "M_FORBIDDEN")


async def test_an_invitation_that_was_shown_ends_by_itself_too(world: World) -> None:
    world.clock.advance(world.house.config.invitation_lifetime_ms)
    token = await token_for(world)
    world.clock.advance(world.house.config.invitation_lifetime_ms - 1)
    session = (await world.request("POST", "/register", {}))["session"]
    await register(world, None, auth={**STAGE, "token": token, "session": session})
    world.clock.advance(1)
    late = await register(world, None, auth={"type": "m.login.dummy", "session": session})
    assert late.refusal == (401, "M_FORBIDDEN")


async def test_an_invitation_is_good_once(world: World) -> None:
    token = await token_for(world)
    assert (await register(world, token, "ann")).status == 200
    again = await register(world, token, "bob")
    assert again.refusal == (401, "M_FORBIDDEN")
    assert again["flows"]


async def test_of_two_who_race_with_one_invitation_one_registers(world: World) -> None:
    token = await token_for(world)
    answers = await asyncio.gather(*(register(world, token, name) for name in ("ann", "bob")))
    assert sorted(answer.status for answer in answers) == [200, 401]
    listed = await world.store.read(lambda tx: tx.all("SELECT user_id FROM accounts"))
    assert len(listed) == 1


async def test_of_two_who_race_for_one_name_one_registers_and_the_other_keeps_the_invitation(
    world: World,
) -> None:
    tokens = [await token_for(world), await token_for(world)]
    answers = await asyncio.gather(*(register(world, token) for token in tokens))
    assert sorted(answer.status for answer in answers) == [200, 400]
    unlucky = tokens[[answer.status for answer in answers].index(400)]
    assert (await register(world, unlucky, "ann2")).status == 200


async def test_an_invitation_ends_by_itself(world: World) -> None:
    token = await token_for(world)
    world.clock.advance(world.house.config.invitation_lifetime_ms)
    assert (await register(world, token)).refusal == (401, "M_FORBIDDEN")


async def test_an_invitation_that_was_never_made_is_refused(world: World) -> None:
    assert (await register(world, "pvi_guessed")).refusal == (401, "M_FORBIDDEN")


async def test_a_dummy_proof_is_none_where_people_are_invited(world: World) -> None:
    answer = await register(world, None, auth={"type": "m.login.dummy"})
    assert answer.refusal == (401, "M_FORBIDDEN")


async def test_whether_an_invitation_is_good_can_be_asked(world: World) -> None:
    token = await token_for(world)

    async def is_valid(asked: str) -> bool:
        answer = await world.request("GET", VALIDITY, query={"token": asked})
        return bool(answer["valid"])

    assert await is_valid(token)
    assert not await is_valid("pvi_guessed")
    await register(world, token)
    assert not await is_valid(token)


async def test_the_account_is_bound_to_the_invited_address(world: World) -> None:
    await register(world, await token_for(world, "Ann.Doe@Example.ORG"))
    row = await world.store.read(lambda tx: tx.one("SELECT address, is_admin FROM accounts"))
    assert row == ("Ann.Doe@example.org", 0)


async def test_an_administrators_invitation_makes_an_administrator(world: World) -> None:
    await world.person("ann", admin=True)
    row = await world.store.read(lambda tx: tx.one("SELECT is_admin FROM accounts"))
    assert row == (1,)


async def test_capitals_in_a_user_name_become_small_letters(world: World) -> None:
    answer = await register(world, await token_for(world), "Ann-UPPER")
    assert answer["user_id"] == "@ann-upper:privity.test"


async def test_who_names_nothing_is_given_a_name(world: World) -> None:
    token = await token_for(world)
    auth = {"type": "m.login.registration_token", "token": token}
    answer = await world.request("POST", "/register", {"password": PASSWORD, "auth": auth})
    assert answer.status == 200
    assert answer["user_id"].endswith(":privity.test")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"username": "an n"}, (400, "M_INVALID_USERNAME")),
        ({"username": "änn"}, (400, "M_INVALID_USERNAME")),
        ({"username": "a" * 250}, (400, "M_INVALID_USERNAME")),
        ({"username": "ann:elsewhere"}, (400, "M_INVALID_USERNAME")),
        ({"username": ["ann"]}, (400, "M_BAD_JSON")),
        ({"username": "bob"}, (400, "M_USER_IN_USE")),
        ({"username": "BOB"}, (400, "M_USER_IN_USE")),
        ({"password": "short"}, (400, "M_WEAK_PASSWORD")),
        ({"password": "x" * 513}, (400, "M_INVALID_PARAM")),
        ({"password": None}, (400, "M_MISSING_PARAM")),
        ({"device_id": ""}, (400, "M_INVALID_PARAM")),
        ({"device_id": "a\u0000b"}, (400, "M_INVALID_PARAM")),
        ({"initial_device_display_name": "a\nb"}, (400, "M_INVALID_PARAM")),
        ({"initial_device_display_name": "x" * 101}, (400, "M_INVALID_PARAM")),
        ({"auth": "m.login.dummy"}, (400, "M_BAD_JSON")),
        ({"auth": {"type": ["m.login.dummy"]}}, (401, "M_UNRECOGNIZED")),
        ({"auth": {"type": "m.login.registration_token"}}, (400, "M_BAD_JSON")),
        ({"auth": {"type": "m.login.password"}}, (401, "M_UNRECOGNIZED")),
        ({"auth": {"session": 1}}, (400, "M_BAD_JSON")),
        ({"auth": {"session": "1.x"}}, (401, "M_FORBIDDEN")),
    ],
)
async def test_a_registration_is_refused(
    world: World, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await world.person("bob")
    token = await token_for(world)
    assert (await register(world, token, **body)).refusal == refusal
    assert (await register(world, token, "ann")).status == 200  # the invitation is still good


@pytest.mark.parametrize("kind", ["guest", "ghost"])
async def test_there_are_no_guests(world: World, kind: str) -> None:
    answer = await world.request("POST", "/register", {}, query={"kind": kind})
    expected = {"guest": (403, "M_GUEST_ACCESS_FORBIDDEN"), "ghost": (400, "M_INVALID_PARAM")}
    assert answer.refusal == expected[kind]


async def test_who_does_not_log_in_gets_no_token(world: World) -> None:
    answer = await register(world, await token_for(world), inhibit_login=True)
    assert answer.body == {"user_id": "@ann:privity.test"}
    rows = await world.store.read(lambda tx: tx.all("SELECT 1 FROM access_tokens"))
    assert rows == []


async def test_whether_a_name_is_free_can_be_asked(world: World) -> None:
    async def asked(name: str) -> Answer:
        return await world.request("GET", "/register/available", query={"username": name})

    assert (await asked("ann")).body == {"available": True}
    await world.person("ann")
    assert (await asked("Ann")).refusal == (400, "M_USER_IN_USE")
    assert (await asked("a b")).refusal == (400, "M_INVALID_USERNAME")
    nameless = await world.request("GET", "/register/available")
    assert nameless.refusal == (400, "M_MISSING_PARAM")


async def test_who_asks_too_often_waits(world: World) -> None:
    answers = [await world.request("POST", "/register", {}) for _ in range(31)]
    assert [answer.status for answer in answers] == [401] * 30 + [429]
    assert answers[-1]["retry_after_ms"] > 0
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_session_that_began_in_time_goes_on_for_a_few_requests(world: World) -> None:
    asked = [await world.request("POST", "/register", {}) for _ in range(30)]
    auth = {"type": "m.login.dummy", "session": asked[-1]["session"]}
    answers = [await register(world, None, auth=auth) for _ in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert (await world.request("POST", "/register", {})).status == 429


async def test_asking_leaves_nothing_in_the_database(world: World) -> None:
    before = world.store.pos
    await world.request("POST", "/register", {})
    assert world.store.pos == before


async def test_an_open_server_takes_anybody_in_one_request() -> None:
    async with World(unsafe_open_registration=True) as world:
        asked = await world.request("POST", "/register", {"username": "ann", "password": "pw"})
        assert {"stages": ["m.login.dummy"]} in asked["flows"]
        answer = await register(world, None, auth={"type": "m.login.dummy"}, password="pw")
        assert answer.status == 200
        invited = await register(world, await token_for(world), "bob")
        assert invited.status == 200


async def test_tokens_passwords_and_invitations_are_not_in_the_database(world: World) -> None:
    token = await token_for(world)
    answer = await register(world, token, refresh_token=True)
    kept = await world.store.read(
        lambda tx: repr([tx.all(f"SELECT * FROM {table}") for table in tables()])
    )
    secrets = (token, answer["access_token"], answer["refresh_token"], PASSWORD)
    assert [secret for secret in secrets if secret in kept] == []
    assert "@ann:privity.test" in kept
