"""Cross-signing: who somebody is, and whom they vouch for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from privity.matrix.ids import UserId
from tests.keys.clients import Device, Identity, Signer, keys_of, with_identity, with_keys
from tests.world import Answer, Person, World

UPLOAD = "/keys/device_signing/upload"
Json = dict[str, Any]


async def replaced(person: Person, identity: Identity) -> Answer:
    """Upload other keys, confirmed by the password."""
    return await person.post(UPLOAD, {**identity.body(), "auth": person.auth()})


async def signed(person: Person, user_id: str, key_id: str, key: Json) -> Any:
    """Upload a signed key; what went wrong with it, or None."""
    answer = await person.post("/keys/signatures/upload", {user_id: {key_id: key}})
    assert answer.status == 200, answer.body
    return answer["failures"].get(user_id, {}).get(key_id, {}).get("errcode")


async def test_the_first_keys_need_no_confirmation_and_the_same_again_neither() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        identity = Identity(ann.user_id)
        for _ in range(2):
            assert (await ann.post(UPLOAD, identity.body())).body == {}
        shown = await keys_of(bob, ann.user_id)
        assert shown["master_keys"] == {ann.user_id: identity.body()["master_key"]}
        assert shown["self_signing_keys"] == {ann.user_id: identity.body()["self_signing_key"]}


async def test_other_keys_need_the_password() -> None:
    async with World() as world:
        ann = await world.person("ann")
        before, after = await with_identity(ann), Identity(ann.user_id)
        asked = await ann.post(UPLOAD, after.body())
        assert asked.status == 401
        assert asked["flows"] == [{"stages": ["m.login.password"]}]
        wrong = {**ann.auth(), "password": "wrong"}
        assert (await ann.post(UPLOAD, {**after.body(), "auth": wrong})).status == 401
        shown = await keys_of(ann, ann.user_id)
        assert shown["master_keys"][ann.user_id] == before.body()["master_key"]
        auth = {**ann.auth(), "session": asked["session"]}
        assert (await ann.post(UPLOAD, {**after.body(), "auth": auth})).status == 200
        shown = await keys_of(ann, ann.user_id)
        assert shown["master_keys"][ann.user_id] == after.body()["master_key"]


async def test_a_key_beside_those_that_are_there_needs_the_password_too() -> None:
    async with World() as world:
        ann = await world.person("ann")
        identity = Identity(ann.user_id)
        body = identity.body()
        assert (await ann.post(UPLOAD, {"master_key": body["master_key"]})).status == 200
        more = {"self_signing_key": body["self_signing_key"]}
        assert (await ann.post(UPLOAD, more)).status == 401
        assert (await ann.post(UPLOAD, {**more, "auth": ann.auth()})).status == 200
        assert (await keys_of(ann, ann.user_id))["self_signing_keys"].keys() == {ann.user_id}


async def test_of_two_first_uploads_at_once_one_has_to_be_confirmed() -> None:
    async with World() as world:
        ann = await world.person("ann")
        bodies = [Identity(ann.user_id).body() for _ in range(2)]
        answers = await asyncio.gather(*(ann.post(UPLOAD, body) for body in bodies))
        assert sorted(answer.status for answer in answers) == [200, 401]


def with_usage(identity: Identity) -> Json:
    key = identity.key("self_signing", identity.self_signing)
    return {**identity.body(), "user_signing_key": identity.master.sign(key)}


def of_another_user(identity: Identity) -> Json:
    return {**identity.body(), **Identity(UserId("@bob:privity.test")).body()}


def not_signed(identity: Identity) -> Json:
    key = identity.key("self_signing", identity.self_signing)
    return {**identity.body(), "self_signing_key": key}


def signed_by_itself(identity: Identity) -> Json:
    key = identity.key("self_signing", identity.self_signing)
    return {**identity.body(), "self_signing_key": identity.self_signing.sign(key)}


def with_master(identity: Identity, **more: Any) -> Json:
    return {"master_key": {**identity.key("master", identity.master), **more}}


def with_two_keys(identity: Identity) -> Json:
    both = {signer.key_id: signer.public for signer in (identity.master, identity.self_signing)}
    return with_master(identity, keys=both)


REFUSED: list[tuple[Callable[[Identity], Any], str]] = [
    (with_usage, "M_INVALID_PARAM"),
    (of_another_user, "M_INVALID_PARAM"),
    (not_signed, "M_INVALID_SIGNATURE"),
    (signed_by_itself, "M_INVALID_SIGNATURE"),
    (with_two_keys, "M_INVALID_PARAM"),
    (lambda i: with_master(i, keys={}), "M_INVALID_PARAM"),
    (lambda i: with_master(i, keys=None), "M_INVALID_PARAM"),
    (lambda i: with_master(i, keys={"ed25519:OTHER": i.master.public}), "M_INVALID_PARAM"),
    (lambda i: with_master(i, keys={"ed25519:AAAA": "AAAA"}), "M_INVALID_PARAM"),
    (lambda i: with_master(i, keys={"ed25519:AAAA": 1}), "M_BAD_JSON"),
    (lambda i: with_master(i, usage="master"), "M_INVALID_PARAM"),
    (lambda i: with_master(i, usage=["master", "self_signing"]), "M_INVALID_PARAM"),
    (lambda _: {"master_key": "key"}, "M_BAD_JSON"),
    (lambda _: {"auth": []}, "M_BAD_JSON"),
    (lambda i: {"self_signing_key": i.body()["self_signing_key"]}, "M_MISSING_PARAM"),
    (lambda _: {}, "M_MISSING_PARAM"),
]


async def test_keys_that_prove_nothing_are_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        for case, (make, errcode) in enumerate(REFUSED):
            answer = await ann.post(UPLOAD, make(Identity(ann.user_id)))
            assert answer.refusal == (400, errcode), case
        large = with_master(Identity(ann.user_id), note="x" * 9000)
        assert (await ann.post(UPLOAD, large)).refusal == (413, "M_TOO_LARGE")
        assert (await keys_of(ann, ann.user_id))["master_keys"] == {}


async def test_a_key_is_not_called_what_a_device_is_called() -> None:
    async with World() as world:
        identity = Identity(UserId("@ann:privity.test"))
        ann = await world.person("ann", device_id=identity.master.public)
        assert (await ann.post(UPLOAD, identity.body())).refusal == (403, "M_FORBIDDEN")


async def test_a_person_signs_their_devices_and_a_device_its_person() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device, identity = await with_keys(ann), await with_identity(ann)
        key = identity.self_signing.sign(device.keys)
        assert await signed(ann, ann.user_id, ann.device_id, key) is None
        master = device.signer.sign(identity.key("master", identity.master))
        assert await signed(ann, ann.user_id, identity.master.public, master) is None
        shown = await keys_of(bob, ann.user_id)
        assert shown["device_keys"][ann.user_id][ann.device_id] == key
        assert shown["master_keys"][ann.user_id] == master


async def test_signatures_that_mean_nothing_are_told_as_failures() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device, identity = await with_keys(ann), await with_identity(ann)
        bobs_device, bobs = await with_keys(bob), await with_identity(bob)
        master = identity.key("master", identity.master)
        bobs_master, stranger = bobs.key("master", bobs.master), Signer(ann.user_id)
        other = {**device.bare, "keys": {"ed25519:OTHER": stranger.public}}
        broken = identity.self_signing.sign(device.bare)
        broken["signatures"][ann.user_id][identity.self_signing.key_id] = "A" * 86
        table: list[tuple[Person, str, Any, str]] = [
            (ann, ann.device_id, broken, "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, device.keys, "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, device.bare, "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, {**device.bare, "signatures": []}, "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, identity.user_signing.sign(device.bare), "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, stranger.sign(device.bare), "M_INVALID_SIGNATURE"),
            (ann, ann.device_id, identity.self_signing.sign(other), "M_INVALID_PARAM"),
            (ann, "NOBODYS", identity.self_signing.sign(device.bare), "M_NOT_FOUND"),
            (
                ann,
                identity.master.public,
                identity.user_signing.sign(master),
                "M_INVALID_SIGNATURE",
            ),
            (
                bob,
                bobs.master.public,
                identity.self_signing.sign(bobs_master),
                "M_INVALID_SIGNATURE",
            ),
            (bob, bobs.master.public, device.signer.sign(bobs_master), "M_INVALID_SIGNATURE"),
            (bob, bob.device_id, identity.user_signing.sign(bobs_device.bare), "M_NOT_FOUND"),
            (bob, bobs.self_signing.public, identity.user_signing.sign(master), "M_NOT_FOUND"),
        ]
        for case, (owner, key_id, key, errcode) in enumerate(table):
            assert await signed(ann, owner.user_id, key_id, key) == errcode, case
        shown = await keys_of(ann, ann.user_id, bob.user_id)
        assert shown["device_keys"][ann.user_id][ann.device_id] == device.keys
        assert shown["master_keys"] == {ann.user_id: master, bob.user_id: bobs_master}


async def test_what_is_valid_is_kept_though_something_beside_it_is_not() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device, identity = await with_keys(ann), await with_identity(ann)
        good = identity.self_signing.sign(device.keys)
        both = {ann.user_id: {ann.device_id: good, "NOBODYS": good, "OTHER": 1}}
        failures = (await ann.post("/keys/signatures/upload", both))["failures"]
        assert failures[ann.user_id].keys() == {"NOBODYS", "OTHER"}
        shown = await keys_of(ann, ann.user_id)
        assert shown["device_keys"][ann.user_id][ann.device_id] == good


async def test_who_becomes_another_loses_what_they_signed_and_what_was_signed_on_them() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        device, before, bobs = await with_keys(ann), await with_identity(ann), Identity(bob.user_id)
        await bob.post(UPLOAD, bobs.body())
        await signed(ann, ann.user_id, ann.device_id, before.self_signing.sign(device.keys))
        bobs_master = bobs.key("master", bobs.master)
        await signed(ann, bob.user_id, bobs.master.public, before.user_signing.sign(bobs_master))
        annes_master = before.key("master", before.master)
        by_bob = bobs.user_signing.sign(annes_master)
        assert await signed(bob, ann.user_id, before.master.public, by_bob) is None
        after = Identity(ann.user_id)
        only_master = {"master_key": after.body()["master_key"], "auth": ann.auth()}
        assert (await ann.post(UPLOAD, only_master)).status == 200
        shown = await keys_of(ann, ann.user_id, bob.user_id)
        assert shown["device_keys"][ann.user_id] == {ann.device_id: device.keys}
        assert shown["master_keys"][bob.user_id] == bobs_master
        assert ann.user_id not in shown["self_signing_keys"]
        assert shown["user_signing_keys"] == {}
        await ann.post(UPLOAD, {**before.body(), "auth": ann.auth()})
        assert (await keys_of(bob, ann.user_id))["master_keys"][ann.user_id] == annes_master


async def test_another_self_signing_key_takes_along_only_what_it_signed() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device, identity = await with_keys(ann), await with_identity(ann)
        await signed(ann, ann.user_id, ann.device_id, identity.self_signing.sign(device.keys))
        master = device.signer.sign(identity.key("master", identity.master))
        await signed(ann, ann.user_id, identity.master.public, master)
        identity.self_signing = Signer(ann.user_id)
        assert (await replaced(ann, identity)).status == 200
        shown = await keys_of(ann, ann.user_id)
        assert shown["device_keys"][ann.user_id] == {ann.device_id: device.keys}
        assert shown["master_keys"][ann.user_id] == master


async def test_a_device_that_is_logged_out_leaves_no_signature() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device, identity = await with_keys(ann), await with_identity(ann)
        other = await device.another()
        master = identity.key("master", identity.master)
        await signed(ann, ann.user_id, identity.master.public, device.signer.sign(master))
        await ann.post("/logout")
        shown = await keys_of(other.person, ann.user_id)
        assert shown["master_keys"][ann.user_id] == master


async def test_who_is_erased_is_forgotten_by_those_who_verified_them() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        annes, bobs = await with_identity(ann), await with_identity(bob)
        for who, own, other, its in ((ann, annes, bob, bobs), (bob, bobs, ann, annes)):
            master = own.user_signing.sign(its.key("master", its.master))
            assert await signed(who, other.user_id, its.master.public, master) is None
        await ann.post("/account/deactivate", {"auth": ann.auth(), "erase": True})
        shown = await keys_of(bob, ann.user_id, bob.user_id)
        assert ann.user_id not in shown["master_keys"]
        count = "SELECT COUNT(*) FROM key_signatures"
        assert await world.store.read(lambda tx: tx.one(count)) == (0,)


async def test_signatures_in_the_names_of_others_are_not_kept() -> None:
    async with World() as world:
        ann = await world.person("ann")
        identity = Identity(ann.user_id)
        forged = {"@bob:privity.test": {"ed25519:A": "A" * 86}}
        body = with_master(identity, signatures=forged, unsigned={"a": "b"})
        assert (await ann.post(UPLOAD, body)).status == 200
        shown = await keys_of(ann, ann.user_id)
        assert shown["master_keys"][ann.user_id] == identity.key("master", identity.master)


async def test_too_many_signatures_at_once_are_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        device = Device(ann)
        many = {ann.user_id: {str(n): device.keys for n in range(501)}}
        assert (await ann.post("/keys/signatures/upload", many)).refusal == (413, "M_TOO_LARGE")
        answer = await ann.post("/keys/signatures/upload", {ann.user_id: 1})
        assert answer.refusal == (400, "M_BAD_JSON")
