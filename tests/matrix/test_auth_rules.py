"""The authorisation rules but 5 and 10, for versions 10, 11 and 12. Source: rooms/v10 to v12."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.auth_rules import EventsAuthState, authorise
from privity.matrix.events import Event, EventDraft, build
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.versions import MADE
from tests.matrix.history import (
    ALICE,
    BOB,
    CAROL,
    KEY,
    MEMBERSHIPS,
    SERVER,
    History,
    room_of,
)

VERSIONS = sorted(MADE)


# 1 create, 2 and 4 --------------------------------------------------------------------------------


def create_rule(version_id: str, change: dict[str, Any] | None = None) -> str | None:
    version = MADE[version_id]
    parts: dict[str, Any] = {
        "type": "m.room.create",
        "sender": ALICE,
        "content": {"creator": ALICE, "room_version": version_id},
        "origin_server_ts": 1,
        "depth": 1,
        "prev_events": (),
        "auth_events": (),
        "room_id": None if version.room_id_is_create_hash else RoomId("!r:one.example"),
        "state_key": "",
    }
    event = build(EventDraft(**{**parts, **(change or {})}), version, SERVER, KEY)
    rejection = authorise(event, EventsAuthState([], version), version)
    return rejection.rule if rejection else None


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_create_event_comes_first_and_of_a_known_version(version_id: str) -> None:
    assert create_rule(version_id) is None
    assert create_rule(version_id, {"prev_events": (EventId("$x"),)}) == "1.1"
    strange: list[object] = ["99", "", 12, None, ["12"], {}]
    for unknown in strange:
        content = {"creator": ALICE, "room_version": unknown}
        assert create_rule(version_id, {"content": content}) == "1.3"


def test_up_to_version_11_the_room_id_is_of_the_sender_s_server() -> None:
    for version_id in ("10", "11"):
        assert create_rule(version_id, {"room_id": RoomId("!r:two.example")}) == "1.2"
        assert create_rule(version_id, {"room_id": RoomId("!" + "a" * 43)}) == "1.2"


def test_only_version_10_needs_a_creator_in_the_content() -> None:
    assert create_rule("10", {"content": {}}) == "1.4"
    assert create_rule("11", {"content": {}}) is None
    assert create_rule("12", {"content": {}}) is None


@pytest.mark.parametrize(
    "creators", ["@bob:one.example", {}, [5], ["bob"], [None], ["@bob"], [BOB, "@:"], None]
)
def test_additional_creators_are_an_array_of_user_ids_in_version_12(creators: object) -> None:
    content = {"additional_creators": creators}
    assert create_rule("12", {"content": content}) == "1.4"
    assert create_rule("11", {"content": content}) is None
    assert create_rule("12", {"content": {"additional_creators": [BOB, CAROL]}}) is None


@pytest.mark.parametrize("version_id", VERSIONS)
def test_nothing_is_allowed_in_a_room_without_its_create_event(version_id: str) -> None:
    history, other = room_of(version_id, "public"), History(version_id, name="other")
    message = history.send(ALICE, "m.room.message", {})
    no_create = [e for e in history.events.values() if e.type != "m.room.create"]
    assert rule_among(message, no_create, version_id) == "2"
    if version_id == "12":
        assert rule_among(message, [*no_create, other.create], version_id) == "2"


def rule_among(event: Event, state: list[Event], version_id: str) -> str | None:
    version = MADE[version_id]
    rejection = authorise(event, EventsAuthState(state, version), version)
    return rejection.rule if rejection else None


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("federate", "expected"), [(False, "4"), (True, None), ("false", None)])
def test_a_room_that_is_not_federated_takes_events_of_one_server(
    version_id: str, federate: object, expected: str | None
) -> None:
    history = History(version_id, **{"m.federate": federate})
    history.join(ALICE)
    history.join_rule(ALICE, "public")
    assert history.rule(history.join(CAROL)) == expected
    assert history.rule(history.join(BOB)) is None


# 6 to 9 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("current", MEMBERSHIPS)
@pytest.mark.parametrize("event_type", ["m.room.message", "m.room.encrypted", "m.room.redaction"])
def test_only_a_member_sends(version_id: str, current: str, event_type: str) -> None:
    history = room_of(version_id, bob=current)
    expected = None if current == "join" else "6"
    assert history.rule(history.send(BOB, event_type, {"redacts": "$x"})) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("power", "expected"), [(9, "7.1"), (10, None)])
def test_a_third_party_invite_takes_the_invite_level_only(
    version_id: str, power: int, expected: str | None
) -> None:
    powers = {"users": {BOB: power}, "invite": 10, "events": {"m.room.third_party_invite": 99}}
    history = room_of(version_id, powers=powers, bob="join")
    assert history.rule(history.send(BOB, "m.room.third_party_invite", {}, "t")) == expected


# the power levels, BOB's level, the type, whether it is state, whether it is allowed
SENDING: list[tuple[dict[str, Any] | None, str, bool, bool]] = [
    (None, "m.room.message", False, True),
    (None, "m.room.topic", True, False),
    ({}, "m.room.message", False, True),
    ({}, "m.room.topic", True, False),
    ({"users": {BOB: 49}}, "m.room.topic", True, False),
    ({"users": {BOB: 50}}, "m.room.topic", True, True),
    ({"users_default": 50}, "m.room.topic", True, True),
    ({"state_default": 0}, "m.room.topic", True, True),
    ({"events_default": 1}, "m.room.message", False, False),
    ({"events_default": 1}, "m.room.topic", False, False),
    ({"events": {"m.room.topic": 0}}, "m.room.topic", True, True),
    ({"events": {"m.room.message": 1}}, "m.room.message", False, False),
    ({"events": {"m.room.message": 1}, "users": {BOB: 1}}, "m.room.message", False, True),
    ({"events": {"m.room.message": -5}, "users": {BOB: -5}}, "m.room.message", False, True),
]


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("powers", "event_type", "is_state", "allowed"), SENDING)
def test_sending_takes_the_level_of_the_type(
    version_id: str, powers: dict[str, Any] | None, event_type: str, is_state: bool, allowed: bool
) -> None:
    history = room_of(version_id, powers=powers, bob="join")
    event = history.send(BOB, event_type, {}, "" if is_state else None)
    assert history.rule(event) == (None if allowed else "8")


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_state_key_that_is_a_user_is_that_user_s_own(version_id: str) -> None:
    history = room_of(version_id, powers={"state_default": 0}, bob="join")
    assert history.rule(history.send(BOB, "org.example", {}, BOB)) is None
    assert history.rule(history.send(BOB, "org.example", {}, CAROL)) == "9"
    assert history.rule(history.send(BOB, "org.example", {}, "@")) == "9"
    assert history.rule(history.send(BOB, "org.example", {}, f"_{CAROL}")) is None


def test_before_there_are_power_levels_the_creator_has_100_up_to_version_11() -> None:
    for version_id in ("10", "11"):
        history = room_of(version_id, bob="join")
        assert history.rule(history.powers(ALICE, {ALICE: 100})) is None
        assert history.rule(history.powers(BOB, {BOB: 100}, after=[history.create])) == "6"


def test_a_user_of_another_server_that_looks_alike_is_another_user() -> None:
    history = room_of("12", bob="join")
    twin = UserId("@bob:one.example.evil")
    assert history.rule(history.send(twin, "m.room.message", {})) == "6"
