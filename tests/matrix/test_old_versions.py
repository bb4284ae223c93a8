"""Versions 6 to 9: what each does not know yet. Source: rooms/v6 to rooms/v9."""

from __future__ import annotations

import pytest

from privity.matrix.auth_events import auth_types
from privity.matrix.redaction import redact_content
from privity.matrix.versions import DEFAULT, KNOWN, MADE
from tests.world import World

AUTHORISED = {"membership": "join", "join_authorised_via_users_server": "@ann:privity.test"}
JOIN_RULES = {"join_rule": "restricted", "allow": []}
OLD = ("6", "7", "8", "9")


def test_none_of_them_is_made_by_default() -> None:
    assert sorted(KNOWN.keys() - MADE.keys()) == [*OLD]
    assert DEFAULT in MADE


@pytest.mark.parametrize(
    ("version_id", "rules", "member"), [("7", 1, 1), ("8", 2, 1), ("9", 2, 2), ("10", 2, 2)]
)
def test_what_stays_of_a_redacted_event(version_id: str, rules: int, member: int) -> None:
    version = KNOWN[version_id]
    assert len(redact_content("m.room.join_rules", JOIN_RULES, version)) == rules
    assert len(redact_content("m.room.member", AUTHORISED, version)) == member


@pytest.mark.parametrize(("version_id", "names_it"), [("6", False), ("7", False), ("8", True)])
def test_who_authorised_a_join_counts_since_version_8(version_id: str, names_it: bool) -> None:
    keys = auth_types("m.room.member", "@bob:x", "@bob:x", AUTHORISED, KNOWN[version_id])
    assert (("m.room.member", "@ann:privity.test") in keys) == names_it


@pytest.mark.parametrize("version_id", OLD)
async def test_one_is_made_only_where_every_switch_is_on(version_id: str) -> None:
    async with World() as world:
        ann = await world.person("ann")
        answer = await ann.post("/createRoom", {"room_version": version_id})
        assert answer.refusal == (400, "M_UNSUPPORTED_ROOM_VERSION")
        assert version_id not in str((await ann.get("/capabilities")).body["capabilities"])


@pytest.mark.parametrize(("version_id", "status"), [("6", 403), ("7", 200), ("9", 200)])
async def test_one_knocks_since_version_7(version_id: str, status: int, open_world: World) -> None:
    ann, bob = await open_world.person("ann"), await open_world.person("bob")
    rule = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}
    body = {"room_version": version_id, "initial_state": [rule]}
    room_id = (await ann.post("/createRoom", body))["room_id"]
    assert (await bob.post(f"/knock/{room_id}", {})).status == status


@pytest.mark.parametrize(("version_id", "status"), [("7", 403), ("8", 200), ("9", 200)])
async def test_members_of_another_room_are_let_in_since_version_8(
    version_id: str, status: int, open_world: World
) -> None:
    ann, bob = await open_world.person("ann"), await open_world.person("bob")
    there = (await ann.post("/createRoom", {"preset": "public_chat"}))["room_id"]
    await bob.post(f"/join/{there}", {})
    allow = [{"type": "m.room_membership", "room_id": there}]
    content = {"join_rule": "restricted", "allow": allow}
    rule = {"type": "m.room.join_rules", "state_key": "", "content": content}
    body = {"room_version": version_id, "initial_state": [rule]}
    room_id = (await ann.post("/createRoom", body))["room_id"]
    assert (await bob.post(f"/join/{room_id}", {})).status == status
