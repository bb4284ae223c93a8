"""Another password, and the end of an account."""

from __future__ import annotations

import pytest

from tests.world import PASSWORD, Person, World

NEW = "a much longer password"
DEAD = (401, "M_UNKNOWN_TOKEN")


async def can_log_in(world: World, password: str) -> tuple[int, str | None]:
    body = {"type": "m.login.password", "user": "ann", "password": password}
    return (await world.request("POST", "/login", body)).refusal


async def change(person: Person, password: str = NEW, **more: bool) -> tuple[int, str | None]:
    body = {"new_password": password, "auth": person.auth(), **more}
    return (await person.post("/account/password", body)).refusal


async def test_a_new_password_ends_the_other_devices(world: World) -> None:
    phone = await world.person("ann", refresh_token=True)
    laptop = await phone.another_device()
    assert await change(laptop) == (200, None)
    assert (await laptop.get("/account/whoami")).status == 200
    assert (await phone.get("/account/whoami")).refusal == DEAD
    again = await world.request("POST", "/refresh", {"refresh_token": phone.refresh_token})
    assert again.refusal == DEAD
    assert await can_log_in(world, PASSWORD) == (403, "M_FORBIDDEN")
    assert await can_log_in(world, NEW) == (200, None)


async def test_a_new_password_can_leave_the_other_devices(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    assert await change(laptop, logout_devices=False) == (200, None)
    assert (await phone.get("/account/whoami")).status == 200


async def test_a_new_password_needs_the_old_one(world: World) -> None:
    ann = await world.person("ann")
    asked = await ann.post("/account/password", {"new_password": NEW})
    assert (asked.status, asked["flows"]) == (401, [{"stages": ["m.login.password"]}])
    ann.password = "wrong"
    assert await change(ann) == (401, "M_FORBIDDEN")
    assert await can_log_in(world, PASSWORD) == (200, None)


async def test_a_new_password_must_be_one(world: World) -> None:
    ann = await world.person("ann")
    assert await change(ann, "short") == (400, "M_WEAK_PASSWORD")
    missing = await ann.post("/account/password", {"auth": ann.auth()})
    assert missing.refusal == (400, "M_MISSING_PARAM")


@pytest.mark.parametrize("path", ["/account/password", "/account/deactivate"])
async def test_both_need_a_session(world: World, path: str) -> None:
    assert (await world.request("POST", path, {})).refusal == (401, "M_MISSING_TOKEN")


async def test_a_deactivated_account_is_gone_for_good(world: World) -> None:
    ann = await world.person("ann")
    body = {"auth": ann.auth()}
    answer = await ann.post("/account/deactivate", body)
    assert answer.body == {"id_server_unbind_result": "success"}
    assert (await ann.get("/account/whoami")).refusal == DEAD
    available = await world.request("GET", "/register/available", query={"username": "ann"})
    assert available.refusal == (400, "M_USER_IN_USE")


async def test_only_who_knew_the_password_learns_of_the_deactivation(world: World) -> None:
    ann = await world.person("ann")
    await ann.post("/account/deactivate", {"auth": ann.auth()})
    assert await can_log_in(world, PASSWORD) == (403, "M_USER_DEACTIVATED")
    assert await can_log_in(world, "wrong") == (403, "M_FORBIDDEN")


async def test_a_deactivation_needs_the_password(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.post("/account/deactivate", {})).status == 401
    assert (await ann.get("/account/whoami")).status == 200


async def test_who_is_deactivated_leaves_every_room(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    room_id = (await bob.post("/createRoom", {"invite": [ann.user_id]}))["room_id"]
    invited_to = (await bob.post("/createRoom", {"invite": [ann.user_id]}))["room_id"]
    await ann.post(f"/join/{room_id}")
    await ann.post("/account/deactivate", {"auth": ann.auth()})
    for each in (room_id, invited_to):
        member = await bob.get(f"/rooms/{each}/state/m.room.member/{ann.user_id}")
        assert member["membership"] == "leave"


async def test_an_erased_account_leaves_its_name_only(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    await ann.put(f"/user/{ann.user_id}/account_data/m.direct", {"@bob:privity.test": []})
    await ann.post("/account/deactivate", {"auth": ann.auth(), "erase": True})
    assert await can_log_in(world, PASSWORD) == (403, "M_FORBIDDEN")
    assert (await bob.get(f"/profile/{ann.user_id}")).body == {}
    kept = await world.store.read(
        lambda tx: tx.one(
            "SELECT address, password_hash, (SELECT COUNT(*) FROM account_data WHERE user_id = ?)"
            " FROM accounts WHERE user_id = ?",
            ann.user_id,
            ann.user_id,
        )
    )
    assert kept == ("", None, 0)
