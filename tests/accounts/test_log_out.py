"""Logging out: the device ends whole, at once, for everybody."""

from __future__ import annotations

import asyncio

import pytest

from privity.accounts.lock import set_locked
from privity.store.engine import Param, Tx, WriteTx
from privity.store.streams import AccountChanged, DeviceListChanged
from tests.listening import Listening
from tests.tables import tables
from tests.world import Person, World

DEAD = (401, "M_UNKNOWN_TOKEN")
# The one says only that a device's keys changed, for processes that remember how many there were;
# the other is of a device that nobody is logged in on (keys/test_dehydrate.py).
NOT_OF_A_DEVICE = {"one_time_key_changes", "dehydrated_devices"}


OF_A_DEVICE = {
    name: columns
    for name, columns in tables().items()
    if {"user_id", "device_id"} <= columns.keys() and name not in NOT_OF_A_DEVICE
}


async def furnish(person: Person) -> None:
    """Give a device one row of everything that belongs to a device."""

    def job(tx: WriteTx) -> None:
        for table, columns in OF_A_DEVICE.items():
            if table == "devices":
                continue
            made_up: dict[str, Param] = {
                "INTEGER": tx.position(),
                "TEXT": person.device_id,
                "BLOB": b"x",
            }
            row = {column: made_up[kind] for column, kind in columns.items()}
            row |= {"user_id": person.user_id, "device_id": person.device_id}
            if "token_hash" in row:
                row["token_hash"] = person.device_id.encode()
            tx.add(table, tuple(row), tuple(row.values()))

    await person.world.store.write(job)


async def left_of(person: Person) -> dict[str, int]:
    def count(tx: Tx, table: str) -> int:
        sql = f"SELECT 1 FROM {table} WHERE user_id = ? AND device_id = ?"
        return len(tx.all(sql, person.user_id, person.device_id))

    def job(tx: Tx) -> dict[str, int]:
        return {table: count(tx, table) for table in OF_A_DEVICE}

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
    assert [table for table, rows in (await left_of(phone)).items() if rows] == []
    assert [table for table, rows in (await left_of(laptop)).items() if not rows] == []


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


async def test_who_waits_with_a_token_that_dies_is_told_so_at_once(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    since = (await phone.get("/sync"))["next_batch"]
    waiting = asyncio.create_task(phone.get("/sync", since=since, timeout=30_000))
    await asyncio.sleep(0)
    await laptop.delete(f"/devices/{phone.device_id}", {"auth": laptop.auth()})
    assert (await asyncio.wait_for(waiting, 1)).refusal == DEAD


async def test_who_waits_while_they_are_locked_is_told_so_at_once(world: World) -> None:
    ann = await world.person("ann")
    since = (await ann.get("/sync"))["next_batch"]
    waiting = asyncio.create_task(ann.get("/sync", since=since, timeout=30_000))
    await asyncio.sleep(0)
    await set_locked(world.house, ann.user_id, is_locked=True)
    assert (await asyncio.wait_for(waiting, 1)).refusal == (401, "M_USER_LOCKED")
