"""The authorisation rules as tables, for versions 10, 11 and 12. Source: rooms/v10 to rooms/v12."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from privity.matrix.auth_rules import EventsAuthState, authorise
from privity.matrix.events import Event, EventDraft, build
from privity.matrix.ids import EventId, RoomId, ServerName, UserId
from privity.matrix.versions import KNOWN
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, KEY, SERVER, History

VERSIONS = sorted(KNOWN)
MEMBERSHIPS = ["leave", "invite", "join", "ban", "knock"]
JOIN_RULES = ["public", "invite", "knock", "restricted", "knock_restricted", "private", "odd"]


def room_of(
    version_id: str,
    rule: str | None = None,
    powers: Mapping[str, Any] | None = None,
    **memberships: str,
) -> History:
    """ALICE's room in a state put together as the test wants it, allowed or not."""
    history = History(version_id)
    history.join(ALICE)
    if rule is not None:
        history.join_rule(ALICE, rule)
    if powers is not None:
        history.send(ALICE, "m.room.power_levels", powers, "")
    people = {"bob": BOB, "carol": CAROL, "dave": DAVE}
    for name, membership in memberships.items():
        history.member(ALICE, people[name], membership)
    return history


# 5.3 join -----------------------------------------------------------------------------------------


def join_outcome(rule: str, current: str) -> str | None:
    """What the specification says of a user with membership `current` who joins."""
    if current == "ban":
        return "5.3.3"
    if rule == "public":
        return None
    if rule in ("restricted", "knock_restricted"):
        return None if current in ("join", "invite") else "5.3.5.2"
    if rule in ("invite", "knock"):
        return None if current in ("join", "invite") else "5.3.7"
    return "5.3.7"


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("rule", "current"), list(product(JOIN_RULES, MEMBERSHIPS)))
def test_who_may_join_by_join_rule_and_membership(version_id: str, rule: str, current: str) -> None:
    history = room_of(version_id, rule, bob=current)
    assert history.rule(history.join(BOB)) == join_outcome(rule, current)


@pytest.mark.parametrize("version_id", VERSIONS)
def test_without_join_rules_only_the_invited_join(version_id: str) -> None:
    history = room_of(version_id, bob="invite")
    assert history.rule(history.join(BOB)) is None
    assert history.rule(history.join(CAROL)) == "5.3.7"


@pytest.mark.parametrize("version_id", VERSIONS)
def test_nobody_joins_for_another(version_id: str) -> None:
    history = room_of(version_id, "public")
    assert history.rule(history.member(ALICE, BOB, "join")) == "5.3.2"


@pytest.mark.parametrize("version_id", VERSIONS)
def test_the_creator_joins_right_after_the_create_event_and_nobody_else(version_id: str) -> None:
    history = History(version_id)
    assert history.rule(history.join(ALICE, after=[history.create])) is None
    assert history.rule(history.join(BOB, after=[history.create])) == "5.3.7"
    assert history.rule(history.member(BOB, ALICE, "join", after=[history.create])) is None
    later = history.topic(ALICE, "x", after=[history.create])
    assert history.rule(history.join(ALICE, after=[later])) == "5.3.7"


def test_in_version_10_the_creator_is_who_the_content_says() -> None:
    history = History("10", creator=BOB)
    assert history.rule(history.join(BOB, after=[history.create])) is None
    assert history.rule(history.join(ALICE, after=[history.create])) == "5.3.7"


def test_an_additional_creator_does_not_join_by_the_create_event() -> None:
    history = History("12", additional_creators=[BOB])
    assert history.rule(history.join(BOB, after=[history.create])) == "5.3.7"


def restricted_join(history: History, authoriser: object) -> str | None:
    content = {"membership": "join", "join_authorised_via_users_server": authoriser}
    return history.rule(history.send(DAVE, "m.room.member", content, DAVE))


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("rule", ["restricted", "knock_restricted"])
def test_a_restricted_join_needs_a_member_who_may_invite(version_id: str, rule: str) -> None:
    powers = {"users": {BOB: 10}, "invite": 10}
    assert restricted_join(room_of(version_id, rule, powers, bob="join"), BOB) is None
    assert restricted_join(room_of(version_id, rule, powers, bob="invite"), BOB) == "5.3.5.2"
    powers = {"users": {BOB: 9}, "invite": 10}
    assert restricted_join(room_of(version_id, rule, powers, bob="join"), BOB) == "5.3.5.2"


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("authoriser", [CAROL, "nobody", 5, None, ["@bob:one.example"]])
def test_a_restricted_join_must_be_signed_by_the_authoriser_s_server(
    version_id: str, authoriser: object
) -> None:
    # CAROL's server is not the one that signs in these tests.
    history = room_of(version_id, "restricted", carol="join")
    assert restricted_join(history, authoriser) == "5.2.1"


