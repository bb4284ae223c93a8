"""Push rules: whether an event is worth a person's attention.

1. Kinds are asked in order: override, content, room, sender, underride; in each the rules in
   their order. The first that is enabled and matches decides.
2. `.m.rule.master` goes before all others, even the person's own.
3. A condition of an unknown kind matches nothing.
4. Rules are compiled once for each person; one whose condition names an exact type is asked only
   for events of that type, so an encrypted event meets a handful of them.

Source: client-server API, "Push rules", "Predefined rules".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from privity.matrix.events import Event
from privity.matrix.power_levels import PowerLevels

KINDS = ("override", "content", "room", "sender", "underride")
MASTER = ".m.rule.master"

_SOUND = {"set_tweak": "sound", "value": "default"}
_HIGHLIGHT = {"set_tweak": "highlight"}
_COUNT = re.compile(r"(==|<=|>=|<|>)?(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at: the event, and the room as it is."""

    event: Event
    levels: PowerLevels
    member_count: int
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What is to be done. `raw` is the rule's list of actions, for push gateways."""

    notify: bool
    highlight: bool
    raw: tuple[Any, ...] = ()


NOTHING = Actions(notify=False, highlight=False)

Condition = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class _Rule:
    conditions: tuple[Condition, ...]
    actions: Actions
    type: str | None


class Compiled:
    """A person's rules, ready to be asked."""

    def __init__(self, rules: list[_Rule]) -> None:
        self._rules = rules
        self._of_type: dict[str, list[_Rule]] = {}

    def actions(self, facts: Facts) -> Actions:
        """What the first rule that matches wants done."""
        kind = facts.event.type
        rules = self._of_type.get(kind)
        if rules is None:
            rules = [rule for rule in self._rules if rule.type in (None, kind)]
            if len(self._of_type) < 200:  # noqa: PLR2004 - made-up types must not fill the memory
                self._of_type[kind] = rules
        for rule in rules:
            if all(condition(facts) for condition in rule.conditions):
                return rule.actions
        return NOTHING


def compile_rules(ruleset: Mapping[str, Any], user_id: str) -> Compiled:
    """Compile the `global` ruleset of a person."""
    return Compiled(
        [
            _compile(kind, rule, user_id)
            for kind in KINDS  # 1
            for rule in ruleset.get(kind, ())
            if rule.get("enabled", True)
        ]
    )


def _compile(kind: str, rule: Mapping[str, Any], user_id: str) -> _Rule:
    conditions = _conditions_of(kind, rule)
    type_only = None
    for condition in conditions:
        is_type = condition.get("kind") == "event_match" and condition.get("key") == "type"
        pattern = condition.get("pattern")
        if is_type and isinstance(pattern, str) and not set("*?") & set(pattern):
            type_only = pattern
    return _Rule(
        tuple(_condition(condition, user_id) for condition in conditions),
        _actions(rule.get("actions", ())),
        type_only,
    )


def _conditions_of(kind: str, rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if kind == "content":
        return [{"kind": "event_match", "key": "content.body", "pattern": rule.get("pattern", "")}]
    if kind == "room":
        return [{"kind": "event_property_is", "key": "room_id", "value": rule["rule_id"]}]
    if kind == "sender":
        return [{"kind": "event_property_is", "key": "sender", "value": rule["rule_id"]}]
    return list(rule.get("conditions", ()))


def _actions(raw: Any) -> Actions:  # noqa: ANN401 - JSON of the person's
    tweaks = {
        action["set_tweak"]: action.get("value", True)
        for action in raw
        if isinstance(action, dict) and "set_tweak" in action
    }
    return Actions(
        notify="notify" in raw,
        highlight="notify" in raw and bool(tweaks.get("highlight", False)),
        raw=tuple(raw),
    )


# -- conditions


def _condition(raw: Mapping[str, Any], user_id: str) -> Condition:
    make = _CONDITIONS.get(str(raw.get("kind")))
    if make is None:  # 3
        return _never
    return make(raw, user_id)


def _never(_: Facts) -> bool:
    return False


def _event_match(raw: Mapping[str, Any], _: str) -> Condition:
    key, pattern = raw.get("key"), raw.get("pattern")
    if not isinstance(key, str) or not isinstance(pattern, str):
        return _never
    path = split_path(key)
    if key == "content.body":
        whole = re.compile(rf"(?:^|[^A-Za-z0-9_]){_glob(pattern)}(?:$|[^A-Za-z0-9_])", _FLAGS)

        def contains(facts: Facts) -> bool:
            value = _property(facts.event, path)
            return isinstance(value, str) and whole.search(value) is not None

        return contains
    exact = re.compile(_glob(pattern), _FLAGS)

    def matches(facts: Facts) -> bool:
        value = _property(facts.event, path)
        return isinstance(value, str) and exact.fullmatch(value) is not None

    return matches


def _property_is(raw: Mapping[str, Any], _: str) -> Condition:
    key, value = raw.get("key"), raw.get("value")
    if not isinstance(key, str):
        return _never
    path = split_path(key)

    def is_it(facts: Facts) -> bool:
        found = _property(facts.event, path)
        return type(found) is type(value) and found == value and found is not _ABSENT

    return is_it


def _property_contains(raw: Mapping[str, Any], _: str) -> Condition:
    key, value = raw.get("key"), raw.get("value")
    if not isinstance(key, str):
        return _never
    path = split_path(key)

    def contains(facts: Facts) -> bool:
        found = _property(facts.event, path)
        return isinstance(found, list) and any(
            type(each) is type(value) and each == value for each in found
        )

    return contains


def _member_count(raw: Mapping[str, Any], _: str) -> Condition:
    match = _COUNT.fullmatch(str(raw.get("is", "")))
    if match is None:
        return _never
    compare, number = match[1] or "==", int(match[2])
    return {
        "==": lambda facts: facts.member_count == number,
        "<": lambda facts: facts.member_count < number,
        ">": lambda facts: facts.member_count > number,
        "<=": lambda facts: facts.member_count <= number,
        ">=": lambda facts: facts.member_count >= number,
    }[compare]


def _sender_permission(raw: Mapping[str, Any], _: str) -> Condition:
    key = raw.get("key")
    if not isinstance(key, str):
        return _never
    return lambda facts: facts.levels.of(facts.event.sender) >= facts.levels.notifications(key)


def _display_name(_: Mapping[str, Any], __: str) -> Condition:
    def contains(facts: Facts) -> bool:
        body = facts.event.content.get("body")
        if not facts.display_name or not isinstance(body, str):
            return False
        name = re.escape(facts.display_name)
        return re.search(rf"(?:^|\W){name}(?:$|\W)", body, re.IGNORECASE) is not None

    return contains


_FLAGS = re.IGNORECASE | re.DOTALL

_CONDITIONS: Mapping[str, Callable[[Mapping[str, Any], str], Condition]] = {
    "event_match": _event_match,
    "event_property_is": _property_is,
    "event_property_contains": _property_contains,
    "room_member_count": _member_count,
    "sender_notification_permission": _sender_permission,
    "contains_display_name": _display_name,
}


def _glob(pattern: str) -> str:
    """A glob as a regular expression: `*` is any text, `?` any character.

    What stands between two stars is an atomic group, so that no pattern can make the search go
    back over what it passed.
    """
    first, *others = [
        "".join("." if character == "?" else re.escape(character) for character in piece)
        for piece in re.sub(r"\*+", "*", pattern).split("*")
    ]
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}"


