"""Suspended: reads, leaves, keeps keys, and does not speak. Administrators do it, and lock."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.lock import set_suspended
from privity.api.admittance import GUESTS_MAY, SUSPENDED_MAY
from privity.api.app import ROUTES
from tests.rooms.talking import encrypted
from tests.world import Person, World

SUSPENDED = (403, "M_USER_SUSPENDED")
FORBIDDEN = (403, "M_FORBIDDEN")
ADMIN = "/_matrix/client/v1/admin"


async def suspend(person: Person) -> None:
    await set_suspended(person.world.house, person.user_id, is_suspended=True)


async def room_with(owner: Person, *members: Person) -> str:
    invited = [each.user_id for each in members]
    room_id = str((await owner.post("/createRoom", {"invite": invited}))["room_id"])
    for each in members:
        await each.post(f"/rooms/{room_id}/join", {})
    return room_id


def test_every_road_that_is_listed_is_one() -> None:
    roads = {(route.method, route.path) for route in ROUTES}
    assert (GUESTS_MAY | SUSPENDED_MAY) - roads == set()


async def test_who_is_suspended_says_nothing(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id, other = await room_with(ben, ann), await room_with(ben)
    await ben.post(f"/rooms/{other}/invite", {"user_id": ann.user_id})
    await suspend(ann)
    words = {"displayname": "Words"}
    for answer in (
        await ann.put(f"/rooms/{room_id}/send/m.room.encrypted/1", encrypted()),
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "Words"}),
        await ann.post(f"/rooms/{other}/join", {}),
        await ann.post(f"/join/{other}", {}),
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": "@eve:privity.test"}),
        await ann.post(f"/rooms/{room_id}/kick", {"user_id": ben.user_id}),
        await ann.post("/createRoom", {}),
        await ann.put(f"/profile/{ann.user_id}/displayname", words),
        await ann.put(f"/rooms/{room_id}/typing/{ann.user_id}", {"typing": True}),
        await ann.post("/_matrix/media/v3/upload", b"\x00\x01"),
        await ann.post(f"/user/{ann.user_id}/openid/request_token", {}),
    ):
        assert answer.refusal == SUSPENDED


async def test_who_is_suspended_reads_keeps_their_keys_and_leaves(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_with(ben, ann)
    await suspend(ann)
    sent = await ben.put(f"/rooms/{room_id}/send/m.room.encrypted/1", encrypted())
    assert (await ann.get("/sync"))["rooms"]["join"][room_id]
    messages = (await ann.get(f"/rooms/{room_id}/messages", dir="b"))["chunk"]
    assert sent["event_id"] in {event["event_id"] for event in messages}
    assert (await ann.post("/keys/query", {"device_keys": {}})).status == 200
    data: dict[str, Any] = {}
    assert (await ann.put(f"/user/{ann.user_id}/account_data/org.example", data)).status == 200
    assert (await ann.another_device()).token
    assert (await ann.post(f"/rooms/{room_id}/leave", {})).status == 200
    assert (await ann.post("/account/deactivate", {"auth": ann.auth()})).status == 200


async def test_who_is_suspended_redacts_their_own_words_only(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_with(ann, ben)
    own = await ann.put(f"/rooms/{room_id}/send/m.room.encrypted/1", encrypted())
    others = await ben.put(f"/rooms/{room_id}/send/m.room.encrypted/1", encrypted())
    await suspend(ann)
    path = f"/rooms/{room_id}/redact"
    assert (await ann.put(f"{path}/{others['event_id']}/2", {})).refusal == SUSPENDED
    assert (await ann.put(f"{path}/{own['event_id']}/3", {})).status == 200


async def test_an_administrator_suspends_and_lifts_it(world: World) -> None:
    root, ann = await world.person("root", admin=True), await world.person("ann")
    path = f"{ADMIN}/suspend/{ann.user_id}"
    assert (await root.get(path)).body == {"suspended": False}
    assert (await root.put(path, {"suspended": True})).body == {"suspended": True}
    assert (await root.get(path)).body == {"suspended": True}
    assert (await ann.post("/createRoom", {})).refusal == SUSPENDED
    assert (await root.put(path, {"suspended": False})).body == {"suspended": False}
    assert (await ann.post("/createRoom", {})).status == 200


async def test_an_administrator_locks_and_a_suspension_outlives_the_lock(world: World) -> None:
    root, ann = await world.person("root", admin=True), await world.person("ann")
    await suspend(ann)
    path = f"{ADMIN}/lock/{ann.user_id}"
    assert (await root.put(path, {"locked": True})).body == {"locked": True}
    assert (await root.get(path)).body == {"locked": True}
    assert (await ann.get("/sync")).refusal == (401, "M_USER_LOCKED")
    assert (await root.put(path, {"locked": False})).body == {"locked": False}
    assert (await ann.post("/createRoom", {})).refusal == SUSPENDED


@pytest.mark.parametrize("deed", ["lock", "suspend"])
async def test_only_administrators_moderate_and_nobody_moderates_them(
    world: World, deed: str
) -> None:
    root, other = await world.person("root", admin=True), await world.person("other", admin=True)
    ann = await world.person("ann")
    body = {"locked": True, "suspended": True}

    async def refusals(who: Person, user_id: str) -> list[Any]:
        path = f"{ADMIN}/{deed}/{user_id}"
        return [(await who.put(path, body)).refusal, (await who.get(path)).refusal]

    nobody, remote = "@nobody:privity.test", "@ann:elsewhere.test"
    for user_id in (root.user_id, ann.user_id, nobody, remote):
        assert await refusals(ann, user_id) == [FORBIDDEN] * 2
    assert await refusals(root, other.user_id) == [FORBIDDEN] * 2
    assert await refusals(root, root.user_id) == [FORBIDDEN, (200, None)]
    assert await refusals(root, nobody) == [(404, "M_NOT_FOUND")] * 2
    assert await refusals(root, remote) == [(400, "M_INVALID_PARAM")] * 2
    await ann.post("/account/deactivate", {"auth": ann.auth()})
    assert await refusals(root, ann.user_id) == [(404, "M_NOT_FOUND")] * 2


async def test_the_capabilities_tell_administrators_what_they_may(world: World) -> None:
    root, ann = await world.person("root", admin=True), await world.person("ann")
    told = (await root.get("/capabilities"))["capabilities"]["m.account_moderation"]
    assert told == {"suspend": True, "lock": True}
    assert "m.account_moderation" not in (await ann.get("/capabilities"))["capabilities"]


async def test_whois_tells_ones_own_devices_and_an_administrator_anybodys(world: World) -> None:
    root, ann = await world.person("root", admin=True), await world.person("ann", device_id="A")
    path = f"/admin/whois/{ann.user_id}"
    connection = {"ip": "192.0.2.1", "last_seen": world.clock.ms}
    told = {"user_id": ann.user_id, "devices": {"A": {"sessions": [{"connections": [connection]}]}}}
    assert (await ann.get(path)).body == told
    assert (await root.get(path)).body == told
    assert (await ann.get(f"/admin/whois/{root.user_id}")).refusal == FORBIDDEN
