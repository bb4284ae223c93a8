"""Devices: their owner sees them, names them and ends them."""

from __future__ import annotations

from typing import Any

import pytest

from privity.follow.last_seen import write_last_seen
from privity.store.streams import DeviceListChanged
from tests.listening import Listening
from tests.world import START_MS, World


async def test_an_owner_sees_all_devices_and_nobody_elses(world: World) -> None:
    phone = await world.person("ann", device_id="PHONE", initial_device_display_name="My phone")
    await phone.another_device("LAPTOP")
    await world.person("bob")
    listed = (await phone.get("/devices"))["devices"]
    assert [device["device_id"] for device in listed] == ["LAPTOP", "PHONE"]
    assert listed[1] == {
        "device_id": "PHONE",
        "user_id": phone.user_id,
        "display_name": "My phone",
        "last_seen_ts": START_MS,
        "last_seen_ip": "192.0.2.1",
    }


async def test_one_device_can_be_asked_for(world: World) -> None:
    ann, bob = await world.person("ann", device_id="A"), await world.person("bob", device_id="B")
    assert (await ann.get("/devices/A"))["device_id"] == "A"
    assert (await ann.get("/devices/B")).refusal == (404, "M_NOT_FOUND")
    assert (await bob.get("/devices/B")).status == 200


async def test_a_device_is_renamed_and_others_hear_of_it(world: World) -> None:
    ann = await world.person("ann", device_id="A")
    listening = Listening(world)
    assert (await ann.put("/devices/A", {"display_name": "Phone"})).status == 200
    assert (await ann.get("/devices/A"))["display_name"] == "Phone"
    assert DeviceListChanged in listening.kinds()


async def test_a_request_that_names_nothing_renames_nothing(world: World) -> None:
    ann = await world.person("ann", device_id="A", initial_device_display_name="Phone")
    assert (await ann.put("/devices/A", {})).status == 200
    assert (await ann.get("/devices/A"))["display_name"] == "Phone"


@pytest.mark.parametrize(
    ("device_id", "body", "refusal"),
    [
        ("B", {"display_name": "mine now"}, (404, "M_NOT_FOUND")),
        ("NONE", {"display_name": "new"}, (404, "M_NOT_FOUND")),
        ("A", {"display_name": "x" * 101}, (400, "M_INVALID_PARAM")),
        ("A", {"display_name": "a\u202a\u0007b"}, (400, "M_INVALID_PARAM")),
        ("A", {"display_name": 7}, (400, "M_BAD_JSON")),
    ],
)
async def test_a_renaming_is_refused(
    world: World, device_id: str, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    ann, _ = await world.person("ann", device_id="A"), await world.person("bob", device_id="B")
    assert (await ann.put(f"/devices/{device_id}", body)).refusal == refusal


async def test_devices_are_ended_together_with_one_proof(world: World) -> None:
    ann = await world.person("ann")
    others = [await ann.another_device() for _ in range(3)]
    ending = [person.device_id for person in others]
    body = {"devices": ending, "auth": ann.auth()}
    assert (await ann.post("/delete_devices", body)).body == {}
    statuses = [(await person.get("/account/whoami")).status for person in (ann, *others)]
    assert statuses == [200, 401, 401, 401]


async def test_to_end_a_device_that_is_not_there_is_no_error(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob", device_id="B")
    listening = Listening(world)
    body = {"devices": ["B", "GONE"], "auth": ann.auth()}
    assert (await ann.post("/delete_devices", body)).status == 200
    assert (await bob.get("/account/whoami")).status == 200
    assert listening.heard == []


@pytest.mark.parametrize("devices", ["A", [1], {"A": 1}])
async def test_devices_are_named_in_a_list(world: World, devices: Any) -> None:
    ann = await world.person("ann")
    answer = await ann.post("/delete_devices", {"devices": devices, "auth": ann.auth()})
    assert answer.refusal == (400, "M_BAD_JSON")


async def test_when_a_device_was_last_here_is_written_beside_the_road(world: World) -> None:
    ann = await world.person("ann", device_id="A")
    world.clock.advance(90_000)
    written = world.store.pos
    await world.request("GET", "/account/whoami", token=ann.token, address="198.51.100.7")
    assert world.store.pos == written
    await write_last_seen(world.house)
    device = await ann.get("/devices/A")
    assert device["last_seen_ts"] == START_MS + 90_000
    assert device["last_seen_ip"] == "198.51.100.7"


async def test_a_device_that_ended_does_not_come_back_by_being_seen(world: World) -> None:
    phone = await world.person("ann")
    laptop = await phone.another_device()
    await laptop.post("/logout")
    await write_last_seen(world.house)
    listed = (await phone.get("/devices"))["devices"]
    assert [device["device_id"] for device in listed] == [phone.device_id]
