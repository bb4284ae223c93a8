"""The database of a release of before is taken over by this one, and people talk on.

`releases/0.1.0.json` has every row of a server in use, made by that release itself, and what
happened on it: `story`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from privity.config import Config
from privity.main import store_of, whole_of
from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Param
from privity.store.engine.migrate import TooNew
from privity.store.whole import Filling
from tests.both_databases import on_both
from tests.media.carrier import MEDIA
from tests.rooms.talking import encrypted, history, send
from tests.world import PASSWORD, SERVER_NAME, Person, World

__all__ = ["on_both"]

RELEASE = Path(__file__).parent / "releases" / "0.1.0.json"
FILE = b"ciphertext of 0.1.0"


def _fill(filling: Filling) -> None:
    for name, table in json.loads(RELEASE.read_text("utf-8"))["tables"].items():
        rows: list[Sequence[Param]] = [
            [b64decode(value[0]) if isinstance(value, list) else value for value in row]
            for row in table["rows"]
        ]
        if name != "migrations" and rows:
            filling.add(name, tuple(table["columns"]), rows)


@pytest.fixture(name="old")
async def _old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A server of today on the database of then."""
    on_postgres = World.new_database is not None
    database = request.getfixturevalue("postgres").database() if on_postgres else ""
    config = Config(data_dir=tmp_path / "data", database=database)
    whole_of(config).make({1, 2, 3, 4}, _fill)
    digest = hashlib.sha256(FILE).hexdigest()
    file = tmp_path / "data" / "media" / digest[:2] / digest[2:]
    file.parent.mkdir(parents=True)
    file.write_bytes(FILE)
    async with World(data_dir=config.data_dir, database=database) as world:
        yield world


@pytest.fixture(name="story")
def _story() -> Any:
    return json.loads(RELEASE.read_text("utf-8"))["story"]


def person(world: World, story: Any, name: str) -> Person:
    """Somebody with the token that they had then."""
    who = story["people"][name]
    return Person(world, UserId(who["user_id"]), DeviceId(who["device_id"]), who["token"])


async def test_the_tokens_of_then_are_good_and_so_are_the_passwords(old: World, story: Any) -> None:
    for name in ("ann", "phone", "ben"):
        who = await person(old, story, name).get("/account/whoami")
        assert who["device_id"] == story["people"][name]["device_id"]
    assert (await old.log_in("ann", PASSWORD)).user_id == "@ann:privity.test"


async def test_a_sync_goes_on_where_it_was_and_misses_nothing(old: World, story: Any) -> None:
    ben, room_id = person(old, story, "ben"), story["room_id"]
    answer = await ben.get("/sync", since=story["since"])
    timeline = answer["rooms"]["join"][room_id]["timeline"]["events"]
    assert [event["type"] for event in timeline] == ["m.room.encrypted", "m.room.member"]
    assert timeline[0]["event_id"] == story["unread"]
    assert [each["type"] for each in answer["to_device"]["events"]] == ["m.room.encrypted"]
    assert answer["device_one_time_keys_count"]["signed_curve25519"] == 3
    assert story["left_room_id"] in answer["rooms"]["leave"]


async def test_they_talk_on_in_the_room_of_then(old: World, story: Any) -> None:
    ann, ben = person(old, story, "ann"), person(old, story, "ben")
    room_id = story["room_id"]
    before = (await ben.get("/sync"))["next_batch"]
    said = (await send(ann, room_id, encrypted(), txn_id="today"))["event_id"]
    answer = await ben.get("/sync", since=before)
    timeline = answer["rooms"]["join"][room_id]["timeline"]["events"]
    assert [event["event_id"] for event in timeline] == [said]
    shown = await history(ann, room_id)
    assert [each for each in shown if each in {*story["said"], story["unread"], said}] == [
        said,
        story["unread"],
        *reversed(story["said"]),
    ]


async def test_what_was_kept_then_is_kept_now(old: World, story: Any) -> None:
    ann, ben = person(old, story, "ann"), person(old, story, "ben")
    assert (await ann.get(f"{MEDIA}/download/{story['media']}")).raw == FILE
    assert (await ben.get(f"/profile/{ann.user_id}/displayname"))["displayname"] == "Ann"
    direct = await ann.get(f"/user/{ann.user_id}/account_data/m.direct")
    assert direct.body == {ben.user_id: [story["room_id"]]}
    assert (await ann.get("/room_keys/version"))["version"] == "1"
    kept = await ben.get(f"/user/{ben.user_id}/filter/{story['filter_id']}")
    assert kept["room"]["timeline"]["limit"] == 5
    claim = {"one_time_keys": {ben.user_id: {ben.device_id: "signed_curve25519"}}}
    claimed = await ann.post("/keys/claim", claim)
    assert claimed["one_time_keys"][ben.user_id][ben.device_id]


async def test_a_request_of_then_that_is_sent_again_is_not_done_twice(
    old: World, story: Any
) -> None:
    ann, room_id = person(old, story, "ann"), story["room_id"]
    again = await send(ann, room_id, encrypted("1"), txn_id="t1")
    assert again["event_id"] == story["said"][0]


async def test_an_invitation_of_then_can_be_used_now(old: World, story: Any) -> None:
    auth = {"type": "m.login.registration_token", "token": story["invitation"]}
    body = {"username": "cid", "password": PASSWORD, "auth": auth}
    assert (await old.request("POST", "/register", body)).status == 200


async def test_the_next_start_finds_it_up_to_date(old: World, story: Any) -> None:
    await old.restart()
    ann = person(old, story, "ann")
    assert (await send(ann, story["room_id"], encrypted(), txn_id="today")).status == 200
    assert old.house.server_name == SERVER_NAME


async def test_the_database_of_a_newer_release_is_refused() -> None:
    async with World() as world:
        future = ("migrations", ("number", "name"), (9999, "flying_carpets"))
        await world.store.write(lambda tx: tx.add(*future))
        store = store_of(world.house.config)
        with pytest.raises(TooNew, match="a newer release of privity wrote this database"):
            await store.start()
        await store.stop()
