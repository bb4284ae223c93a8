"""With every `unsafe_` switch on, the server does as open servers in use do.

Suites of conformance were written against those; the sentences here are what they expect beyond
the specification, or where it leaves room.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from privity.config import load
from tests.follow.test_push import PHONE, Post
from tests.rooms.talking import room_of, send
from tests.world import OPEN, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(**OPEN, unsafe_default_room_version="10") as world:
        yield world


def test_presence_is_on_unless_it_is_said_to_be_off(tmp_path: Path) -> None:
    file = tmp_path / "open.toml"
    file.write_text("\n".join(f"{name} = true" for name in OPEN))
    assert load(file).presence
    file.write_text("\n".join(f"{name} = true" for name in [*OPEN][1:]))
    assert not load(file).presence


async def test_a_join_takes_along_what_the_client_says(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    room_id = (await ann.post("/createRoom", {"preset": "public_chat"}))["room_id"]
    await bob.post(f"/join/{room_id}", {"foo": "bar"})
    member = await ann.get(f"/rooms/{room_id}/state/m.room.member/{bob.user_id}")
    assert member["foo"] == "bar"


async def test_a_message_is_sent_without_a_transaction(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    path, message = f"/rooms/{room_id}/send/m.room.message", {"msgtype": "m.text", "body": "tea"}
    first, second = await ann.post(path, message), await ann.post(path, message)
    assert first["event_id"] != second["event_id"]


async def test_a_page_says_where_it_ends_and_an_empty_one_does_not(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    page = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=100)
    last = await ann.get(f"/rooms/{room_id}/messages", dir="b", **{"from": page["end"]})
    assert last["chunk"] == []
    assert "end" not in last.body


async def test_keys_are_taken_as_they_are(world: World) -> None:
    ann = await world.person("ann")
    device_keys = {
        "user_id": ann.user_id,
        "device_id": ann.device_id,
        "algorithms": ["x"],
        "keys": {f"ed25519:{ann.device_id}": "no key"},
        "signatures": {ann.user_id: {"ed25519:x": "none"}},
    }
    upload = {"device_keys": device_keys, "one_time_keys": {"my_algorithm:id": "also none"}}
    told = await ann.post("/keys/upload", upload)
    assert told["one_time_key_counts"]["my_algorithm"] == 1
    found = await ann.post("/keys/query", {"device_keys": {ann.user_id: []}})
    assert found["device_keys"][ann.user_id][ann.device_id] == {**device_keys, "unsigned": {}}


async def test_keys_of_somebody_else_and_what_has_no_shape_are_refused(world: World) -> None:
    ann = await world.person("ann")
    keys = {"user_id": "@bob:privity.test", "device_id": ann.device_id}
    assert (await ann.post("/keys/upload", {"device_keys": keys})).status == 400
    keys["user_id"] = ann.user_id
    answer = await ann.post("/keys/upload", {"device_keys": keys})
    assert answer.refusal == (400, "M_BAD_JSON")


async def test_a_guest_listens_to_one_room_only(world: World) -> None:
    body = (await world.request("POST", "/register", {}, query={"kind": "guest"})).body
    answer = await world.request("GET", "/events", token=body["access_token"])
    assert answer.refusal == (403, "M_GUEST_ACCESS_FORBIDDEN")


async def test_a_gateway_anywhere_is_told_all_unless_only_the_id_is_wanted(world: World) -> None:
    ann, bob, post = await world.person("ann"), await world.person("bob"), Post()
    url = "http://10.0.0.1:5000/_matrix/push/v1/notify"
    id_only = {"url": url, "format": "event_id_only"}
    await bob.post("/pushers/set", {**PHONE, "pushkey": "full", "data": {"url": url}})
    await bob.post("/pushers/set", {**PHONE, "pushkey": "id", "data": id_only})
    room_id = await room_of(ann, bob, name="Tea", preset="public_chat")
    await world.push(post)
    post.told.clear()
    content = {"msgtype": "m.text", "body": "tea"}
    await send(ann, room_id, content, "m.room.message")
    await world.push(post)
    told = {one["devices"][0]["pushkey"]: one for one in post.told}
    assert told["full"]["content"] == content
    assert told["full"]["sender"] == ann.user_id
    assert told["full"]["room_name"] == "Tea"
    assert told["full"]["devices"][0]["tweaks"] == {"sound": "default"}
    assert told["id"].keys() == {"event_id", "room_id", "prio", "counts", "devices"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 404),
        ("GET", "/global", 400),
        ("GET", "/global/room", 400),
        ("GET", "/not_a_scope/", 400),
        ("GET", "/global/not_a_kind/", 400),
        ("GET", "/global/override/.m.rule.master/not_an_attribute", 400),
        ("GET", "/global/override/not_a_rule", 404),
        ("PUT", "/", 400),
        ("PUT", "/not_a_scope/room/!x:y", 400),
        ("PUT", "/global", 400),
        ("PUT", "/global/room", 400),
        ("PUT", "/global/room/", 400),
        ("PUT", "/global/override/.m.rule.master/not_an_attribute", 400),
    ],
)
async def test_what_is_no_path_of_a_push_rule_is_a_bad_request(
    world: World, method: str, path: str, status: int
) -> None:
    ann = await world.person("ann")
    answer = await world.request(method, f"/pushrules{path}", {}, token=ann.token)
    assert answer.status == status


async def test_what_no_power_could_set_is_not_a_question_of_power(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {"room_version": "12"}))["room_id"]
    road = f"/rooms/{room_id}/state"
    assert (await ann.put(f"{road}/m.room.create/", {"entropy": 1})).status == 400
    levels = {"users": {ann.user_id: 100}}
    assert (await ann.put(f"{road}/m.room.power_levels/", levels)).status == 400


async def test_who_authorises_a_join_is_not_for_the_client_to_say(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    road = f"/rooms/{room_id}/state/m.room.member/{ann.user_id}"
    said = {"membership": "join", "join_authorised_via_users_server": "unused"}
    assert (await ann.put(road, said)).status == 200
    assert "join_authorised_via_users_server" not in (await ann.get(road)).body


async def test_who_knows_its_id_says_when_an_event_is_sent(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    path, said = f"/rooms/{room_id}/send/m.room.message/1", {"msgtype": "m.text", "body": "tea"}
    delay_id = (await ann.put(path, said, **{"org.matrix.msc4140.delay": 9000}))["delay_id"]
    root = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
    for action, status in (("restart", 200), ("oops", 404), ("send", 200), ("send", 404)):
        answer = await world.request("POST", f"{root}/{delay_id}/{action}", {})
        assert answer.status == status


async def test_a_registration_goes_on_where_it_began_and_is_the_same_again(world: World) -> None:
    said = {"username": "ann", "password": "tea tea tea", "device_id": "PHONE"}
    asked = await world.request("POST", "/register", said)
    proof = {"auth": {"type": "m.login.dummy", "session": asked["session"]}}
    first = await world.request("POST", "/register", proof)
    again = await world.request("POST", "/register", proof)
    assert first["user_id"] == again["user_id"] == "@ann:privity.test"
    assert first["device_id"] == again["device_id"] == "PHONE"
    assert first["access_token"] != again["access_token"]


async def test_a_registration_without_a_name_is_the_same_again(world: World) -> None:
    said = {"password": "tea tea tea"}
    asked = await world.request("POST", "/register", said)
    proof = {**said, "auth": {"type": "m.login.dummy", "session": asked["session"]}}
    first, again = [await world.request("POST", "/register", proof) for _ in range(2)]
    assert first["user_id"] == again["user_id"]
    other = await world.request("POST", "/register", {**proof, "password": "another one"})
    assert other.refusal == (400, "M_USER_IN_USE")


async def test_a_session_of_somebody_elses_making_takes_nothing_along(world: World) -> None:
    asked = await world.request("POST", "/register", {"username": "ann", "password": "tea tea tea"})
    plain = asked["session"].partition("~")[0]
    proof = {"auth": {"type": "m.login.dummy", "session": f"{plain}~bm9uc2Vuc2U="}}
    answer = await world.request("POST", "/register", proof)
    assert answer.refusal == (400, "M_MISSING_PARAM")


@pytest.mark.parametrize("version_id", ["9", "11"])
async def test_a_new_room_names_the_tombstone_of_the_old_one(world: World, version_id: str) -> None:
    ann = await world.person("ann")
    old = (await ann.post("/createRoom", {}))["room_id"]
    body = {"new_version": version_id}
    new = (await ann.post(f"/rooms/{old}/upgrade", body))["replacement_room"]
    create = await ann.get(f"/rooms/{new}/state/m.room.create/")
    tombstone = await ann.get(f"/rooms/{old}/state/m.room.tombstone/", format="event")
    assert create["predecessor"] == {"room_id": old, "event_id": tombstone["event_id"]}
    assert tombstone["content"]["replacement_room"] == new


async def test_a_room_of_version_12_names_no_tombstone(world: World) -> None:
    ann = await world.person("ann")
    old = (await ann.post("/createRoom", {}))["room_id"]
    answer = await ann.post(f"/rooms/{old}/upgrade", {"new_version": "12"})
    create = await ann.get(f"/rooms/{answer['replacement_room']}/state/m.room.create/")
    assert create["predecessor"] == {"room_id": old}


async def test_a_name_in_what_is_said_is_a_mention(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    room_id = await room_of(ann, bob, preset="public_chat")
    for body in ("bobbin", f"tea, {bob.user_id}?"):
        await send(ann, room_id, {"msgtype": "m.text", "body": body}, "m.room.message")
    room = (await bob.get("/sync"))["rooms"]["join"][room_id]
    assert room["unread_notifications"] == {"highlight_count": 1, "notification_count": 2}


async def test_a_timeline_that_is_whole_can_be_read_again_backwards(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    timeline = (await ann.get("/sync"))["rooms"]["join"][room_id]["timeline"]
    assert not timeline["limited"]
    query = {"from": timeline["prev_batch"], "dir": "b", "limit": 50}
    page = await ann.get(f"/rooms/{room_id}/messages", **query)
    assert len(page["chunk"]) == len(timeline["events"])


async def test_a_room_that_is_not_there_is_not_found_to_be_upgraded(world: World) -> None:
    ann = await world.person("ann")
    answer = await ann.post("/rooms/!none:privity.test/upgrade", {"new_version": "11"})
    assert answer.refusal == (404, "M_NOT_FOUND")
