"""Rule 10: who may change which power level, and what the levels mean once they stand."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.power_levels import PowerLevels
from privity.matrix.versions import MADE
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, History, room_of

VERSIONS = sorted(MADE)
NAMED = ["users_default", "events_default", "state_default", "ban", "redact", "kick", "invite"]
NOT_INTEGERS = ["50", 1.5, None, True, [50], {"a": 1}]

# BOB has 50, and needs 50 to change power levels.
BASE: dict[str, Any] = {"users": {BOB: 50, CAROL: 50, DAVE: 49}, "ban": 60, "kick": 50}


def change_rule(version_id: str, old: dict[str, Any] | None, new: dict[str, Any]) -> str | None:
    history = room_of(version_id, powers=old, bob="join")
    return history.rule(history.send(BOB, "m.room.power_levels", new, ""))


CHANGES: list[tuple[dict[str, Any], str | None]] = [
    (BASE, None),
    ({**BASE, "kick": 0}, None),
    ({**BASE, "kick": 51}, "10.6.2"),
    ({**BASE, "invite": 50}, None),
    ({**BASE, "invite": 51}, "10.6.2"),
    ({**BASE, "ban": 50}, "10.6.1"),
    ({**BASE, "users_default": 51}, "10.6.2"),
    ({key: level for key, level in BASE.items() if key != "ban"}, "10.6.1"),
    ({key: level for key, level in BASE.items() if key != "kick"}, None),
    ({**BASE, "events": {"x": 50}}, None),
    ({**BASE, "events": {"x": 51}}, "10.8.1"),
    ({**BASE, "notifications": {"room": 50}}, None),
    ({**BASE, "notifications": {"room": 51}}, "10.8.1"),
    ({**BASE, "users": {**BASE["users"], ALICE + "x": 50}}, None),
    ({**BASE, "users": {**BASE["users"], ALICE + "x": 51}}, "10.10.1"),
    ({**BASE, "users": {**BASE["users"], DAVE: 0}}, None),
    ({**BASE, "users": {**BASE["users"], DAVE: 50}}, None),
    ({**BASE, "users": {**BASE["users"], DAVE: 51}}, "10.10.1"),
    ({**BASE, "users": {**BASE["users"], CAROL: 49}}, "10.9.1"),
    ({**BASE, "users": {BOB: 50, DAVE: 49}}, "10.9.1"),
    ({**BASE, "users": {BOB: 50, CAROL: 50}}, None),
    ({**BASE, "users": {**BASE["users"], BOB: 49}}, None),
    ({**BASE, "users": {CAROL: 50, DAVE: 49}}, None),
    ({**BASE, "users": {**BASE["users"], BOB: 51}}, "10.10.1"),
    ({**BASE, "unknown": "anything"}, None),
]


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(("new", "expected"), CHANGES)
def test_nobody_changes_what_is_above_them_or_sets_anything_above_them(
    version_id: str, new: dict[str, Any], expected: str | None
) -> None:
    assert change_rule(version_id, BASE, new) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("group", ["events", "notifications"])
def test_an_entry_above_the_sender_is_neither_changed_nor_removed(
    version_id: str, group: str
) -> None:
    old = {**BASE, group: {"x": 60, "y": 50}}
    assert change_rule(version_id, old, {**BASE, group: {"x": 50, "y": 50}}) == "10.7.1"
    assert change_rule(version_id, old, BASE) == "10.7.1"
    assert change_rule(version_id, old, {**BASE, group: {"x": 60, "y": 0}}) is None
    assert change_rule(version_id, old, {**BASE, group: {"x": 60}}) is None


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("value", NOT_INTEGERS[:1] + NOT_INTEGERS[2:])
def test_a_named_level_is_an_integer(version_id: str, name: str, value: object) -> None:
    assert change_rule(version_id, BASE, {**BASE, name: value}) == "10.1"


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(
    ("name", "expected"), [("events", "10.2"), ("notifications", "10.2"), ("users", "10.3")]
)
def test_a_group_of_levels_is_an_object_of_integers(
    version_id: str, name: str, expected: str
) -> None:
    strange: list[object] = [None, [], "x", 5, {BOB: "5"}, {BOB: None}, {BOB: False}, {BOB: {}}]
    for group in strange:
        assert change_rule(version_id, BASE, {**BASE, name: group}) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize("user", ["bob", "", "@bob", "#bob:one.example", "@bob:one example"])
def test_levels_are_given_to_user_ids(version_id: str, user: str) -> None:
    assert change_rule(version_id, BASE, {"users": {user: 0}}) == "10.3"


@pytest.mark.parametrize("version_id", VERSIONS)
def test_the_first_power_levels_may_say_anything(version_id: str) -> None:
    history = room_of(version_id)
    content = {"users": {BOB: 1000}, "ban": 2000, "events": {"x": 3000}}
    assert history.rule(history.send(ALICE, "m.room.power_levels", content, "")) is None


def test_in_version_12_no_creator_is_given_a_level() -> None:
    history = History("12", additional_creators=[CAROL])
    history.join(ALICE)
    assert history.rule(history.powers(ALICE, {ALICE: 100})) == "10.4"
    assert history.rule(history.powers(ALICE, {CAROL: 0})) == "10.4"
    assert history.rule(history.powers(ALICE, {BOB: 2**53 - 1})) is None


def test_in_version_12_a_creator_changes_every_level() -> None:
    history = room_of("12", powers={"users": {BOB: 2**53 - 1}, "ban": 2**53 - 1})
    assert history.rule(history.powers(ALICE, {})) is None


@pytest.mark.parametrize("version_id", ["10", "11"])
@pytest.mark.parametrize(
    ("new", "expected"), [({ALICE: 100}, "10.9.1"), ({ALICE: 0, BOB: 100}, None)]
)
def test_up_to_version_11_an_equal_is_not_demoted_but_oneself_may_be(
    version_id: str, new: dict[str, int], expected: str | None
) -> None:
    history = room_of(version_id, powers={"users": {ALICE: 100, BOB: 100}})
    assert history.rule(history.powers(ALICE, new)) == expected


def test_absent_levels_have_the_defaults_of_the_specification() -> None:
    levels = PowerLevels.of_content({})
    assert (levels.invite, levels.events_default, levels.users_default) == (0, 0, 0)
    assert (levels.kick, levels.ban, levels.redact, levels.state_default) == (50, 50, 50, 50)
    assert levels.notifications("room") == 50
    assert levels.of(BOB) == 0
    assert (levels.to_send("x", is_state=True), levels.to_send("x", is_state=False)) == (50, 0)


def test_without_power_levels_the_creator_has_100_and_in_version_12_infinite_power() -> None:
    for version_id, power in (("10", 100), ("11", 100), ("12", inf)):
        history = History(version_id)
        levels = PowerLevels.of_room(history.create, None, history.version)
        assert (levels.of(ALICE), levels.of(BOB)) == (power, 0)


def test_up_to_version_11_power_levels_bind_the_creator_too() -> None:
    for version_id, power in (("10", 0), ("11", 0), ("12", inf)):
        history = History(version_id)
        powers = history.powers(ALICE, {BOB: 50})
        levels = PowerLevels.of_room(history.create, powers, history.version)
        assert (levels.of(ALICE), levels.of(BOB)) == (power, 50)


levels = st.integers(-5, 105)
contents = st.fixed_dictionaries(
    {},
    optional={
        "users": st.dictionaries(st.sampled_from([BOB, CAROL, DAVE]), levels),
        "events": st.dictionaries(st.sampled_from(["x", "y"]), levels),
        "notifications": st.dictionaries(st.just("room"), levels),
        **dict.fromkeys(NAMED, levels),
    },
)


@given(contents, contents)
def test_no_allowed_change_gives_anybody_more_than_the_sender_or_the_default_had(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    if change_rule("12", old, new) is not None:
        return
    before, after = PowerLevels.of_content(old), PowerLevels.of_content(new)
    for user in (BOB, CAROL, DAVE, "@new:one.example"):
        # Who is taken out of `users` falls, or rises, to the default: the rules allow it.
        most = max(before.of(BOB), before.of(user), before.users_default)
        assert after.of(user) <= most
