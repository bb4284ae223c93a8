"""The conditions of push rules, each compiled once to a function of the facts.

A condition of an unknown kind, or without what its kind needs, is never true.

Source: client-server API, "Push rules", "Conditions"; appendices, "Dot-separated property paths".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from privity.matrix import globs
from privity.matrix.events import Event
from privity.matrix.power_levels import PowerLevels


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at: the event, the room as it is, and the person whose rules are asked.

    `display_name` is theirs in the room.
    """

    event: Event
    levels: PowerLevels
    member_count: int
    user_id: str
    display_name: str | None = None


Condition = Callable[[Facts], bool]
Getter = Callable[[Event], Any]

_ABSENT = object()
_FLAGS = re.IGNORECASE | re.DOTALL
_COUNT = re.compile(r"(==|<=|>=|<|>)?(\d{1,9})", re.ASCII)
_FIELDS = frozenset({"type", "sender", "room_id", "event_id", "origin_server_ts"})


def compile_condition(raw: Mapping[str, Any], user_id: str) -> Condition:
    """The condition of the rule of a person. What names that person is asked of the facts'."""
    make = _KINDS.get(raw.get("kind"), _unknown)
    return make(raw, user_id)


def exact_match(raw: Mapping[str, Any], key: str) -> str | None:
    """What the property `key` has to be, letter case aside, for this condition to be true."""
    given = raw.get("pattern" if raw.get("kind") == "event_match" else "value")
    if raw.get("kind") not in {"event_match", "event_property_is"} or raw.get("key") != key:
        return None
    if not isinstance(given, str) or (raw["kind"] == "event_match" and set("*?") & set(given)):
        return None
    return given.lower()


@lru_cache(maxsize=1024)
def split_path(key: str) -> tuple[str, ...]:
    r"""A dot-separated path in its parts; `\.` is a dot and `\\` a backslash."""
    parts = [""]
    characters = iter(key)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            parts[-1] += following if following in {".", "\\"} else f"\\{following}"
        elif character == ".":
            parts.append("")
        else:
            parts[-1] += character
    return tuple(parts)


def _getter(key: str) -> Getter:
    first, *others = split_path(key)
    if first == "state_key" and not others:
        return lambda event: _ABSENT if event.state_key is None else event.state_key
    if first in _FIELDS and not others:
        return attrgetter(first)
    if first != "content" or not others:
        return lambda _: _ABSENT
    if len(others) == 1:
        (name,) = others
        return lambda event: event.content.get(name, _ABSENT)

    def walk(event: Event) -> Any:  # noqa: ANN401 - JSON
        value: Any = event.content
        for name in others:
            if not isinstance(value, dict):
                return _ABSENT
            value = value.get(name, _ABSENT)
        return value

    return walk


def _never(_: Facts) -> bool:
    return False


def _unknown(_: Mapping[str, Any], __: str) -> Condition:
    return _never


def _event_match(raw: Mapping[str, Any], user_id: str) -> Condition:
    key, pattern = raw.get("key"), raw.get("pattern")
    if not isinstance(key, str) or not isinstance(pattern, str):
        return _never
    get = _getter(key)
    if key == "content.body":
        return _matches(get, re.compile(globs.words(pattern), _FLAGS).search)
    if set("*?") & set(pattern):
        return _matches(get, re.compile(globs.whole(pattern), _FLAGS).fullmatch)
    if pattern == user_id:
        return lambda facts: get(facts.event) == facts.user_id
    wanted = pattern.lower()

    def is_it(facts: Facts) -> bool:
        value = get(facts.event)
        return isinstance(value, str) and value.lower() == wanted

    return is_it


def _matches(get: Getter, find: Callable[[str], re.Match[str] | None]) -> Condition:
    def matches(facts: Facts) -> bool:
        value = get(facts.event)
        return isinstance(value, str) and find(value) is not None

    return matches


def _property_is(raw: Mapping[str, Any], user_id: str) -> Condition:
    key, wanted = raw.get("key"), raw.get("value", _ABSENT)
    if not isinstance(key, str) or not _is_simple(wanted):
        return _never
    get = _getter(key)
    if wanted == user_id:
        return lambda facts: get(facts.event) == facts.user_id
    kind = type(wanted)

    def is_it(facts: Facts) -> bool:
        value = get(facts.event)
        return type(value) is kind and value == wanted

    return is_it


def _property_contains(raw: Mapping[str, Any], user_id: str) -> Condition:
    key, wanted = raw.get("key"), raw.get("value", _ABSENT)
    if not isinstance(key, str) or not _is_simple(wanted):
        return _never
    get = _getter(key)
    kind, is_own = type(wanted), wanted == user_id

    def contains(facts: Facts) -> bool:
        value = get(facts.event)
        if not isinstance(value, list):
            return False
        sought = facts.user_id if is_own else wanted
        return any(type(each) is kind and each == sought for each in value)

    return contains


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, str | int)


def _member_count(raw: Mapping[str, Any], _: str) -> Condition:
    given = raw.get("is")
    match = _COUNT.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        return _never
    number = int(match[2])
    conditions: Mapping[str, Condition] = {
        "==": lambda facts: facts.member_count == number,
        "<": lambda facts: facts.member_count < number,
        ">": lambda facts: facts.member_count > number,
        "<=": lambda facts: facts.member_count <= number,
        ">=": lambda facts: facts.member_count >= number,
    }
    return conditions[match[1] or "=="]


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
        name = f"(?<!{globs.WORD}){re.escape(facts.display_name)}(?!{globs.WORD})"
        return re.search(name, body, re.IGNORECASE) is not None

    return contains


_KINDS: Mapping[Any, Callable[[Mapping[str, Any], str], Condition]] = {
    "event_match": _event_match,
    "event_property_is": _property_is,
    "event_property_contains": _property_contains,
    "room_member_count": _member_count,
    "sender_notification_permission": _sender_permission,
    "contains_display_name": _display_name,
}
