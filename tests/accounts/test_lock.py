"""Locking: everything is refused, nothing is ended."""

from __future__ import annotations

import pytest

from privity.accounts.deactivate import deactivate
from privity.accounts.lock import set_locked
from privity.matrix.errors import Refused
from privity.matrix.ids import UserId
from tests.world import World

CLOSED = [
    ("GET", "/account/whoami"),
    ("GET", "/sync"),
    ("GET", "/devices"),
    ("POST", "/createRoom"),
    ("POST", "/account/password"),
    ("POST", "/account/deactivate"),
    ("PUT", "/profile/@ann:privity.test/displayname"),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_a_locked_account_is_refused(world: World, method: str, path: str) -> None:
    ann = await world.person("ann")
    await set_locked(world.house, ann.user_id, is_locked=True)
    answer = await world.request(method, path, {}, token=ann.token)
    assert answer.refusal == (401, "M_USER_LOCKED")
    assert answer["soft_logout"] is True


async def test_an_unlocked_account_goes_on_with_the_token_that_it_had(world: World) -> None:
    ann = await world.person("ann")
    await set_locked(world.house, ann.user_id, is_locked=True)
    await ann.get("/account/whoami")
    await set_locked(world.house, ann.user_id, is_locked=False)
    assert (await ann.get("/account/whoami")).status == 200


async def test_a_lock_outlives_a_restart(world: World) -> None:
    ann = await world.person("ann")
    await set_locked(world.house, ann.user_id, is_locked=True)
    await world.restart()
    assert (await ann.get("/account/whoami")).refusal == (401, "M_USER_LOCKED")


async def test_others_are_not_concerned(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    await set_locked(world.house, ann.user_id, is_locked=True)
    assert (await bob.get("/account/whoami")).status == 200


async def test_nobody_comes_back_from_deactivation_by_a_lock(world: World) -> None:
    ann = await world.person("ann")
    await deactivate(world.house, ann.user_id)
    for is_locked in (True, False):
        with pytest.raises(Refused, match="M_USER_DEACTIVATED"):
            await set_locked(world.house, ann.user_id, is_locked=is_locked)


async def test_only_an_account_can_be_locked(world: World) -> None:
    with pytest.raises(Refused, match="M_NOT_FOUND"):
        await set_locked(world.house, UserId("@nobody:privity.test"), is_locked=True)
