"""Uploading keys: what a device says of itself, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from privity.accounts.log_out import log_out
from privity.keys.upload import Upload, upload
from privity.matrix.errors import Refused
from privity.matrix.signing import encode_base64
from privity.store.engine import Tx
from privity.store.engine.migrate import migrations
from privity.store.sessions import hash_token
from tests.accounts.test_pushers import set_pusher
from tests.keys.clients import Device, Signer, claim, keys_of, new_public_key, sync, told, with_keys
from tests.world import World

LOW_ORDER = encode_base64(bytes(32))
TABLE = re.compile(r"CREATE TABLE (\w+) \(([^;]*)\);")
# Only a position; of a device that sleeps.
NOT_OF_IT = {"one_time_key_changes", "dehydrated_devices"}


async def test_keys_are_shown_as_they_were_uploaded() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device = await with_keys(ann)
        shown = await keys_of(bob, ann.user_id)
        assert shown["device_keys"] == {ann.user_id: {ann.device_id: device.keys}}
        assert shown["failures"] == {}


async def test_an_upload_of_nothing_tells_how_many_keys_are_left() -> None:
    async with World() as world:
        ann = await world.person("ann")
        nothing = {"one_time_key_counts": {"signed_curve25519": 0}}
        assert (await ann.post("/keys/upload", {})).body == nothing
        await with_keys(ann, "a", "b")
        two = {"one_time_key_counts": {"signed_curve25519": 2}}
        assert (await ann.post("/keys/upload", {})).body == two


async def test_the_same_upload_again_changes_nothing() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        keys = {"one_time_keys": device.one_time_keys("a", "b")}
        keys["fallback_keys"] = device.fallback_key("f")
        first = await device.upload(**keys)
        since = await sync(ann)
        again = await device.upload(**keys)
        assert again.body == first.body == {"one_time_key_counts": {"signed_curve25519": 2}}
        assert not told(await sync(ann, since))


def other_user(device: Device) -> Any:
    return device.signer.sign({**device.bare, "user_id": "@bob:privity.test"})


def other_device(device: Device) -> Any:
    return device.signer.sign({**device.bare, "device_id": "OTHER"})


def not_signed(device: Device) -> Any:
    return device.bare


def changed_after_signing(device: Device) -> Any:
    return {**device.keys, "algorithms": []}


def signed_by_another_key(device: Device) -> Any:
    return Signer(device.person.user_id, device_id=device.person.device_id).sign(device.bare)


def without_algorithms(device: Device) -> Any:
    return device.signer.sign({k: v for k, v in device.bare.items() if k != "algorithms"})


def without_signing_key(device: Device) -> Any:
    return device.signer.sign({**device.bare, "keys": {}})


def with_more(device: Device, **more: Any) -> Any:
    keys = {f"{name}:{device.person.device_id}": key for name, key in more.items()}
    return device.signer.sign({**device.bare, "keys": {**device.bare["keys"], **keys}})


NOT_ITS_OWN: list[tuple[Callable[[Device], Any], tuple[int, str]]] = [
    (other_user, (400, "M_INVALID_PARAM")),
    (other_device, (400, "M_INVALID_PARAM")),
    (not_signed, (400, "M_INVALID_SIGNATURE")),
    (changed_after_signing, (400, "M_INVALID_SIGNATURE")),
    (signed_by_another_key, (400, "M_INVALID_SIGNATURE")),
    (without_algorithms, (400, "M_BAD_JSON")),
    (without_signing_key, (400, "M_BAD_JSON")),
    (lambda d: with_more(d, curve25519=LOW_ORDER), (400, "M_INVALID_PARAM")),
    (lambda d: with_more(d, curve25519="AAAA"), (400, "M_INVALID_PARAM")),
    (lambda d: with_more(d, curve25519=new_public_key() + "="), (400, "M_INVALID_PARAM")),
    (lambda d: with_more(d, curve25519="not Base64"), (400, "M_INVALID_PARAM")),
    (lambda d: with_more(d, curve25519=None), (400, "M_BAD_JSON")),
    (lambda d: {**d.keys, "keys": {"ed25519:OTHER": d.signer.public}}, (400, "M_BAD_JSON")),
    (lambda d: d.signer.sign({**d.bare, "note": "x" * 9000}), (413, "M_TOO_LARGE")),
    (lambda d: {**d.keys, "number": 0.5}, (400, "M_BAD_JSON")),
    (lambda d: {**d.keys, "number": 2**60}, (400, "M_BAD_JSON")),
    (lambda _: "keys", (400, "M_BAD_JSON")),
]


async def test_keys_that_are_not_the_devices_own_are_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        for case, (make, refusal) in enumerate(NOT_ITS_OWN):
            body = {"device_keys": make(device), "one_time_keys": device.one_time_keys("a")}
            assert (await ann.post("/keys/upload", body)).refusal == refusal, case
        assert (await keys_of(ann, ann.user_id))["device_keys"] == {ann.user_id: {}}
        assert (await sync(ann))["device_one_time_keys_count"] == {"signed_curve25519": 0}


async def test_what_only_others_could_say_of_a_device_is_not_kept() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        forged = Signer(ann.user_id).sign({})["signatures"][ann.user_id]
        keys = {**device.keys, "unsigned": {"device_display_name": "Bob's"}}
        keys["signatures"] = {**keys["signatures"], "@bob:privity.test": forged}
        await ann.post("/keys/upload", {"device_keys": keys})
        shown = (await keys_of(ann, ann.user_id))["device_keys"][ann.user_id][ann.device_id]
        assert shown == device.keys


async def test_the_identity_of_a_device_cannot_be_replaced() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = await with_keys(ann)
        answer = await Device(ann).upload()
        assert answer.refusal == (400, "M_INVALID_PARAM")
        again = await world.log_in(ann.user_id, device_id=ann.device_id)
        assert (await Device(again).upload()).refusal == (400, "M_INVALID_PARAM")
        shown = await keys_of(again, ann.user_id)
        assert shown["device_keys"][ann.user_id][ann.device_id] == device.keys


async def test_a_device_that_was_ended_can_come_back_with_other_keys() -> None:
    async with World() as world:
        ann = await world.person("ann", device_id="PHONE")
        before = await with_keys(ann, "a")
        await ann.post("/logout")
        after = await with_keys(await world.log_in(ann.user_id, device_id="PHONE"))
        shown = (await keys_of(after.person, ann.user_id))["device_keys"][ann.user_id]
        assert shown == {"PHONE": after.keys}
        assert await claim(after.person, before) is None


async def test_who_is_logged_out_while_they_upload_leaves_no_keys() -> None:
    async with World() as world:
        ann = await world.person("ann")
        session = await world.store.sessions.get(hash_token(ann.token))
        assert session is not None
        await log_out(world.house, ann.user_id)
        with pytest.raises(Refused, match="M_UNKNOWN_TOKEN"):
            await upload(world.house, session, Upload(Device(ann).keys, {}, {}))


async def test_one_time_keys_come_after_the_devices_own() -> None:
    async with World() as world:
        ann = await world.person("ann")
        keys = Device(ann).one_time_keys("a")
        answer = await ann.post("/keys/upload", {"one_time_keys": keys})
        assert answer.refusal == (400, "M_INVALID_PARAM")


async def test_one_time_keys_that_nobody_should_use_are_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device, stranger = await with_keys(ann), Signer(ann.user_id, device_id=ann.device_id)
        (good,) = device.one_time_keys("a").values()
        table: list[tuple[str, Any, str]] = [
            ("signed_curve25519:a", {"key": new_public_key()}, "M_INVALID_SIGNATURE"),
            ("signed_curve25519:a", {**good, "key": new_public_key()}, "M_INVALID_SIGNATURE"),
            ("signed_curve25519:a", stranger.sign({"key": good["key"]}), "M_INVALID_SIGNATURE"),
            ("signed_curve25519:a", device.signer.sign({"key": LOW_ORDER}), "M_INVALID_PARAM"),
            ("signed_curve25519:a", device.signer.sign({"key": "AAAA"}), "M_INVALID_PARAM"),
            ("signed_curve25519:a", device.signer.sign({}), "M_BAD_JSON"),
            ("signed_curve25519:a", new_public_key(), "M_BAD_JSON"),
            ("signed_curve25519:", good, "M_INVALID_PARAM"),
            ("signed_curve25519", good, "M_INVALID_PARAM"),
            ("signed_curve25519:\0", good, "M_INVALID_PARAM"),
            ("signed_curve25519:" + "a" * 255, good, "M_INVALID_PARAM"),
            ("curve25519:a", new_public_key(), "M_INVALID_PARAM"),
            ("org.example:a", good, "M_INVALID_PARAM"),
        ]
        for member in ("one_time_keys", "fallback_keys"):
            for name, key, errcode in table:
                keys = {**device.one_time_keys("good"), name: key}
                answer = await ann.post("/keys/upload", {member: keys})
                assert answer.refusal == (400, errcode), (member, name, key)
        assert await claim(ann, device) is None


async def test_a_one_time_key_can_be_sent_again_but_not_changed() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        keys = device.one_time_keys("a")
        await device.upload(one_time_keys=keys)
        assert (await device.upload(one_time_keys=keys)).status == 200
        both = device.one_time_keys("a", "b")
        assert (await device.upload(one_time_keys=both)).refusal == (400, "M_INVALID_PARAM")
        twice = {"signed_curve25519:c": keys["signed_curve25519:a"]}
        assert (await device.upload(one_time_keys=twice)).refusal == (400, "M_INVALID_PARAM")
        assert [await claim(ann, device) for _ in range(2)] == ["a", None]


async def test_a_device_has_only_so_many_keys() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = await with_keys(ann, *(f"a{n}" for n in range(500)))
        more = await device.upload(one_time_keys=device.one_time_keys("b"))
        assert more.refusal == (413, "M_TOO_LARGE")
        two = {**device.fallback_key("f"), **device.fallback_key("g")}
        assert (await device.upload(fallback_keys=two)).refusal == (400, "M_INVALID_PARAM")
        assert (await device.upload())["one_time_key_counts"] == {"signed_curve25519": 500}


async def test_nothing_is_left_of_a_device_that_was_ended() -> None:
    schema = " ".join(migration.sql for migration in migrations())
    tables = [
        name
        for name, columns in TABLE.findall(schema)
        if {"user_id", "device_id"} <= set(columns.split()) and name not in NOT_OF_IT
    ]

    def left(tx: Tx) -> list[str]:
        sql = "SELECT 1 FROM {} WHERE user_id = ? AND device_id = ?"
        return [each for each in tables if tx.one(sql.format(each), ann.user_id, ann.device_id)]

    async with World() as world:
        ann = await world.person("ann", refresh_token=True)
        device = await with_keys(ann, "a", "b")
        await device.upload(fallback_keys=device.fallback_key("f"))
        await claim(ann, device)
        messages: Any = {"messages": {ann.user_id: {ann.device_id: {}}}}
        await ann.put("/sendToDevice/m.dummy/t", messages)
        await ann.post("/_matrix/client/v4/sync", {})
        assert await set_pusher(ann) == (200, None)
        assert await world.store.read(left) == tables
        await ann.post("/logout")
        assert await world.store.read(left) == []