@lru_cache(maxsize=1024)
def split_path(key: str) -> tuple[str, ...]:
    r"""A dot-separated path in its parts; `\.` is a dot and `\\` a backslash.

    Source: appendices, "Dot-separated property paths".
    """
    parts = [""]
    characters = iter(key)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            parts[-1] += following if following in (".", "\\") else f"\\{following}"
        elif character == ".":
            parts.append("")
        else:
            parts[-1] += character
    return tuple(parts)


_ABSENT = object()


def _property(event: Event, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    first = path[0]
    value: Any
    if first == "content":
        value = event.content
    elif first in {"type", "sender", "room_id", "event_id", "state_key"}:
        value = getattr(event, first)
        if value is None:
            return _ABSENT
    else:
        return _ABSENT
    for part in path[1:]:
        if not isinstance(value, dict) or part not in value:
            return _ABSENT
        value = value[part]
    return value


# -- the rules that everybody begins with


def default_ruleset(user_id: str) -> dict[str, list[dict[str, Any]]]:
    """The server-default rules of a person."""
    override = [
        _default(MASTER, [], [], enabled=False),
        _default(".m.rule.suppress_notices", [_match("content.msgtype", "m.notice")], []),
        _default(
            ".m.rule.invite_for_me",
            [
                _match("type", "m.room.member"),
                _match("content.membership", "invite"),
                _match("state_key", user_id),
            ],
            ["notify", _SOUND],
        ),
        _default(".m.rule.member_event", [_match("type", "m.room.member")], []),
        _default(
            ".m.rule.is_user_mention",
            [
                {
                    "kind": "event_property_contains",
                    "key": "content.m\\.mentions.user_ids",
                    "value": user_id,
                }
            ],
            ["notify", _SOUND, _HIGHLIGHT],
        ),
        _default(
            ".m.rule.is_room_mention",
            [
                {
                    "kind": "event_property_is",
                    "key": "content.m\\.mentions.room",
                    "value": True,
                },
                {"kind": "sender_notification_permission", "key": "room"},
            ],
            ["notify", _HIGHLIGHT],
        ),
        _default(
            ".m.rule.tombstone",
            [_match("type", "m.room.tombstone"), _match("state_key", "")],
            ["notify", _HIGHLIGHT],
        ),
        _default(".m.rule.reaction", [_match("type", "m.reaction")], []),
        _default(
            ".m.rule.room.server_acl",
            [_match("type", "m.room.server_acl"), _match("state_key", "")],
            [],
        ),
        _default(
            ".m.rule.suppress_edits",
            [
                {
                    "kind": "event_property_is",
                    "key": "content.m\\.relates_to.rel_type",
                    "value": "m.replace",
                }
            ],
            [],
        ),
    ]
    two = {"kind": "room_member_count", "is": "2"}
    ring = {"set_tweak": "sound", "value": "ring"}
    encrypted, message = _match("type", "m.room.encrypted"), _match("type", "m.room.message")
    underride = [
        _default(".m.rule.call", [_match("type", "m.call.invite")], ["notify", ring]),
        _default(".m.rule.encrypted_room_one_to_one", [two, encrypted], ["notify", _SOUND]),
        _default(".m.rule.room_one_to_one", [two, message], ["notify", _SOUND]),
        _default(".m.rule.message", [message], ["notify"]),
        _default(".m.rule.encrypted", [encrypted], ["notify"]),
    ]
    return {"override": override, "content": [], "room": [], "sender": [], "underride": underride}


def _match(key: str, pattern: str) -> dict[str, Any]:
    return {"kind": "event_match", "key": key, "pattern": pattern}


def _default(
    rule_id: str, conditions: list[Any], actions: list[Any], *, enabled: bool = True
) -> dict[str, Any]:
    return {
        "rule_id": rule_id,
        "default": True,
        "enabled": enabled,
        "conditions": conditions,
        "actions": actions,
    }
