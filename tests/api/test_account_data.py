"""Account data: what somebody's clients keep on the server."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.set_account_data import MOST_ITEMS
from privity.store.engine import WriteTx
from tests.world import Person, World

ROOM = "!room:privity.test"


def of(person: Person, kind: str, room_id: str | None = None) -> str:
    room = f"/rooms/{room_id}" if room_id else ""
    return f"/user/{person.user_id}{room}/account_data/{kind}"


async def test_what_was_never_set_is_not_found(world: World) -> None:
    ann = await world.person("ann")
    for path in (of(ann, "m.direct"), of(ann, "m.tag", ROOM)):
        assert (await ann.get(path)).refusal == (404, "M_NOT_FOUND")


async def test_what_was_set_is_read_back_and_can_be_set_anew(world: World) -> None:
    ann = await world.person("ann")
    for content in ({"@ben:privity.test": [ROOM]}, {}, {"half": 0.5, "wörter": ["ß"]}):
        assert (await ann.put(of(ann, "m.direct"), content)).body == {}
        assert (await ann.get(of(ann, "m.direct"))).body == content


async def test_a_room_and_the_whole_account_keep_different_things(world: World) -> None:
    ann = await world.person("ann")
    await ann.put(of(ann, "org.example.x"), {"of": "all"})
    assert (await ann.get(of(ann, "org.example.x", ROOM))).status == 404
    await ann.put(of(ann, "org.example.x", ROOM), {"of": "room"})
    assert (await ann.get(of(ann, "org.example.x"))).body == {"of": "all"}
    assert (await ann.get(of(ann, "org.example.x", ROOM))).body == {"of": "room"}


async def test_account_data_is_its_owners_alone(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await ann.put(of(ann, "org.example.x"), {"a": 1})
    for path in (of(ann, "org.example.x"), of(ann, "org.example.x", ROOM)):
        assert (await ben.get(path)).refusal == (403, "M_FORBIDDEN")
        assert (await ben.put(path, {"b": 2})).refusal == (403, "M_FORBIDDEN")
    assert (await ann.get(of(ann, "org.example.x"))).body == {"a": 1}


@pytest.mark.parametrize("kind", ["m.fully_read", "m.push_rules"])
@pytest.mark.parametrize("room_id", [None, ROOM])
async def test_what_the_server_keeps_itself_cannot_be_set(
    world: World, kind: str, room_id: str | None
) -> None:
    ann = await world.person("ann")
    assert (await ann.put(of(ann, kind, room_id), {})).refusal == (405, "M_BAD_JSON")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", (400, "M_NOT_JSON")),
        (b"nothing", (400, "M_NOT_JSON")),
        (b'{"a": NaN}', (400, "M_NOT_JSON")),
        (b'{"a": "\xff"}', (400, "M_NOT_JSON")),
        (b"[]", (400, "M_BAD_JSON")),
        (b"null", (400, "M_BAD_JSON")),
        (b'{"a":1,"a":2}', (400, "M_BAD_JSON")),
        (b'{"a":9007199254740993}', (400, "M_BAD_JSON")),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", (400, "M_BAD_JSON")),
        (b'{"a":"' + b"x" * 1024 * 1024 + b'"}', (413, "M_TOO_LARGE")),
    ],
)
async def test_a_body_that_is_not_plain_json_sets_nothing(
    world: World, body: bytes, refusal: Any
) -> None:
    ann = await world.person("ann")
    assert (await ann.put(of(ann, "org.example.x"), body)).refusal == refusal
    assert (await ann.get(of(ann, "org.example.x"))).status == 404


async def test_a_type_is_no_longer_than_that_of_an_event(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.put(of(ann, "x" * 256), {})).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.put(of(ann, "x" * 255), {})).status == 200


async def test_a_room_has_to_have_the_id_of_one(world: World) -> None:
    ann = await world.person("ann")
    path = of(ann, "org.example.x", "@ann:privity.test")
    assert (await ann.put(path, {})).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.get(path)).refusal == (400, "M_INVALID_PARAM")


async def test_other_devices_hear_of_it_with_their_next_sync(world: World) -> None:
    ann = await world.person("ann")
    other = await ann.another_device()
    since = (await other.get("/sync"))["next_batch"]
    await ann.put(of(ann, "org.example.x"), {"a": 1})
    synced = await other.get("/sync", since=since)
    told = {"type": "org.example.x", "content": {"a": 1}}
    assert synced["account_data"]["events"] == [told]


async def test_nobody_sets_it_without_end(world: World) -> None:
    ann = await world.person("ann")
    answers = [await ann.put(of(ann, f"org.example.{n}"), {}) for n in range(310)]
    assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
    world.clock.advance(1000)
    assert (await ann.put(of(ann, "org.example.later"), {})).status == 200


async def test_nobody_keeps_more_pieces_than_there_may_be(world: World) -> None:
    ann = await world.person("ann")
    columns = ("user_id", "room_id", "type", "content", "pos")

    def fill(tx: WriteTx) -> None:
        for number in range(MOST_ITEMS - 1):
            row = (ann.user_id, "", f"org.example.{number}", b"{}", tx.position())
            tx.add("account_data", columns, row)

    await world.store.write(fill)
    assert (await ann.put(of(ann, "org.example.last"), {})).status == 200
    assert (await ann.put(of(ann, "org.example.more"), {})).refusal == (403, "M_FORBIDDEN")
    assert (await ann.put(of(ann, "org.example.last"), {"a": 1})).status == 200


async def test_whom_to_ignore_is_a_list_without_oneself(world: World) -> None:
    ann = await world.person("ann")
    path = of(ann, "m.ignored_user_list")
    assert (await ann.put(path, {"ignored_users": []})).refusal == (400, "M_BAD_JSON")
    oneself: Any = {"ignored_users": {ann.user_id: {}}}
    assert (await ann.put(path, oneself)).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.put(path, {"ignored_users": {"@ben:privity.test": {}}})).status == 200
