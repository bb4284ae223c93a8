"""Refreshing: tokens that end, and answers that get lost."""

from __future__ import annotations

import asyncio

import pytest

from privity.accounts.lock import set_locked
from tests.world import Answer, Person, World

UNKNOWN = (401, "M_UNKNOWN_TOKEN")


@pytest.fixture
async def ann(world: World) -> Person:
    """Somebody whose client refreshes."""
    return await world.person("ann", refresh_token=True)


async def refresh(ann: Person, token: str | None = None) -> Answer:
    body = {"refresh_token": token or ann.refresh_token}
    return await ann.world.request("POST", "/refresh", body)


async def use(ann: Person, token: str) -> Answer:
    return await ann.world.request("GET", "/account/whoami", token=token)


async def test_a_client_that_does_not_refresh_has_a_token_without_an_end(world: World) -> None:
    ann = await world.person("ann")
    assert ann.refresh_token is None
    world.clock.advance(10 * 365 * 24 * 3600 * 1000)
    assert (await ann.get("/account/whoami")).status == 200


async def test_an_access_token_ends_and_is_refreshed(world: World, ann: Person) -> None:
    world.clock.advance(world.house.config.access_token_lifetime_ms)
    ended = await ann.get("/account/whoami")
    assert ended.refusal == UNKNOWN
    assert ended["soft_logout"] is True
    refreshed = await refresh(ann)
    assert refreshed["expires_in_ms"] == world.house.config.access_token_lifetime_ms
    who = await use(ann, refreshed["access_token"])
    assert who["device_id"] == ann.device_id


async def test_an_answer_that_was_lost_costs_nobody_their_session(ann: Person) -> None:
    lost = await refresh(ann)
    again = await refresh(ann)
    assert again.status == 200
    assert (await use(ann, again["access_token"])).status == 200
    assert (await use(ann, lost["access_token"])).refusal == UNKNOWN
    assert (await refresh(ann, lost["refresh_token"])).refusal == UNKNOWN


async def test_an_old_refresh_token_ends_when_the_new_access_token_is_used(ann: Person) -> None:
    new = await refresh(ann)
    await use(ann, new["access_token"])
    assert (await refresh(ann)).refusal == UNKNOWN
    assert (await refresh(ann, new["refresh_token"])).status == 200


async def test_an_old_refresh_token_ends_when_the_new_one_is_used(ann: Person) -> None:
    new = await refresh(ann)
    newer = await refresh(ann, new["refresh_token"])
    assert (await refresh(ann)).refusal == UNKNOWN
    assert (await use(ann, newer["access_token"])).status == 200


async def test_requests_under_way_with_the_old_access_token_are_still_answered(
    ann: Person,
) -> None:
    new = await refresh(ann)
    await use(ann, new["access_token"])
    assert (await ann.get("/account/whoami")).status == 200


async def test_who_is_late_with_the_old_access_token_hears_that_it_is_over(
    world: World, ann: Person
) -> None:
    world.clock.advance(world.house.config.access_token_lifetime_ms)
    await refresh(ann)
    late = await ann.get("/account/whoami")
    assert (late.refusal, late["soft_logout"]) == ((401, "M_UNKNOWN_TOKEN"), True)


async def test_of_two_who_refresh_at_once_one_answer_lives(ann: Person) -> None:
    answers = await asyncio.gather(refresh(ann), refresh(ann))
    uses = [await use(ann, answer["access_token"]) for answer in answers]
    assert sorted(answer.status for answer in uses) == [200, 401]


async def test_the_first_use_survives_a_restart(world: World, ann: Person) -> None:
    new = await refresh(ann)
    await world.restart()
    await use(ann, new["access_token"])
    assert (await refresh(ann)).refusal == UNKNOWN


async def test_a_locked_accounts_session_waits(world: World, ann: Person) -> None:
    await set_locked(world.house, ann.user_id, is_locked=True)
    told = await refresh(ann)
    assert told.refusal == (401, "M_USER_LOCKED")
    assert told["soft_logout"] is True
    await set_locked(world.house, ann.user_id, is_locked=False)
    assert (await refresh(ann)).status == 200


async def test_a_log_out_ends_the_refresh_token_too(ann: Person) -> None:
    await ann.post("/logout")
    assert (await refresh(ann)).refusal == UNKNOWN


async def test_a_new_log_in_on_the_device_ends_the_refresh_token(ann: Person) -> None:
    await ann.another_device(ann.device_id)
    assert (await refresh(ann)).refusal == UNKNOWN


async def test_an_access_token_refreshes_nothing(ann: Person) -> None:
    assert (await refresh(ann, ann.token)).refusal == UNKNOWN


async def test_who_tries_many_refresh_tokens_waits(ann: Person) -> None:
    statuses = [(await refresh(ann, f"pvr_{n}")).status for n in range(51)]
    assert statuses == [401] * 50 + [429]
    assert (await refresh(ann)).status == 200
