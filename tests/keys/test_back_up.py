"""Key backups: what only their owner can read, kept where it is not lost."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.world import Answer, Person, World

ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
KEYS = "/room_keys/keys"
NONE = (404, "M_NOT_FOUND")
ROOM = "!one:privity.test"
OTHER = "!two:privity.test"


def key(name: str = "a", first: int = 0, forwarded: int = 0, *, verified: bool = False) -> Any:
    """A session's key; `name` tells it from others."""
    return {
        "first_message_index": first,
        "forwarded_count": forwarded,
        "is_verified": verified,
        "session_data": {"ephemeral": "AAAA", "ciphertext": name, "mac": "AAAA"},
    }


async def new_version(person: Person, public_key: str = "AAAA") -> str:
    """Begin a backup; its version."""
    body = {"algorithm": ALGORITHM, "auth_data": {"public_key": public_key}}
    answer = await person.post("/room_keys/version", body)
    assert answer.status == 200, answer.body
    version: str = answer["version"]
    return version


async def put(person: Person, rooms: Any, version: str) -> Answer:
    """Back up keys, by room and session."""
    body = {"rooms": {room_id: {"sessions": keys} for room_id, keys in rooms.items()}}
    return await person.put(KEYS, body, version=version)


async def backed_up(person: Person, version: str) -> Any:
    """All keys of a version, by room and session."""
    answer = await person.get(KEYS, version=version)
    assert answer.status == 200, answer.body
    return {room_id: room["sessions"] for room_id, room in answer["rooms"].items()}


async def test_without_a_backup_everything_about_it_is_not_found() -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await ann.get("/room_keys/version")).refusal == NONE
        for version in ("1", "0", "-1", "01", "x", "9" * 30, "\u0661"):
            assert (await ann.get(f"/room_keys/version/{version}")).refusal == NONE
            assert (await ann.delete(f"/room_keys/version/{version}")).refusal == NONE
            assert (await put(ann, {}, version)).refusal == NONE
            for path in (KEYS, f"{KEYS}/{ROOM}", f"{KEYS}/{ROOM}/s"):
                assert (await ann.get(path, version=version)).refusal == NONE
                assert (await ann.delete(path, version=version)).refusal == NONE


async def test_the_newest_backup_is_the_one_that_is_told() -> None:
    async with World() as world:
        ann = await world.person("ann")
        first, second = await new_version(ann, "A"), await new_version(ann, "B")
        assert first != second
        told = {"algorithm": ALGORITHM, "count": 0, "etag": "0"}
        newest = {**told, "auth_data": {"public_key": "B"}, "version": second}
        assert (await ann.get("/room_keys/version")).body == newest
        assert (await ann.get(f"/room_keys/version/{second}")).body == newest
        assert (await ann.get(f"/room_keys/version/{first}"))["auth_data"] == {"public_key": "A"}


async def test_a_backup_that_is_deleted_is_gone_with_its_keys_and_its_number() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        await put(ann, {ROOM: {"s": key()}}, version)
        for _ in range(2):
            assert (await ann.delete(f"/room_keys/version/{version}")).body == {}
        assert (await ann.get("/room_keys/version")).refusal == NONE
        assert (await ann.get(KEYS, version=version)).refusal == NONE
        assert await new_version(ann) != version


async def test_what_is_said_of_a_backup_can_change_but_not_its_algorithm() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        path, body = f"/room_keys/version/{version}", {"algorithm": ALGORITHM}
        assert (await ann.put(path, {**body, "auth_data": {"public_key": "B"}})).body == {}
        for wrong, refusal in (
            ({**body, "algorithm": "org.example", "auth_data": {}}, (400, "M_INVALID_PARAM")),
            ({**body, "auth_data": {}, "version": "7"}, (400, "M_INVALID_PARAM")),
            (body, (400, "M_MISSING_PARAM")),
        ):
            assert (await ann.put(path, wrong)).refusal == refusal
        assert (await ann.get(path))["auth_data"] == {"public_key": "B"}
        missing = await ann.put("/room_keys/version/7", {**body, "auth_data": {}})
        assert missing.refusal == NONE


async def test_keys_are_put_and_got_all_together_by_room_and_singly() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        assert (await put(ann, {ROOM: {"s": key("s")}}, version)).body == {"count": 1, "etag": "1"}
        sessions = {"sessions": {"t": key("t"), "u": key("u")}}
        room = await ann.put(f"{KEYS}/{ROOM}", sessions, version=version)
        assert room.body == {"count": 3, "etag": "2"}
        single = await ann.put(f"{KEYS}/{OTHER}/s", key("v"), version=version)
        assert single.body == {"count": 4, "etag": "3"}
        in_room = {"s": key("s"), "t": key("t"), "u": key("u")}
        assert await backed_up(ann, version) == {ROOM: in_room, OTHER: {"s": key("v")}}
        got = await ann.get(f"{KEYS}/{ROOM}", version=version)
        assert got.body == {"sessions": in_room}
        assert (await ann.get(f"{KEYS}/{ROOM}/t", version=version)).body == key("t")
        assert (await ann.get("/room_keys/version"))["count"] == 4


