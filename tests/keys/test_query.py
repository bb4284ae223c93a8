"""Querying keys: what others are told of somebody's devices, and of who they are."""

from __future__ import annotations

from typing import Any

from privity.matrix.ids import UserId
from tests.keys.clients import Device, keys_of, with_identity, with_keys
from tests.world import World

NOBODY = UserId("@nobody:privity.test")


async def test_a_device_is_shown_with_its_name() -> None:
    async with World() as world:
        ann = await world.person("ann", initial_device_display_name="Phone")
        bob = await world.person("bob")
        device = await with_keys(ann)
        named = {"unsigned": {"device_display_name": "Phone"}}
        shown = (await keys_of(bob, ann.user_id))["device_keys"][ann.user_id][ann.device_id]
        assert shown == {**device.keys, **named}
        await ann.put(f"/devices/{ann.device_id}", {"display_name": "Tablet"})
        shown = (await keys_of(bob, ann.user_id))["device_keys"][ann.user_id][ann.device_id]
        assert shown["unsigned"] == {"device_display_name": "Tablet"}


async def test_somebody_unknown_looks_like_somebody_without_keys() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        shown = await keys_of(ann, bob.user_id, NOBODY)
        assert shown["device_keys"] == {bob.user_id: {}, NOBODY: {}}
        assert shown["master_keys"] == {}


async def test_people_of_other_servers_are_left_out() -> None:
    async with World() as world:
        ann = await world.person("ann")
        body = {"device_keys": {"@ann:elsewhere.test": []}, "timeout": 10, "token": "x"}
        answer = await ann.post("/keys/query", body)
        assert answer["device_keys"] == answer["failures"] == {}


async def test_only_the_devices_that_were_asked_for_are_told() -> None:
    async with World() as world:
        ann = await world.person("ann")
        first = await with_keys(ann)
        second = await first.another()
        wanted = {ann.user_id: [second.person.device_id, "NOBODYS"]}
        answer = await ann.post("/keys/query", {"device_keys": wanted})
        assert answer["device_keys"] == {ann.user_id: {second.person.device_id: second.keys}}
        everything = await keys_of(ann, ann.user_id)
        assert len(everything["device_keys"][ann.user_id]) == 2


async def test_a_device_that_is_logged_out_is_not_told_any_more() -> None:
    async with World() as world:
        ann = await world.person("ann")
        first = await with_keys(ann)
        second = await first.another()
        await ann.post("/logout")
        shown = await keys_of(second.person, ann.user_id)
        assert list(shown["device_keys"][ann.user_id]) == [second.person.device_id]


async def test_a_device_without_keys_is_none_of_those_that_are_told() -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await keys_of(ann, ann.user_id))["device_keys"] == {ann.user_id: {}}


async def test_who_somebody_verified_is_known_to_them_alone() -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        annes, bobs = await with_identity(ann), await with_identity(bob)
        signed = annes.user_signing.sign(bobs.key("master", bobs.master))
        await ann.post("/keys/signatures/upload", {bob.user_id: {bobs.master.public: signed}})
        for viewer, sees in ((ann, True), (bob, False), (cleo, False)):
            shown = await keys_of(viewer, ann.user_id, bob.user_id)
            master = shown["master_keys"][bob.user_id]
            assert (ann.user_id in master.get("signatures", {})) is sees
            is_ann = viewer is ann
            assert (ann.user_id in shown["user_signing_keys"]) is is_ann
            assert shown["self_signing_keys"].keys() == {ann.user_id, bob.user_id}


async def test_a_query_that_is_none_is_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        table: list[tuple[Any, str]] = [
            ({}, "M_MISSING_PARAM"),
            ({"device_keys": []}, "M_BAD_JSON"),
            ({"device_keys": {ann.user_id: {}}}, "M_BAD_JSON"),
            ({"device_keys": {ann.user_id: {"A": 1}}}, "M_BAD_JSON"),
            ({"device_keys": {ann.user_id: [1]}}, "M_BAD_JSON"),
            ({"device_keys": {"ann": []}}, "M_INVALID_PARAM"),
        ]
        for body, errcode in table:
            assert (await ann.post("/keys/query", body)).refusal == (400, errcode), body
        many: dict[str, list[str]] = {f"@a{n}:privity.test": [] for n in range(5001)}
        assert (await ann.post("/keys/query", {"device_keys": many})).refusal[0] == 413


async def test_a_thousand_people_are_asked_for_at_once() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        await device.upload()
        others = [UserId(f"@a{n}:privity.test") for n in range(1000)]
        shown = await keys_of(ann, *others, ann.user_id)
        assert shown["device_keys"][ann.user_id] == {ann.device_id: device.keys}
        assert len(shown["device_keys"]) == 1001
