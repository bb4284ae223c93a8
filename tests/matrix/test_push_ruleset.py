"""A person's push rules: what is always there, where a new rule goes, what is no rule."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.errors import Refused
from privity.matrix.push_defaults import default_ruleset
from privity.matrix.push_ruleset import (
    KINDS,
    LARGEST_RULE_BYTES,
    LONGEST_PATTERN,
    MOST_RULES,
    Place,
    Ruleset,
    find,
    merged,
    parse_actions,
    parse_rule,
    put,
    remove,
    set_actions,
    switch,
)

ANN = "@ann:privity.test"


def begun() -> Ruleset:
    return default_ruleset(ANN)


def rule(rule_id: str, **more: Any) -> dict[str, Any]:
    return parse_rule("override", rule_id, {"actions": ["notify"], **more})


def ids(ruleset: Ruleset, kind: str = "override") -> list[str]:
    return [each["rule_id"] for each in ruleset[kind] if not each["default"]]


def with_abc() -> Ruleset:
    ruleset = begun()
    for rule_id in ("c", "b", "a"):
        ruleset = put(ruleset, "override", rule(rule_id))
    return ruleset


def test_a_new_rule_goes_first_but_after_the_master_rule() -> None:
    ruleset = with_abc()
    assert ids(ruleset) == ["a", "b", "c"]
    names = [each["rule_id"] for each in ruleset["override"][:5]]
    assert names == [".m.rule.master", "a", "b", "c", ".m.rule.suppress_notices"]


@pytest.mark.parametrize(
    ("place", "order"),
    [
        (Place(before="b"), ["a", "x", "b", "c"]),
        (Place(after="b"), ["a", "b", "x", "c"]),
        (Place(before="a"), ["x", "a", "b", "c"]),
        (Place(after="c"), ["a", "b", "c", "x"]),
        (Place(before="c", after="a"), ["a", "b", "x", "c"]),
    ],
)
def test_a_new_rule_goes_next_to_another(place: Place, order: list[str]) -> None:
    assert ids(put(with_abc(), "override", rule("x"), place)) == order


@pytest.mark.parametrize("wanted", ["nothing", ".m.rule.master", ".m.rule.reaction"])
def test_a_rule_goes_next_to_nothing_but_ones_own(wanted: str) -> None:
    for place in (Place(before=wanted), Place(after=wanted)):
        with pytest.raises(Refused) as refusal:
            put(with_abc(), "override", rule("x"), place)
        assert (refusal.value.refuse.status, refusal.value.refuse.errcode) == (400, "M_UNKNOWN")


def test_a_rule_that_is_there_is_changed_where_it_stands() -> None:
    ruleset = switch(with_abc(), "override", "b", enabled=False)
    changed = put(ruleset, "override", rule("b", actions=[]))
    assert ids(changed) == ["a", "b", "c"]
    assert find(changed, "override", "b")["actions"] == []
    assert find(changed, "override", "b")["enabled"] is False


def test_a_rule_that_is_there_can_be_moved() -> None:
    assert ids(put(with_abc(), "override", rule("c"), Place(before="a"))) == ["c", "a", "b"]
    assert ids(put(with_abc(), "override", rule("b"), Place(after="b"))) == ["a", "b", "c"]


def test_a_change_leaves_the_ruleset_that_it_was_made_from() -> None:
    ruleset = with_abc()
    put(ruleset, "override", rule("x"))
    remove(ruleset, "override", "a")
    switch(ruleset, "override", "a", enabled=False)
    set_actions(ruleset, "override", "a", [])
    assert ruleset == with_abc()


def test_ones_own_rules_can_be_removed_and_the_default_ones_not() -> None:
    assert ids(remove(with_abc(), "override", "b")) == ["a", "c"]
    for rule_id, status in ((".m.rule.master", 400), ("nothing", 404)):
        with pytest.raises(Refused) as refusal:
            remove(with_abc(), "override", rule_id)
        assert refusal.value.refuse.status == status


def test_default_rules_can_be_switched_and_given_other_actions() -> None:
    ruleset = switch(begun(), "override", ".m.rule.master", enabled=True)
    ruleset = set_actions(ruleset, "underride", ".m.rule.encrypted", [])
    assert find(ruleset, "override", ".m.rule.master")["enabled"] is True
    assert find(ruleset, "underride", ".m.rule.encrypted")["actions"] == []


def test_a_rule_that_is_not_there_is_not_found() -> None:
    for kind, rule_id in (("override", "x"), ("room", "a"), ("nonsense", "a")):
        with pytest.raises(Refused) as refusal:
            find(with_abc(), kind, rule_id)
        assert refusal.value.refuse.status == 404


def test_rules_do_not_become_too_many() -> None:
    ruleset = begun()
    ruleset["sender"] = [{"rule_id": str(n), "default": False} for n in range(MOST_RULES)]
    with pytest.raises(Refused):
        put(ruleset, "sender", parse_rule("sender", "@one:more", {"actions": []}))


# -- what was kept by another version of the server


def test_without_anything_kept_the_rules_are_the_default_ones() -> None:
    assert merged(None, ANN) == default_ruleset(ANN)


def test_what_was_kept_is_read_back() -> None:
    ruleset = switch(with_abc(), "override", ".m.rule.reaction", enabled=False)
    assert merged({"global": ruleset}, ANN) == ruleset


def test_new_default_rules_come_to_those_who_have_rules_and_old_ones_go() -> None:
    ruleset = set_actions(with_abc(), "underride", ".m.rule.message", [])
    gone = {**find(ruleset, "override", ".m.rule.reaction"), "rule_id": ".m.rule.gone"}
    ruleset["override"] = [
        gone if each["rule_id"] == ".m.rule.reaction" else each for each in ruleset["override"]
    ]
    del ruleset["sender"]
    now = merged({"global": ruleset}, ANN)
    defaults = {kind: [r for r in now[kind] if r["default"]] for kind in KINDS}
    assert defaults == set_actions(begun(), "underride", ".m.rule.message", [])
    assert ids(now) == ["a", "b", "c"]


# -- what is a rule


def test_each_kind_of_rule_has_what_is_its_own() -> None:
    body = {"actions": [], "pattern": "tea", "conditions": [{"kind": "x"}], "more": 1}
    common = {"rule_id": "x", "default": False, "enabled": True, "actions": []}
    assert parse_rule("override", "x", body) == {**common, "conditions": [{"kind": "x"}]}
    assert parse_rule("underride", "x", {"actions": []}) == {**common, "conditions": []}
    assert parse_rule("content", "x", body) == {**common, "pattern": "tea"}
    assert parse_rule("room", "x", body) == parse_rule("sender", "x", body) == common


def test_historical_actions_stay_for_who_wrote_them() -> None:
    assert parse_actions({"actions": ["dont_notify"]}) == ["dont_notify"]
    assert parse_actions({"actions": ["coalesce", "notify"]}) == ["coalesce", "notify"]


@pytest.mark.parametrize(
    ("kind", "rule_id", "body", "errcode"),
    [
        ("nonsense", "x", {"actions": []}, "M_INVALID_PARAM"),
        ("override", "", {"actions": []}, "M_INVALID_PARAM"),
        ("override", ".x", {"actions": []}, "M_INVALID_PARAM"),
        ("override", ".m.rule.master", {"actions": []}, "M_INVALID_PARAM"),
        ("override", "a/b", {"actions": []}, "M_INVALID_PARAM"),
        ("override", "a\\b", {"actions": []}, "M_INVALID_PARAM"),
        ("override", "x", {}, "M_MISSING_PARAM"),
        ("override", "x", {"actions": "notify"}, "M_BAD_JSON"),
        ("override", "x", {"actions": ["stop"]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [["notify"]]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [1]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [{"value": 1}]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [{"set_tweak": 1}]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": {}}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": ["x"]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": [{}]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": [{"kind": 1}]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": [{"kind": "x", "key": 1}]}, "M_BAD_JSON"),
        ("override", "x", {"actions": [], "conditions": [{"kind": "x", "is": 2}]}, "M_BAD_JSON"),
        (
            "override",
            "x",
            {"actions": [], "conditions": [{"kind": "x", "value": []}]},
            "M_BAD_JSON",
        ),
        ("content", "x", {"actions": []}, "M_MISSING_PARAM"),
        ("content", "x", {"actions": [], "pattern": 1}, "M_BAD_JSON"),
        ("content", "x", {"actions": [], "pattern": "x" * (LONGEST_PATTERN + 1)}, "M_BAD_JSON"),
        ("room", "x" * LARGEST_RULE_BYTES, {"actions": []}, "M_TOO_LARGE"),
    ],
)
def test_what_is_no_rule_is_refused(
    kind: str, rule_id: str, body: dict[str, Any], errcode: str
) -> None:
    with pytest.raises(Refused) as refusal:
        parse_rule(kind, rule_id, body)
    assert refusal.value.refuse.errcode == errcode
    assert refusal.value.refuse.status in {400, 413}