# 5.4 invite ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("sender_is", "target_is"), list(product(MEMBERSHIPS, MEMBERSHIPS)))
def test_who_may_invite_whom(version_id: str, sender_is: str, target_is: str) -> None:
    history = room_of(version_id, bob=sender_is, carol=target_is)
    expected = None
    if sender_is != "join":
        expected = "5.4.2"
    elif target_is in ("join", "ban"):
        expected = "5.4.3"
    assert history.rule(history.member(BOB, CAROL, "invite")) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("power", "expected"), [(29, "5.4.5"), (30, None), (31, None)])
def test_inviting_takes_the_invite_level(version_id: str, power: int, expected: str | None) -> None:
    history = room_of(version_id, powers={"users": {BOB: power}, "invite": 30}, bob="join")
    assert history.rule(history.member(BOB, CAROL, "invite")) == expected


# 5.5 leave, 5.6 ban -------------------------------------------------------------------------------


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("current", MEMBERSHIPS)
def test_who_is_invited_joined_or_knocking_may_leave(version_id: str, current: str) -> None:
    history = room_of(version_id, bob=current)
    expected = None if current in ("invite", "join", "knock") else "5.5.1"
    assert history.rule(history.member(BOB, BOB, "leave")) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("sender_is", ["leave", "invite", "ban", "knock"])
@pytest.mark.parametrize(("what", "expected"), [("leave", "5.5.2"), ("ban", "5.6.1")])
def test_who_is_not_in_the_room_kicks_and_bans_nobody(
    version_id: str, sender_is: str, what: str, expected: str
) -> None:
    history = room_of(version_id, powers={"users": {BOB: 100}}, bob=sender_is, carol="join")
    assert history.rule(history.member(BOB, CAROL, what)) == expected


# the levels of sender and target, the kick and ban levels, whether kick and ban are allowed
KICK_AND_BAN = [
    (50, 0, 50, 50, True, True),
    (49, 0, 50, 50, False, False),
    (50, 50, 50, 50, False, False),
    (50, 49, 50, 50, True, True),
    (50, 51, 50, 50, False, False),
    (50, 0, 50, 51, True, False),
    (50, 0, 51, 50, False, True),
    (1, 0, 0, 0, True, True),
    (0, 0, 0, 0, False, False),
    (0, -1, 0, 0, True, True),
]


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("mine", "theirs", "kick", "ban", "may_kick", "may_ban"), KICK_AND_BAN)
@pytest.mark.parametrize("target_is", ["join", "invite", "leave", "knock"])
def test_kicking_and_banning_take_their_level_and_more_power_than_the_target(
    version_id: str,
    mine: int,
    theirs: int,
    kick: int,
    ban: int,
    may_kick: bool,
    may_ban: bool,
    target_is: str,
) -> None:
    powers = {"users": {BOB: mine, CAROL: theirs}, "kick": kick, "ban": ban}
    history = room_of(version_id, powers=powers, bob="join", carol=target_is)
    kicked = history.member(BOB, CAROL, "leave")
    assert history.rule(kicked) == (None if may_kick else "5.5.5")
    banned = history.member(BOB, CAROL, "ban", after=[history.events[kicked.prev_events[0]]])
    assert history.rule(banned) == (None if may_ban else "5.6.3")


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(
    ("kick", "ban", "expected"), [(50, 51, "5.5.3"), (51, 50, "5.5.5"), (50, 50, None)]
)
def test_lifting_a_ban_takes_both_levels(
    version_id: str, kick: int, ban: int, expected: str | None
) -> None:
    powers = {"users": {BOB: 50}, "kick": kick, "ban": ban}
    history = room_of(version_id, powers=powers, bob="join", carol="ban")
    assert history.rule(history.member(BOB, CAROL, "leave")) == expected


def test_nobody_kicks_or_bans_a_creator_in_version_12() -> None:
    powers = {"users": {BOB: 2**53 - 1}}
    history = room_of("12", powers=powers, bob="join")
    assert history.rule(history.member(BOB, ALICE, "leave")) == "5.5.5"
    assert history.rule(history.member(BOB, ALICE, "ban")) == "5.6.3"


