"""The selection of auth events, and rule 3. Source: server-server API, "Auth events selection"."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.auth_rules import auth_types, check_auth_events
from privity.matrix.events import Event
from privity.matrix.versions import MADE
from tests.matrix.history import ALICE, BOB, CAROL, History, public_room

VERSIONS = sorted(MADE)

CREATE = ("m.room.create", "")
POWERS = ("m.room.power_levels", "")
RULES = ("m.room.join_rules", "")
AS_ALICE = ("m.room.member", ALICE)
AS_BOB = ("m.room.member", BOB)
AS_CAROL = ("m.room.member", CAROL)
PROMISE = ("m.room.third_party_invite", "t")
SIGNED = {"third_party_invite": {"signed": {"token": "t"}}}
BY_CAROL = {"join_authorised_via_users_server": CAROL}

# type, state key, content, what is selected besides power levels and the sender
SELECTION: list[tuple[str, str | None, dict[str, Any], set[tuple[str, str]]]] = [
    ("m.room.message", None, {}, set()),
    ("m.room.topic", "", {}, set()),
    ("m.room.member", BOB, {"membership": "invite"}, {AS_BOB, RULES}),
    ("m.room.member", BOB, {"membership": "invite", **SIGNED}, {AS_BOB, RULES, PROMISE}),
    ("m.room.member", BOB, {"membership": "ban", **SIGNED, **BY_CAROL}, {AS_BOB}),
    ("m.room.member", BOB, {"membership": "leave"}, {AS_BOB}),
    ("m.room.member", ALICE, {"membership": "leave"}, set()),
    ("m.room.member", ALICE, {"membership": "knock"}, {RULES}),
    ("m.room.member", ALICE, {"membership": "join"}, {RULES}),
    ("m.room.member", ALICE, {"membership": "join", **BY_CAROL}, {RULES, AS_CAROL}),
    ("m.room.member", ALICE, {"membership": ["join"]}, set()),
    (
        "m.room.member",
        BOB,
        {"membership": "invite", "third_party_invite": 5},
        {AS_BOB, RULES},
    ),
    ("m.room.member", None, {"membership": "join"}, set()),
    ("m.room.encrypted", None, {"membership": "join", **SIGNED}, set()),
]


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("event_type", "state_key", "content", "more"), SELECTION)
def test_the_selection_is_the_specification_s(
    version_id: str,
    event_type: str,
    state_key: str | None,
    content: dict[str, Any],
    more: set[tuple[str, str]],
) -> None:
    selected = auth_types(event_type, ALICE, state_key, content, MADE[version_id])
    create = set() if version_id == "12" else {CREATE}
    assert set(selected) == create | {POWERS, AS_ALICE} | more
    assert len(selected) == len(set(selected))


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_create_event_has_no_auth_events(version_id: str) -> None:
    assert auth_types("m.room.create", ALICE, "", {}, MADE[version_id]) == []


def rule_3(history: History, event: Event, auth: list[Event], rejected: set[Any]) -> str | None:
    rejection = check_auth_events(event, auth, history.version, rejected)
    return rejection.rule if rejection else None


@pytest.mark.parametrize("version_id", VERSIONS)
def test_the_selected_auth_events_pass_and_others_do_not(version_id: str) -> None:
    history = public_room(version_id)
    message = history.send(ALICE, "m.room.message", {})
    right = [history.events[event_id] for event_id in message.auth_events]
    member = next(e for e in right if e.type == "m.room.member")
    rules = next(e for e in history.events.values() if e.type == "m.room.join_rules")
    assert rule_3(history, message, right, set()) is None
    assert rule_3(history, message, [*right, member], set()) == "3.1"
    assert rule_3(history, message, [*right, rules], set()) == "3.2"
    assert rule_3(history, message, right, {member.event_id}) == "3.3"


@pytest.mark.parametrize("version_id", VERSIONS)
def test_auth_events_of_another_room_do_not_count(version_id: str) -> None:
    history, other = public_room(version_id), History(version_id, name="other")
    message = history.send(ALICE, "m.room.message", {})
    stranger = other.join(ALICE, ts=1)
    if version_id == "12":
        assert rule_3(history, message, [stranger], set()) == "3.5"
    else:
        assert rule_3(history, message, [], set()) == "3.4"


def test_in_version_12_the_create_event_is_no_auth_event() -> None:
    history = public_room("12")
    message = history.send(ALICE, "m.room.message", {})
    assert rule_3(history, message, [history.create], set()) == "3.2"