async def test_what_is_not_backed_up_is_empty_or_not_found() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        assert (await ann.get(KEYS, version=version)).body == {"rooms": {}}
        assert (await ann.get(f"{KEYS}/{ROOM}", version=version)).body == {"sessions": {}}
        assert (await ann.get(f"{KEYS}/{ROOM}/s", version=version)).refusal == NONE


async def test_keys_are_deleted_singly_by_room_and_all_together() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        keys = {ROOM: {"s": key(), "t": key()}, OTHER: {"s": key(), "t": key()}}
        await put(ann, keys, version)
        for path, left in ((f"{KEYS}/{ROOM}/s", 3), (f"{KEYS}/{OTHER}", 1), (KEYS, 0)):
            answer = await ann.delete(path, version=version)
            assert answer["count"] == left
        assert answer["etag"] == "4"
        assert (await ann.delete(KEYS, version=version)).body == {"count": 0, "etag": "4"}


IN_ORDER = [
    key("verified", 5, 5, verified=True),
    key("verified, later", 6, 0, verified=True),
    key("earliest", 1, 9),
    key("less forwarded", 2, 0),
    key("more forwarded", 2, 1),
]


@pytest.mark.parametrize("order", [IN_ORDER, IN_ORDER[::-1], *list(permutations(IN_ORDER))[7::31]])
async def test_the_better_key_stays_whatever_comes_first(order: list[Any]) -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        best = None
        for each in order:
            before = (await ann.get("/room_keys/version"))["etag"]
            after = (await put(ann, {ROOM: {"s": each}}, version)).body
            is_better = best is None or IN_ORDER.index(each) < IN_ORDER.index(best)
            best = each if is_better else best
            assert (after["etag"] != before, after["count"]) == (is_better, 1)
            assert await backed_up(ann, version) == {ROOM: {"s": best}}


async def test_the_same_keys_again_change_nothing() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        for _ in range(2):
            answer = await put(ann, {ROOM: {"s": key()}}, version)
            assert answer.body == {"count": 1, "etag": "1"}


async def test_a_device_that_missed_a_new_backup_is_told_of_it() -> None:
    async with World() as world:
        ann = await world.person("ann")
        old, new = await new_version(ann), await new_version(ann)
        for path, body in (
            (KEYS, {"rooms": {}}),
            (f"{KEYS}/{ROOM}", {"sessions": {}}),
            (f"{KEYS}/{ROOM}/s", key()),
        ):
            answer = await ann.put(path, body, version=old)
            assert answer.refusal == (403, "M_WRONG_ROOM_KEYS_VERSION")
            assert answer["current_version"] == new
        assert await backed_up(ann, old) == await backed_up(ann, new) == {}


async def test_nobody_sees_the_backup_of_somebody_else() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        version = await new_version(ann)
        await put(ann, {ROOM: {"s": key()}}, version)
        assert (await bob.get("/room_keys/version")).refusal == NONE
        assert (await bob.get(KEYS, version=version)).refusal == NONE
        assert await new_version(bob) == version
        assert await backed_up(bob, version) == {}
        await bob.delete(KEYS, version=version)
        assert await backed_up(ann, version) == {ROOM: {"s": key()}}


async def test_what_is_no_key_is_refused_and_nothing_of_it_is_kept() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        without = {name: {k: v for k, v in key().items() if k != name} for name in key()}
        table: list[tuple[Any, str]] = [
            *((bad, "M_MISSING_PARAM") for bad in without.values()),
            ({**key(), "first_message_index": -1}, "M_BAD_JSON"),
            ({**key(), "first_message_index": "0"}, "M_BAD_JSON"),
            ({**key(), "first_message_index": 2**53}, "M_BAD_JSON"),
            ({**key(), "forwarded_count": True}, "M_BAD_JSON"),
            ({**key(), "is_verified": 1}, "M_BAD_JSON"),
            ({**key(), "session_data": "AAAA"}, "M_BAD_JSON"),
            ("AAAA", "M_BAD_JSON"),
        ]
        for bad, errcode in table:
            answer = await put(ann, {ROOM: {"good": key(), "bad": bad}}, version)
            assert answer.refusal == (400, errcode), bad
        for rooms in ({"one": {"s": key()}}, {ROOM: {"": key()}}, {ROOM: {"s" * 256: key()}}):
            assert (await put(ann, rooms, version)).refusal == (400, "M_INVALID_PARAM")
        assert (await ann.put(KEYS, {"rooms": {}})).refusal == (400, "M_MISSING_PARAM")
        assert (await ann.put(KEYS, {}, version=version)).refusal == (400, "M_MISSING_PARAM")
        assert await backed_up(ann, version) == {}


async def test_many_keys_come_at_once_and_are_more_than_another_body_may_hold() -> None:
    async with World() as world:
        ann = await world.person("ann")
        version = await new_version(ann)
        sessions = {f"s{n}": key("x" * 2000) for n in range(1200)}
        assert (await put(ann, {ROOM: sessions}, version)).body == {"count": 1200, "etag": "1"}
        better = {name: key("y", verified=True) for name in list(sessions)[:700]}
        assert (await put(ann, {ROOM: better}, version)).body == {"count": 1200, "etag": "2"}
        everything = (await backed_up(ann, version))[ROOM]
        assert everything == {**sessions, **better}