def test_a_creator_kicks_anybody_in_version_12_but_another_creator() -> None:
    history = History("12", additional_creators=[BOB])
    history.join(ALICE)
    history.powers(ALICE, {CAROL: 2**53 - 1})
    history.member(ALICE, BOB, "join")
    history.member(ALICE, CAROL, "join")
    assert history.rule(history.member(BOB, CAROL, "ban")) is None
    assert history.rule(history.member(BOB, ALICE, "leave")) == "5.5.5"


# 5.7 knock, 5.1 and 5.8 ---------------------------------------------------------------------------


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("rule", "current"), list(product(JOIN_RULES, MEMBERSHIPS)))
def test_who_may_knock(version_id: str, rule: str, current: str) -> None:
    history = room_of(version_id, rule, bob=current)
    expected = None
    if rule not in ("knock", "knock_restricted"):
        expected = "5.7.1"
    elif current in ("ban", "invite", "join"):
        expected = "5.7.4"
    assert history.rule(history.member(BOB, BOB, "knock")) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
def test_nobody_knocks_for_another(version_id: str) -> None:
    history = room_of(version_id, "knock")
    assert history.rule(history.member(ALICE, BOB, "knock")) == "5.7.2"


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(
    ("content", "state_key", "expected"),
    [
        ({}, BOB, "5.1"),
        ({"membership": None}, BOB, "5.1"),
        ({"membership": "join"}, None, "5.1"),
        ({"membership": "Join"}, BOB, "5.8"),
        ({"membership": ["join"]}, BOB, "5.8"),
        ({"membership": True}, BOB, "5.8"),
    ],
)
def test_a_membership_without_key_or_meaning_is_rejected(
    version_id: str, content: dict[str, Any], state_key: str | None, expected: str
) -> None:
    history = room_of(version_id, "public")
    assert history.rule(history.send(BOB, "m.room.member", content, state_key)) == expected


# 1 create, 2 and 4 --------------------------------------------------------------------------------


def create_rule(version_id: str, **change: Any) -> str | None:
    version = KNOWN[version_id]
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
    event = build(EventDraft(**{**parts, **change}), version, SERVER, KEY)
    rejection = authorise(event, EventsAuthState([], version), version)
    return rejection.rule if rejection else None


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_create_event_comes_first_and_of_a_known_version(version_id: str) -> None:
    assert create_rule(version_id) is None
    assert create_rule(version_id, prev_events=(EventId("$x"),)) == "1.1"
    strange: list[object] = ["99", "", 12, None, ["12"], {}]
    for unknown in strange:
        content = {"creator": ALICE, "room_version": unknown}
        assert create_rule(version_id, content=content) == "1.3"


def test_up_to_version_11_the_room_id_is_of_the_sender_s_server() -> None:
    for version_id in ("10", "11"):
        assert create_rule(version_id, room_id=RoomId("!r:two.example")) == "1.2"
        assert create_rule(version_id, room_id=RoomId("!" + "a" * 43)) == "1.2"


def test_only_version_10_needs_a_creator_in_the_content() -> None:
    assert create_rule("10", content={}) == "1.4"
    assert create_rule("11", content={}) is None
    assert create_rule("12", content={}) is None


@pytest.mark.parametrize(
    "creators", ["@bob:one.example", {}, [5], ["bob"], [None], ["@bob"], [BOB, "@:"], None]
)
def test_additional_creators_are_an_array_of_user_ids_in_version_12(creators: object) -> None:
    content = {"additional_creators": creators}
    assert create_rule("12", content=content) == "1.4"
    assert create_rule("11", content=content) is None
    assert create_rule("12", content={"additional_creators": [BOB, CAROL]}) is None


@pytest.mark.parametrize("version_id", VERSIONS)
def test_nothing_is_allowed_in_a_room_without_its_create_event(version_id: str) -> None:
    history, other = room_of(version_id, "public"), History(version_id, name="other")
    message = history.send(ALICE, "m.room.message", {})
    no_create = [e for e in history.events.values() if e.type != "m.room.create"]
    assert rule_among(message, no_create, version_id) == "2"
    if version_id == "12":
        assert rule_among(message, [*no_create, other.create], version_id) == "2"


def rule_among(event: Event, state: list[Event], version_id: str) -> str | None:
    version = KNOWN[version_id]
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
    twin = UserId("@bob:" + ServerName("one.example.evil"))
    assert history.rule(history.send(twin, "m.room.message", {})) == "6"
