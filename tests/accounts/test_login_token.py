"""A device has a token made with which a further one logs in, once and soon."""

from __future__ import annotations

import asyncio
from typing import Any

from privity.accounts.change_password import change_password
from privity.accounts.lock import set_locked
from privity.accounts.log_in import TOKEN_LIFETIME_MS
from tests.world import Answer, Person, World

GET_TOKEN = "/_matrix/client/v1/login/get_token"
FORBIDDEN = (403, "M_FORBIDDEN")


async def token_of(person: Person) -> str:
    answer = await person.post(GET_TOKEN, {"auth": person.auth()})
    assert (answer.status, answer["expires_in_ms"]) == (200, 120_000)
    return str(answer["login_token"])


async def log_in(world: World, token: str, **more: Any) -> Answer:
    return await world.request("POST", "/login", {"type": "m.login.token", "token": token, **more})


async def test_a_further_device_logs_in_once(world: World) -> None:
    ann = await world.person("ann")
    token = await token_of(ann)
    answer = await log_in(world, token, device_id="LAPTOP")
    assert (answer["user_id"], answer["device_id"]) == (ann.user_id, "LAPTOP")
    whoami = await world.request("GET", "/account/whoami", token=answer["access_token"])
    assert whoami["user_id"] == ann.user_id
    assert (await log_in(world, token)).refusal == FORBIDDEN


async def test_of_two_who_race_with_one_token_one_logs_in(world: World) -> None:
    ann = await world.person("ann")
    token = await token_of(ann)
    answers = await asyncio.gather(*(log_in(world, token) for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [200, 403]


async def test_a_stolen_access_token_makes_none(world: World) -> None:
    ann = await world.person("ann")
    asked = await ann.post(GET_TOKEN, {})
    assert (asked.status, asked["flows"]) == (401, [{"stages": ["m.login.password"]}])
    wrong = {**ann.auth(), "password": "wrong"}
    assert (await ann.post(GET_TOKEN, {"auth": wrong})).refusal == (401, "M_FORBIDDEN")


async def test_a_token_ends_by_itself_and_with_the_password(world: World) -> None:
    ann = await world.person("ann")
    token = await token_of(ann)
    world.clock.advance(TOKEN_LIFETIME_MS)
    assert (await log_in(world, token)).refusal == FORBIDDEN
    token = await token_of(ann)
    await change_password(world.house, ann.user_id, "another password", keep=None)
    assert (await log_in(world, token)).refusal == FORBIDDEN
    assert (await log_in(world, "pvl_guessed")).refusal == FORBIDDEN


async def test_a_token_is_not_used_up_by_a_locked_account(world: World) -> None:
    ann = await world.person("ann")
    token = await token_of(ann)
    await set_locked(world.house, ann.user_id, is_locked=True)
    assert (await log_in(world, token)).refusal == (401, "M_USER_LOCKED")
    await set_locked(world.house, ann.user_id, is_locked=False)
    assert (await log_in(world, token)).status == 200


async def test_nobody_makes_them_without_end(world: World) -> None:
    ann = await world.person("ann")
    body = {"auth": ann.auth()}
    answers = [await ann.post(GET_TOKEN, body) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
