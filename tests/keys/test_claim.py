"""Claiming one-time keys: each is given out once, and in the order in which they came."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.keys.clients import Device, claim, sync, with_keys
from tests.world import World

NAMES = [f"a{n}" for n in range(6)]


async def test_keys_are_given_out_in_the_order_in_which_they_were_uploaded() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = await with_keys(ann, "z", "a")
        await device.upload(one_time_keys=device.one_time_keys("k", "b"))
        claimed = [await claim(bob, device) for _ in range(5)]
        assert set(claimed[:2]) == {"z", "a"}
        assert set(claimed[2:4]) == {"k", "b"}
        assert claimed[4] is None


async def test_a_claimed_key_is_the_key_that_was_uploaded() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = Device(ann)
        keys = device.one_time_keys("a")
        await device.upload(one_time_keys=keys)
        wanted = {ann.user_id: {ann.device_id: "signed_curve25519"}}
        answer = await bob.post("/keys/claim", {"one_time_keys": wanted})
        assert answer.body == {
            "one_time_keys": {ann.user_id: {ann.device_id: keys}},
            "failures": {},
        }


async def test_fifty_claims_at_once_give_fifty_keys() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = await with_keys(ann, *(str(n) for n in range(50)))
        claimed = await asyncio.gather(*(claim(bob, device) for _ in range(50)))
        assert sorted(map(str, claimed)) == sorted(str(n) for n in range(50))
        assert (await sync(ann))["device_one_time_keys_count"] == {"signed_curve25519": 0}


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sets(st.sampled_from(NAMES), min_size=1) | st.just("claim"), max_size=15))
async def test_no_key_is_given_out_twice_whatever_is_uploaded_again(
    steps: list[set[str] | str],
) -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = await with_keys(ann)
        keys = device.one_time_keys(*NAMES)
        claimed = []
        for step in steps:
            if isinstance(step, str):
                claimed.append(await claim(ann, device))
            else:
                again = {f"signed_curve25519:{name}" for name in step}
                await device.upload(one_time_keys={name: keys[name] for name in again})
        given_out = [name for name in claimed if name is not None]
        assert len(given_out) == len(set(given_out))


async def test_a_key_that_was_given_out_does_not_come_back_when_its_upload_is_repeated() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = Device(ann)
        keys = device.one_time_keys("a", "b")
        await device.upload(one_time_keys=keys)
        first = await claim(bob, device)
        await world.restart()
        again = await device.upload(one_time_keys=keys)
        assert again["one_time_key_counts"] == {"signed_curve25519": 1}
        second = await claim(bob, device)
        assert {first, second} == {"a", "b"}
        assert await claim(bob, device) is None


async def test_the_fallback_key_is_given_out_when_there_is_no_other() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = Device(ann)
        await device.upload(
            one_time_keys=device.one_time_keys("a"), fallback_keys=device.fallback_key("f")
        )
        assert [await claim(bob, device) for _ in range(3)] == ["a", "f", "f"]


async def test_a_device_hears_whether_its_fallback_key_was_used() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        key = device.fallback_key("f")

        async def unused() -> list[str]:
            types: list[str] = (await sync(ann))["device_unused_fallback_key_types"]
            return types

        assert await unused() == []
        await device.upload(fallback_keys=key)
        assert await unused() == ["signed_curve25519"]
        await claim(ann, device)
        await device.upload(fallback_keys=key)
        assert await unused() == []
        await device.upload(fallback_keys=device.fallback_key("g"))
        assert await unused() == ["signed_curve25519"]


async def test_a_device_hears_how_many_keys_it_has_left() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = await with_keys(ann, "a", "b")
        since = await sync(ann)
        assert since["device_one_time_keys_count"] == {"signed_curve25519": 2}
        await claim(bob, device)
        assert (await sync(ann, since))["device_one_time_keys_count"] == {"signed_curve25519": 1}


async def test_devices_that_are_not_there_give_nothing() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = await with_keys(ann, "a")
        wanted = {
            ann.user_id: {"NOBODYS": "signed_curve25519", ann.device_id: "org.example"},
            "@nobody:privity.test": {"A": "signed_curve25519"},
            "@ann:elsewhere.test": {ann.device_id: "signed_curve25519"},
        }
        answer = await ann.post("/keys/claim", {"one_time_keys": wanted})
        assert answer.body == {"one_time_keys": {}, "failures": {}}
        assert await claim(ann, device) == "a"


async def test_a_claim_that_is_none_is_refused_and_takes_nothing() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = await with_keys(ann, "a")
        good = {ann.device_id: "signed_curve25519"}
        table: list[tuple[Any, str]] = [
            ({}, "M_MISSING_PARAM"),
            ({"one_time_keys": []}, "M_BAD_JSON"),
            ({"one_time_keys": {ann.user_id: good, "@b:c": []}}, "M_BAD_JSON"),
            ({"one_time_keys": {ann.user_id: good, "@b:c": {"A": 1}}}, "M_BAD_JSON"),
            ({"one_time_keys": {ann.user_id: {**good, "A" * 256: "x"}}}, "M_INVALID_PARAM"),
            ({"one_time_keys": {ann.user_id: {**good, "A": ""}}}, "M_INVALID_PARAM"),
            ({"one_time_keys": {ann.user_id: good, "ann": good}}, "M_INVALID_PARAM"),
        ]
        for body, errcode in table:
            assert (await ann.post("/keys/claim", body)).refusal == (400, errcode), body
        many = {str(n): "signed_curve25519" for n in range(5001)}
        answer = await ann.post("/keys/claim", {"one_time_keys": {ann.user_id: many}})
        assert answer.refusal == (413, "M_TOO_LARGE")
        assert await claim(ann, device) == "a"


async def test_nobody_claims_without_end() -> None:
    async with World() as world:
        ann = await world.person("ann")
        nothing: dict[str, Any] = {"one_time_keys": {}}
        for _ in range(300):
            assert (await ann.post("/keys/claim", nothing)).status == 200
        assert (await ann.post("/keys/claim", nothing)).refusal == (429, "M_LIMIT_EXCEEDED")
