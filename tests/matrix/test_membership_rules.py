"""Rule 5 as tables: who may change whose membership, in versions 10, 11 and 12."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from privity.matrix.versions import MADE
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, MEMBERSHIPS, History, room_of

VERSIONS = sorted(MADE)
JOIN_RULES = ["public", "invite", "knock", "restricted", "knock_restricted", "private", "odd"]


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


# the levels of sender and target, the kick and ban levels; whether kick and ban are allowed
KICK_AND_BAN = [
    ((50, 0, 50, 50), (True, True)),
    ((49, 0, 50, 50), (False, False)),
    ((50, 50, 50, 50), (False, False)),
    ((50, 49, 50, 50), (True, True)),
    ((50, 51, 50, 50), (False, False)),
    ((50, 0, 50, 51), (True, False)),
    ((50, 0, 51, 50), (False, True)),
    ((1, 0, 0, 0), (True, True)),
    ((0, 0, 0, 0), (False, False)),
    ((0, -1, 0, 0), (True, True)),
]


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("levels", "may"), KICK_AND_BAN)
@pytest.mark.parametrize("target_is", ["join", "invite", "leave", "knock"])
def test_kicking_and_banning_take_their_level_and_more_power_than_the_target(
    version_id: str, levels: tuple[int, int, int, int], may: tuple[bool, bool], target_is: str
) -> None:
    mine, theirs, kick, ban = levels
    powers = {"users": {BOB: mine, CAROL: theirs}, "kick": kick, "ban": ban}
    history = room_of(version_id, powers=powers, bob="join", carol=target_is)
    before = [history.events[history.last[0]]]
    kicked = history.member(BOB, CAROL, "leave", after=before)
    banned = history.member(BOB, CAROL, "ban", after=before)
    assert (history.rule(kicked), history.rule(banned)) == (
        None if may[0] else "5.5.5",
        None if may[1] else "5.6.3",
    )


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
