"""Push rules over the API: every device hears of a change, and counts follow it."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.push_defaults import default_ruleset
from tests.world import Person, World

GLOBAL = "/pushrules/global"
ROOM_RULE = f"{GLOBAL}/room/!room:privity.test"


async def ids_of(person: Person, kind: str) -> list[str]:
    ruleset = (await person.get(f"{GLOBAL}/")).body
    return [rule["rule_id"] for rule in ruleset[kind] if not rule["default"]]


async def test_everybody_begins_with_the_default_rules(world: World) -> None:
    ann = await world.person("ann")
    for path in ("/pushrules/", "/pushrules"):
        assert (await ann.get(path)).body == {"global": default_ruleset(ann.user_id)}
    assert (await ann.get(f"{GLOBAL}/")).body == default_ruleset(ann.user_id)
    path = f"/user/{ann.user_id}/account_data/m.push_rules"
    assert (await ann.get(path)).body == {"global": default_ruleset(ann.user_id)}


async def test_a_rule_is_made_read_changed_and_removed(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.put(ROOM_RULE, {"actions": ["dont_notify"]})).body == {}
    rule: dict[str, object] = {
        "rule_id": "!room:privity.test",
        "default": False,
        "enabled": True,
    }
    rule["actions"] = ["dont_notify"]
    assert (await ann.get(ROOM_RULE)).body == rule
    await ann.put(f"{ROOM_RULE}/actions", {"actions": ["notify"]})
    await ann.put(f"{ROOM_RULE}/enabled", {"enabled": False})
    assert (await ann.get(f"{ROOM_RULE}/actions")).body == {"actions": ["notify"]}
    assert (await ann.get(f"{ROOM_RULE}/enabled")).body == {"enabled": False}
    assert (await ann.delete(ROOM_RULE)).body == {}
    assert (await ann.get(ROOM_RULE)).refusal == (404, "M_NOT_FOUND")


async def test_rules_stand_where_before_and_after_say(world: World) -> None:
    ann = await world.person("ann")
    body = {"pattern": "tea", "actions": ["notify"]}
    for rule_id, query in (("b", {}), ("a", {}), ("c", {"after": "b"}), ("x", {"before": "b"})):
        assert (await ann.put(f"{GLOBAL}/content/{rule_id}", body, **query)).status == 200
    assert await ids_of(ann, "content") == ["a", "x", "b", "c"]
    nowhere = await ann.put(f"{GLOBAL}/content/y", body, before="nothing")
    assert nowhere.refusal == (400, "M_UNKNOWN")


async def test_a_default_rule_is_switched_but_neither_made_nor_removed(world: World) -> None:
    ann = await world.person("ann")
    master = f"{GLOBAL}/override/.m.rule.master"
    assert (await ann.put(f"{master}/enabled", {"enabled": True})).status == 200
    assert (await ann.get(f"{master}/enabled"))["enabled"] is True
    assert (await ann.delete(master)).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.put(master, {"actions": []})).refusal == (400, "M_INVALID_PARAM")


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("GET", "/nonsense/x", None, (404, "M_NOT_FOUND")),
        ("GET", "/override/x", None, (404, "M_NOT_FOUND")),
        ("GET", "/override/x/enabled", None, (404, "M_NOT_FOUND")),
        ("GET", "/override/x/nonsense", None, (404, "M_UNRECOGNIZED")),
        ("PUT", "/nonsense/x", {"actions": []}, (400, "M_INVALID_PARAM")),
        ("PUT", "/room/a%2Fb", {"actions": []}, (400, "M_INVALID_PARAM")),
        ("PUT", "/room/x", {}, (400, "M_MISSING_PARAM")),
        ("PUT", "/room/x", b"", (400, "M_NOT_JSON")),
        ("PUT", "/room/x/enabled", {"enabled": True}, (404, "M_NOT_FOUND")),
        ("PUT", "/room/x/enabled", {"enabled": "yes"}, (400, "M_BAD_JSON")),
        ("PUT", "/room/x/enabled", {}, (400, "M_MISSING_PARAM")),
        ("PUT", "/room/x/actions", {"actions": []}, (404, "M_NOT_FOUND")),
        ("PUT", "/room/x/actions", {"actions": 1}, (400, "M_BAD_JSON")),
        ("DELETE", "/room/x", None, (404, "M_NOT_FOUND")),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, method: str, path: str, body: Any, refusal: Any
) -> None:
    ann = await world.person("ann")
    answer = await world.request(method, f"/_matrix/client/v3{GLOBAL}{path}", body, token=ann.token)
    assert answer.refusal == refusal
    assert (await ann.get(f"{GLOBAL}/")).body == default_ruleset(ann.user_id)


async def test_rules_are_everybodys_own(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await ann.put(ROOM_RULE, {"actions": []})
    assert await ids_of(ben, "room") == []


async def test_a_first_sync_brings_the_rules_and_a_later_one_their_change(world: World) -> None:
    ann = await world.person("ann")
    other = await ann.another_device()
    first = await other.get("/sync")
    rules = {"type": "m.push_rules", "content": {"global": default_ruleset(ann.user_id)}}
    assert rules in first["account_data"]["events"]
    await ann.put(ROOM_RULE, {"actions": []})
    later = await other.get("/sync", since=first["next_batch"])
    (told,) = later["account_data"]["events"]
    assert told["type"] == "m.push_rules"
    assert told["content"] == (await ann.get("/pushrules/")).body


async def test_rules_are_there_after_a_restart(world: World) -> None:
    ann = await world.person("ann")
    await ann.put(ROOM_RULE, {"actions": []})
    await world.restart()
    assert await ids_of(ann, "room") == ["!room:privity.test"]


async def test_a_muted_room_counts_nothing(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = (await ann.post("/createRoom", {"preset": "public_chat"}))["room_id"]
    await ben.post(f"/rooms/{room_id}/join", {})
    since = (await ben.get("/sync"))["next_batch"]
    content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "s"}
    await ann.put(f"/rooms/{room_id}/send/m.room.encrypted/1", content)
    synced = await ben.get("/sync", since=since)
    room = synced["rooms"]["join"][room_id]
    assert room["unread_notifications"] == {"notification_count": 1, "highlight_count": 0}
    await ben.put(f"{GLOBAL}/room/{room_id}", {"actions": []})
    await ann.put(f"/rooms/{room_id}/send/m.room.encrypted/2", content)
    room = (await ben.get("/sync", since=synced["next_batch"]))["rooms"]["join"][room_id]
    assert room["unread_notifications"] == {"notification_count": 0, "highlight_count": 0}


async def test_rules_are_not_changed_without_end(world: World) -> None:
    ann = await world.person("ann")
    answers = [await ann.put(ROOM_RULE, {"actions": []}) for _ in range(301)]
    assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")


async def test_what_is_no_path_of_a_rule_is_unrecognized(world: World) -> None:
    ann = await world.person("ann")
    for path in ("/pushrules/device/", f"{GLOBAL}/room", f"{ROOM_RULE}/name"):
        assert (await ann.get(path)).refusal == (404, "M_UNRECOGNIZED")
