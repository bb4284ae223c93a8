"""Devices that their owner has not cross-signed: nobody else begins a session with them."""

from __future__ import annotations

from tests.keys.clients import Device, Identity, claim, with_identity, with_keys
from tests.world import Answer, World


async def sign(device: Device, identity: Identity) -> Answer:
    person = device.person
    key = identity.self_signing.sign(device.keys)
    body = {person.user_id: {person.device_id: key}}
    answer = await person.post("/keys/signatures/upload", body)
    assert answer["failures"] == {}
    return answer


async def test_a_device_that_its_owner_has_not_signed_gets_no_session_from_others() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        first, identity = await with_keys(ann, "a", "b"), await with_identity(ann)
        thief = await with_keys(await ann.another_device(), "x")
        await thief.upload(fallback_keys=thief.fallback_key("f"))
        await sign(first, identity)
        assert await claim(bob, first) in {"a", "b"}
        assert await claim(bob, thief) is None
        await sign(thief, identity)
        assert await claim(bob, thief) == "x"


async def test_its_owner_begins_one_so_that_it_can_be_verified() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await with_identity(ann)
        second = await with_keys(await ann.another_device(), "x")
        assert await claim(ann, second) == "x"


async def test_who_has_no_identity_is_reached_as_before() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        assert await claim(bob, await with_keys(ann, "a")) == "a"


async def test_a_new_identity_has_signed_nothing_yet() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device, identity = await with_keys(ann, "a", "b"), await with_identity(ann)
        await sign(device, identity)
        other = Identity(ann.user_id)
        body = {**other.body(), "auth": ann.auth()}
        assert (await ann.post("/keys/device_signing/upload", body)).status == 200
        assert await claim(bob, device) is None
        await sign(device, other)
        assert await claim(bob, device) in {"a", "b"}


async def test_a_device_may_come_with_the_signature_and_a_forged_one_is_refused() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        identity = await with_identity(ann)
        device = Device(ann)
        forged = identity.self_signing.sign(device.keys)
        forged["signatures"][ann.user_id][identity.self_signing.key_id] = "A" * 86
        refused = await device.upload(device_keys=forged)
        assert refused.refusal == (400, "M_INVALID_SIGNATURE")
        keys = device.one_time_keys("a")
        signed = identity.self_signing.sign(device.keys)
        assert (await device.upload(device_keys=signed, one_time_keys=keys)).status == 200
        assert await claim(bob, device) == "a"


async def test_an_operator_may_have_all_devices_reached() -> None:
    async with World(unsafe_unsigned_devices=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await with_identity(ann)
        assert await claim(bob, await with_keys(ann, "a")) == "a"
