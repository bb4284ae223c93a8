"""Logging out: the device ends whole, at once, for everybody."""

from __future__ import annotations

import pytest

from privity.accounts.lock import set_locked
from privity.store.engine import Param, Tx, WriteTx
from privity.store.streams import AccountChanged, DeviceListChanged
from tests.listening import Listening
from tests.world import Person, World

DEAD = (401, "M_UNKNOWN_TOKEN")
OF_A_DEVICE: dict[str, dict[str, Param]] = {
    "access_tokens": {"token_hash": b""},
    "refresh_tokens": {"token_hash": b""},
    "device_keys": {"keys": b""},
    "one_time_keys": {"algorithm": "a", "key_id": "k", "added": 1, "key": b""},
    "fallback_keys": {"algorithm": "a", "key_id": "k", "used": 0, "key": b""},
    "repeats": {"request": "r", "ts": 1},
}


async def furnish(person: Person) -> None:
    """Give a device one row of everything that belongs to a device."""

    def job(tx: WriteTx) -> None:
        for table, row in OF_A_DEVICE.items():
            whole: dict[str, Param] = {"user_id": person.user_id, "device_id": person.device_id}
            whole |= row
            if "token_hash" in row:
                whole["token_hash"] = person.device_id.encode()
            tx.add(table, tuple(whole), tuple(whole.values()))
        columns = ("pos", "user_id", "device_id", "message")
        tx.add("inbox", columns, (tx.position(), person.user_id, person.device_id, b""))

    await person.world.store.write(job)


async def left_of(person: Person) -> dict[str, int]:
    def job(tx: Tx) -> dict[str, int]:
        return {table: count(tx, table) for table in (*OF_A_DEVICE, "inbox", "devices")}

    def count(tx: Tx, table: str) -> int:
        sql = f"SELECT 1 FROM {table} WHERE user_id = ? AND device_id = ?"
        return len(tx.all(sql, person.user_id, person.device_id))

    return await person.world.store.read(job)


async def test_a_token_is_dead_at_once(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.post("/logout")).body == {}
    assert (await ann.get("/account/whoami")).refusal == DEAD
    assert (await ann.post("/logout")).refusal == DEAD


async def test_a_token_that_is_dead_stays_dead_after_a_restart(world: World) -> None:
    ann = await world.person("ann")
    await ann.post("/logout")
    await world.restart()
    assert (await ann.get("/account/whoami")).refusal == DEAD


async def test_nothing_of_a_device_outlives_it(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    await furnish(phone)
    await furnish(laptop)
    await phone.post("/logout")
    assert set((await left_of(phone)).values()) == {0}
    assert 0 not in (await left_of(laptop)).values()


async def test_those_who_follow_hear_that_the_device_list_changed(world: World) -> None:
    ann = await world.person("ann")
    listening = Listening(world)
    await ann.post("/logout")
    assert {DeviceListChanged, AccountChanged} <= listening.kinds()


async def test_the_other_devices_stay(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    await phone.post("/logout")
    listed = await laptop.get("/devices")
    assert [device["device_id"] for device in listed["devices"]] == [laptop.device_id]


async def test_all_devices_can_be_ended_together(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    bob = await world.person("bob")
    assert (await phone.post("/logout/all")).status == 200
    assert (await phone.get("/account/whoami")).refusal == DEAD
    assert (await laptop.get("/account/whoami")).refusal == DEAD
    assert (await bob.get("/account/whoami")).status == 200


@pytest.mark.parametrize("path", ["/logout", "/logout/all"])
async def test_a_locked_account_can_log_out(world: World, path: str) -> None:
    ann = await world.person("ann")
    await set_locked(world.house, ann.user_id, is_locked=True)
    assert (await ann.post(path)).status == 200
