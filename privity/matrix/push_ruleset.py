"""A person's push rules, as JSON: read them, change them. A change gives a new ruleset.

1. The server-default rules are always there. They can be switched and given other actions; they
   are not removed nor made, and ids that begin with a dot are theirs.
2. In each kind a person's own rules come before the default ones, and `.m.rule.master` before all.
3. A new rule is enabled, and the most important of its owner's in its kind. One that is there is
   changed where it stands, and stays switched as it is.
4. `before` and `after` name a rule of the person's own, of the same kind: the rule comes next to
   it. `before` goes over `after`.
5. The historical actions mean nothing. They stay, for who wrote them looks for them.

Source: client-server API, "Push Rules: API", "Historical Actions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privity.matrix import canonical_json
from privity.matrix.errors import (
    Errcode,
    bad_json,
    invalid_param,
    missing_param,
    not_found,
    refused,
)
from privity.matrix.push_defaults import MASTER, default_ruleset

KINDS = ("override", "content", "room", "sender", "underride")
HISTORICAL = ("dont_notify", "coalesce")
MOST_RULES = 1000
LARGEST_RULE_BYTES = 16 * 1024
LONGEST_PATTERN = 512

Rule = dict[str, Any]
Ruleset = dict[str, list[Rule]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is to stand: next before or next after another one, by its id."""

    before: str | None = None
    after: str | None = None


NOWHERE = Place()


def merged(kept: Mapping[str, Any] | None, user_id: str) -> Ruleset:
    """The whole ruleset of a person (rules 1 and 2).

    `kept` is the content of their `m.push_rules`, of this version of the server or another; None
    if they never changed a rule.
    """
    ruleset = default_ruleset(user_id)
    if kept is None:
        return ruleset
    for kind in KINDS:
        kept_rules: list[Rule] = kept["global"].get(kind, [])
        switched = {rule["rule_id"]: rule for rule in kept_rules if rule["default"]}
        defaults = [
            {**rule, **{name: switched[rule["rule_id"]][name] for name in ("enabled", "actions")}}
            if rule["rule_id"] in switched
            else rule
            for rule in ruleset[kind]
        ]
        first = [rule for rule in defaults if rule["rule_id"] == MASTER]
        own = [rule for rule in kept_rules if not rule["default"]]
        ruleset[kind] = [*first, *own, *(rule for rule in defaults if rule not in first)]
    return ruleset


def find(ruleset: Ruleset, kind: str, rule_id: str) -> Rule:
    """One rule. 404 M_NOT_FOUND."""
    for rule in ruleset.get(kind, ()):
        if rule["rule_id"] == rule_id:
            return rule
    raise not_found("There is no such push rule.")


def of_kind(ruleset: Ruleset, kind: str) -> list[Rule]:
    """The rules of one kind. 400 M_INVALID_PARAM for no kind of rule."""
    if kind not in KINDS:
        raise invalid_param(f"A rule is one of {', '.join(KINDS)}.")
    return ruleset[kind]


def put(ruleset: Ruleset, kind: str, rule: Rule, place: Place = NOWHERE) -> Ruleset:
    """Add a rule, or change the one of its id (rules 3 and 4). 400 for no such place."""
    rules = ruleset[kind]
    rule_id = rule["rule_id"]
    known = next((each for each in rules if each["rule_id"] == rule_id), None)
    if known is not None:
        rule = {**rule, "enabled": known["enabled"]}
    elif len(rules) >= MOST_RULES:
        raise invalid_param(f"There are at most {MOST_RULES} rules of a kind.")
    wanted = place.before or place.after
    if wanted == rule_id or (wanted is None and known is not None):
        changed = [rule if each is known else each for each in rules]
        return {**ruleset, kind: changed}
    others = [each for each in rules if each is not known]
    index = _index(others, place)
    return {**ruleset, kind: [*others[:index], rule, *others[index:]]}


