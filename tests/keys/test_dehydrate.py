"""A device that sleeps: it has keys and gets messages, and nobody is logged in on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from privity.matrix.ids import DeviceId
from privity.store import dehydrated_devices
from tests.guard.test_to_device import OLM
from tests.keys.clients import Device, claim, keys_of, with_identity
from tests.world import Answer, Person, World

PATH = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
DATA = {"algorithm": "org.matrix.msc3814.v2", "device_pickle": "c2VjcmV0", "nonce": "bm9uY2U"}
NONE = (404, "M_NOT_FOUND")


def sleeper(person: Person, device_id: str = "SLEEPS") -> Device:
    return Device(replace(person, device_id=DeviceId(device_id)))


async def put_to_sleep(device: Device, **more: Any) -> Answer:
    body = {
        "device_id": device.person.device_id,
        "device_data": DATA,
        "device_keys": device.keys,
        "one_time_keys": device.one_time_keys("a"),
        **more,
    }
    return await device.person.put(PATH, body)


async def send(sender: Person, device: Device, number: int) -> None:
    to = {device.person.user_id: {device.person.device_id: OLM}}
    path = f"/sendToDevice/m.room.encrypted/t{number}"
    assert (await sender.put(path, {"messages": to})).status == 200


async def test_it_is_kept_and_given_back_to_its_owner_alone() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        assert (await ann.get(PATH)).refusal == NONE
        device = sleeper(ann)
        assert (await put_to_sleep(device)).body == {"device_id": "SLEEPS"}
        assert (await ann.get(PATH)).body == {"device_id": "SLEEPS", "device_data": DATA}
        assert (await bob.get(PATH)).refusal == NONE
        shown = (await keys_of(bob, ann.user_id))["device_keys"][ann.user_id]
        assert shown["SLEEPS"] == device.keys
        assert await claim(bob, device) == "a"


async def test_a_new_one_takes_the_place_of_the_old_with_its_messages() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        first, second = sleeper(ann, "FIRST"), sleeper(ann, "SECOND")
        await put_to_sleep(first)
        await send(bob, first, 1)
        await put_to_sleep(second)
        assert (await ann.get(PATH))["device_id"] == "SECOND"
        shown = (await keys_of(bob, ann.user_id))["device_keys"][ann.user_id]
        assert "FIRST" not in shown
        assert (await ann.get(f"{PATH}/FIRST/events")).refusal == NONE
        assert (await ann.get(f"{PATH}/SECOND/events")).body == {"events": []}


async def test_its_messages_are_read_page_by_page_and_stay() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = sleeper(ann)
        await put_to_sleep(device)
        for number in range(102):
            await send(bob, device, number)
        path = f"{PATH}/SLEEPS/events"
        for _ in range(2):
            page = await ann.get(path)
            assert len(page["events"]) == 100
            rest = await ann.get(path, **{"from": page["next_batch"]})
            assert (len(rest["events"]), "next_batch" in rest.body) == (2, False)
        assert page["events"][0]["sender"] == bob.user_id
        first = await ann.post(path, {})
        rest = await ann.post(path, {"next_batch": first["next_batch"]})
        empty = await ann.post(path, {"next_batch": rest["next_batch"]})
        pages = [len(each["events"]) for each in (first, rest, empty)]
        assert pages == [100, 2, 0]
        assert (await ann.get(path, **{"from": "x"})).refusal == (400, "M_INVALID_PARAM")
        assert (await bob.get(path)).refusal == NONE
        assert (await ann.get(f"{PATH}/{ann.device_id}/events")).refusal == NONE


async def test_it_is_ended_with_all_that_is_its_own() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await put_to_sleep(sleeper(ann))
        assert (await ann.delete(PATH)).body == {"device_id": "SLEEPS"}
        assert (await ann.delete(PATH)).refusal == NONE
        assert (await ann.get("/devices/SLEEPS")).refusal == NONE
        await put_to_sleep(sleeper(ann))
        await ann.delete("/devices/SLEEPS", {"auth": ann.auth()})
        assert (await ann.get(PATH)).refusal == NONE


async def test_it_outlives_a_log_out_of_all_and_not_another_password() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await put_to_sleep(sleeper(ann))
        await ann.post("/logout/all", {})
        ann = await world.log_in("ann")
        assert (await ann.get(PATH)).status == 200
        await ann.post("/account/password", {"new_password": "another one", "auth": ann.auth()})
        found = await world.store.read(lambda tx: dehydrated_devices.of(tx, ann.user_id))
        assert found is None


async def test_nobody_logs_in_on_it_and_it_is_no_device_that_is_there() -> None:
    async with World() as world:
        ann = await world.person("ann", device_id="AWAKE")
        identity = await with_identity(ann)
        for taken in ("AWAKE", identity.master.public):
            assert (await put_to_sleep(sleeper(ann, taken))).refusal == (403, "M_FORBIDDEN")
        await put_to_sleep(sleeper(ann))
        user = {"type": "m.id.user", "user": "ann"}
        body = {"type": "m.login.password", "identifier": user, "password": ann.password}
        log_in = await world.request("POST", "/login", {**body, "device_id": "SLEEPS"})
        assert log_in.refusal == (403, "M_FORBIDDEN")


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"device_id": None}, (400, "M_MISSING_PARAM")),
        ({"device_keys": None}, (400, "M_MISSING_PARAM")),
        ({"device_data": None}, (400, "M_MISSING_PARAM")),
        ({"device_data": {}}, (400, "M_BAD_JSON")),
        ({"device_data": {"algorithm": "x" * 200_000}}, (413, "M_TOO_LARGE")),
        ({"device_id": "OTHER"}, (400, "M_INVALID_PARAM")),
        ({"one_time_keys": {"curve25519:a": "x"}}, (400, "M_INVALID_PARAM")),
    ],
)
async def test_one_that_cannot_be_is_refused(more: Any, refusal: Any) -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await put_to_sleep(sleeper(ann), **more)).refusal == refusal
        assert (await ann.get(PATH)).refusal == NONE
