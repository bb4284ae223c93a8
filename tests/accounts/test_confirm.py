"""User-interactive authentication: a stolen token alone ends no device and changes no password."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.confirm import LIFETIME_MS
from tests.world import PASSWORD, Answer, Person, World

FORBIDDEN = (401, "M_FORBIDDEN")
SOMETHING_ELSE = (403, "M_FORBIDDEN")


async def end(person: Person, device_id: str, auth: dict[str, Any] | None) -> Answer:
    return await person.delete(f"/devices/{device_id}", {} if auth is None else {"auth": auth})


async def session_for(person: Person, device_id: str) -> str:
    return str((await end(person, device_id, None))["session"])


async def test_a_request_without_proof_is_asked_for_the_password(world: World) -> None:
    ann = await world.person("ann")
    asked = await end(ann, ann.device_id, None)
    assert asked.status == 401
    assert asked["flows"] == [{"stages": ["m.login.password"]}]
    assert (asked["completed"], asked["params"], asked.errcode) == ([], {}, None)
    assert (await ann.get("/account/whoami")).status == 200


async def test_a_session_and_the_password_confirm(world: World) -> None:
    ann = await world.person("ann")
    session = await session_for(ann, ann.device_id)
    assert (await end(ann, ann.device_id, {**ann.auth(), "session": session})).status == 200


async def test_a_password_without_a_session_confirms(world: World) -> None:
    ann = await world.person("ann")
    assert (await end(ann, ann.device_id, ann.auth())).status == 200


async def test_old_clients_name_the_user_beside_the_password(world: World) -> None:
    ann = await world.person("ann")
    auth = {"type": "m.login.password", "user": "ann", "password": PASSWORD}
    assert (await end(ann, ann.device_id, auth)).status == 200


async def test_a_session_alone_is_asked_again_for_the_rest(world: World) -> None:
    ann = await world.person("ann")
    session = await session_for(ann, ann.device_id)
    asked = await end(ann, ann.device_id, {"session": session})
    assert (asked.status, asked.errcode) == (401, None)


@pytest.mark.parametrize(
    ("auth", "refusal"),
    [
        ({"password": "wrong"}, FORBIDDEN),
        ({"identifier": {"type": "m.id.user", "user": "bob"}}, SOMETHING_ELSE),
        ({"identifier": {"type": "m.id.user", "user": "@ann:elsewhere.test"}}, SOMETHING_ELSE),
        ({"password": None}, (400, "M_BAD_JSON")),
        ({"session": "made up"}, SOMETHING_ELSE),
        ({"session": "99999999999999999999.x"}, SOMETHING_ELSE),
        ({"session": "\u0663.x"}, SOMETHING_ELSE),
        ({"session": ""}, SOMETHING_ELSE),
        ({"session": ["x"]}, (400, "M_BAD_JSON")),
        ({"type": "m.login.dummy"}, (401, "M_UNRECOGNIZED")),
        ({"type": "m.login.registration_token"}, (401, "M_UNRECOGNIZED")),
        ({"type": {}}, (401, "M_UNRECOGNIZED")),
    ],
)
async def test_a_proof_is_refused(
    world: World, auth: dict[str, Any], refusal: tuple[int, str]
) -> None:
    ann, _ = await world.person("ann"), await world.person("bob")
    laptop = await ann.another_device()
    assert (await end(ann, laptop.device_id, {**ann.auth(), **auth})).refusal == refusal
    assert (await laptop.get("/account/whoami")).status == 200


async def test_a_session_for_one_thing_is_none_for_another(world: World) -> None:
    ann = await world.person("ann")
    laptop = await ann.another_device()
    session = await session_for(ann, laptop.device_id)
    other = await end(ann, ann.device_id, {**ann.auth(), "session": session})
    assert other.refusal == SOMETHING_ELSE


async def test_a_session_of_one_person_is_none_for_another(world: World) -> None:
    ann, bob = await world.person("ann", device_id="A"), await world.person("bob", device_id="A")
    session = await session_for(ann, "A")
    assert (await end(bob, "A", {**bob.auth(), "session": session})).refusal == SOMETHING_ELSE


async def test_a_session_ends_after_a_quarter_of_an_hour(world: World) -> None:
    ann = await world.person("ann")
    session = await session_for(ann, ann.device_id)
    world.clock.advance(LIFETIME_MS)
    late = await end(ann, ann.device_id, {**ann.auth(), "session": session})
    assert late.refusal == FORBIDDEN
    auth = {**ann.auth(), "session": late["session"]}
    assert (await end(ann, ann.device_id, auth)).status == 200


async def test_a_session_outlives_a_restart(world: World) -> None:
    ann = await world.person("ann")
    session = await session_for(ann, ann.device_id)
    await world.restart()
    assert (await end(ann, ann.device_id, {**ann.auth(), "session": session})).status == 200


async def test_a_thief_of_a_token_cannot_guess_the_password_for_long(world: World) -> None:
    ann = await world.person("ann")
    guess = {**ann.auth(), "password": "wrong"}
    answers = [await end(ann, ann.device_id, guess) for _ in range(11)]
    assert [answer.status for answer in answers] == [401] * 10 + [429]