def _index(rules: list[Rule], place: Place) -> int:
    wanted = place.before or place.after
    if wanted is None:
        return sum(rule["rule_id"] == MASTER for rule in rules)
    for index, rule in enumerate(rules):
        if rule["rule_id"] == wanted and not rule["default"]:
            return index if place.before else index + 1
    says = "There is no rule of your own to put it next to."
    raise refused(Errcode.UNKNOWN, says, status=400)


def remove(ruleset: Ruleset, kind: str, rule_id: str) -> Ruleset:
    """Remove a rule. 404 M_NOT_FOUND, 400 M_INVALID_PARAM for a default one (rule 1)."""
    rule = find(ruleset, kind, rule_id)
    if rule["default"]:
        raise invalid_param("A default rule can be switched off, but not removed.")
    return {**ruleset, kind: [each for each in ruleset[kind] if each is not rule]}


def switch(ruleset: Ruleset, kind: str, rule_id: str, *, enabled: bool) -> Ruleset:
    """Switch a rule on or off. 404 M_NOT_FOUND."""
    return _with(ruleset, kind, rule_id, {"enabled": enabled})


def set_actions(ruleset: Ruleset, kind: str, rule_id: str, actions: list[Any]) -> Ruleset:
    """Give a rule other actions. 404 M_NOT_FOUND."""
    return _with(ruleset, kind, rule_id, {"actions": actions})


def _with(ruleset: Ruleset, kind: str, rule_id: str, changed: Rule) -> Ruleset:
    rule = find(ruleset, kind, rule_id)
    return {
        **ruleset,
        kind: [{**each, **changed} if each is rule else each for each in ruleset[kind]],
    }


# -- what clients say of a rule


def parse_rule(kind: str, rule_id: str, body: Mapping[str, Any]) -> Rule:
    """A person's own rule, from the body of a request. Raises 400."""
    if kind not in KINDS:
        raise invalid_param(f"A rule is one of {', '.join(KINDS)}.")
    if not rule_id or rule_id.startswith(".") or {"/", "\\"} & set(rule_id):
        raise invalid_param("The id of a rule begins with no dot and holds no slash.")
    rule: Rule = {"rule_id": rule_id, "default": False, "enabled": True}
    rule["actions"] = parse_actions(body)
    if kind == "content":
        rule["pattern"] = _pattern(body)
    elif kind in {"override", "underride"}:
        rule["conditions"] = _conditions(body)
    if len(canonical_json.encode(rule)) > LARGEST_RULE_BYTES:
        raise refused(Errcode.TOO_LARGE, "The rule is too large.", status=413)
    return rule


def parse_actions(body: Mapping[str, Any]) -> list[Any]:
    """The `actions` of a body (rule 5). Raises 400."""
    actions = body.get("actions")
    if actions is None:
        raise missing_param("actions")
    if not isinstance(actions, list) or not all(_is_action(action) for action in actions):
        raise bad_json("'actions' is a list of 'notify' and of tweaks.")
    return list(actions)


def _is_action(raw: object) -> bool:
    if isinstance(raw, dict):
        return isinstance(raw.get("set_tweak"), str)
    return raw == "notify" or raw in HISTORICAL


def _pattern(body: Mapping[str, Any]) -> str:
    pattern = body.get("pattern")
    if pattern is None:
        raise missing_param("pattern")
    _check_pattern(pattern)
    return str(pattern)


def _check_pattern(pattern: object) -> None:
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        raise bad_json(f"'pattern' is a string of at most {LONGEST_PATTERN} characters.")


def _conditions(body: Mapping[str, Any]) -> list[Any]:
    conditions = body.get("conditions", [])
    if not isinstance(conditions, list):
        raise bad_json("'conditions' is a list.")
    for condition in conditions:
        if not isinstance(condition, dict) or not isinstance(condition.get("kind"), str):
            raise bad_json("A condition is an object with a 'kind'.")
        for name in ("key", "is"):
            if not isinstance(condition.get(name, ""), str):
                raise bad_json(f"'{name}' is a string.")
        _check_pattern(condition.get("pattern", ""))
        if isinstance(condition.get("value"), list | dict):
            raise bad_json("'value' is a string, an integer, a boolean or null.")
    return conditions
