"""Push rules: whether an event is worth a person's attention.

1. Kinds are asked in order: override, content, room, sender, underride; in each the rules in
   their order. The first that is enabled and matches decides; if none does, nothing is done.
2. `.m.rule.master` goes before all others, even the person's own (`push_ruleset` puts it there).
3. Rules are compiled once. One that holds only for a type, a room or a sender is asked for no
   other, so an encrypted event meets a handful of them, however many rooms somebody muted.
4. Who never changed a rule shares one compilation with all others of their kind.

Source: client-server API, "Push rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from privity.matrix.push_conditions import Condition, Facts, compile_condition, exact_match
from privity.matrix.push_defaults import default_ruleset
from privity.matrix.push_ruleset import KINDS, merged

__all__ = ["NOTHING", "Actions", "Compiled", "Facts", "compile_rules", "compiled_for"]

MOST_TYPES = 200
_ANYBODY = "@"


@dataclass(frozen=True, slots=True)
class Actions:
    """What is to be done. `raw` is the rule's list of actions, for push gateways."""

    notify: bool
    highlight: bool
    raw: tuple[Any, ...] = ()


NOTHING = Actions(notify=False, highlight=False)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, at its place in the order. It can hold only for this type, room, sender, if any."""

    place: int
    conditions: tuple[Condition, ...]
    actions: Actions
    type: str | None
    room_id: str | None
    sender: str | None


class Compiled:
    """A person's rules, ready to be asked."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._general: list[_Rule] = []
        self._of_type: dict[str, list[_Rule]] = {}
        self._special: dict[str, list[_Rule]] = {}
        for rule in rules:
            about = rule.room_id or rule.sender
            (self._general if about is None else self._special.setdefault(about, [])).append(rule)

    def actions(self, facts: Facts) -> Actions:
        """What the first rule that matches wants done."""
        for rule in self._candidates(facts):
            for condition in rule.conditions:
                if not condition(facts):
                    break
            else:
                return rule.actions
        return NOTHING

    def _candidates(self, facts: Facts) -> list[_Rule]:  # 3
        event = facts.event
        rules = self._of_type.get(event.type)
        if rules is None:
            kind = event.type.lower()
            rules = [rule for rule in self._general if rule.type in (None, kind)]
            if len(self._of_type) < MOST_TYPES:  # made-up types must not fill the memory
                self._of_type[event.type] = rules
        if self._special:
            of_room = self._special.get(event.room_id.lower(), [])
            of_sender = self._special.get(event.sender.lower(), [])
            if of_room or of_sender:
                return sorted((*rules, *of_room, *of_sender), key=_place)
        return rules


def compiled_for(kept: Mapping[str, Any] | None, user_id: str) -> Compiled:
    """The rules of a person. `kept` is the content of their `m.push_rules`, if they have one."""
    if kept is None:
        return _defaults()  # 4
    return compile_rules(merged(kept, user_id), user_id)


@cache
def _defaults() -> Compiled:
    return compile_rules(default_ruleset(_ANYBODY), _ANYBODY)


def compile_rules(ruleset: Mapping[str, Any], user_id: str) -> Compiled:
    """Compile a whole ruleset."""
    enabled = (
        (kind, rule)
        for kind in KINDS  # 1
        for rule in ruleset[kind]
        if rule["enabled"]
    )
    return Compiled(
        _compile(place, kind, rule, user_id) for place, (kind, rule) in enumerate(enabled)
    )


def _place(rule: _Rule) -> int:
    return rule.place


def _compile(place: int, kind: str, rule: Mapping[str, Any], user_id: str) -> _Rule:
    conditions = _conditions_of(kind, rule)
    only = {key: _only(conditions, key) for key in ("type", "room_id", "sender")}
    left = [condition for condition in conditions if not _is_settled(condition, only["type"])]
    return _Rule(
        place,
        tuple(compile_condition(condition, user_id) for condition in left),
        _actions(rule["actions"]),
        **only,
    )


def _only(conditions: list[Mapping[str, Any]], key: str) -> str | None:
    exact = (exact_match(condition, key) for condition in conditions)
    return next((value for value in exact if value is not None), None)


def _is_settled(condition: Mapping[str, Any], only_type: str | None) -> bool:
    """Whether the condition says no more than that the type is the only one it can be."""
    is_match = condition.get("kind") == "event_match"
    return is_match and only_type is not None and exact_match(condition, "type") == only_type


def _conditions_of(kind: str, rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if kind == "content":
        return [{"kind": "event_match", "key": "content.body", "pattern": rule["pattern"]}]
    if kind == "room":
        return [{"kind": "event_property_is", "key": "room_id", "value": rule["rule_id"]}]
    if kind == "sender":
        return [{"kind": "event_property_is", "key": "sender", "value": rule["rule_id"]}]
    return list(rule["conditions"])


def _actions(raw: list[Any]) -> Actions:
    highlight = False
    for action in raw:
        if isinstance(action, dict) and action.get("set_tweak") == "highlight":
            highlight = action.get("value", True) is True
    notify = "notify" in raw
    return Actions(notify, notify and highlight, tuple(raw))
