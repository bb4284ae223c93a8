"""Rule 10 of the authorisation rules (9 in versions 10 and 11): who may change which power level.

The rules are written out in `auth_rules`; their numbers stand beside the code.
"""

from __future__ import annotations

from typing import Any

from privity.matrix.auth_state import AuthState, Rejection
from privity.matrix.events import Event
from privity.matrix.ids import BadId, parse_user_id
from privity.matrix.power_levels import creators_of
from privity.matrix.versions import RoomVersion

_LEVELS = (
    "users_default",
    "events_default",
    "state_default",
    "ban",
    "redact",
    "kick",
    "invite",
)


def check_power_levels(event: Event, state: AuthState, version: RoomVersion) -> Rejection | None:
    """Rule 10, for a `m.room.power_levels` event."""
    rejection = _check_shape(event.content)
    if rejection is not None:
        return rejection
    if version.privileged_creators:
        users = event.content.get("users", {})
        if any(creator in users for creator in creators_of(state.create, version)):
            return Rejection("10.4", "creators have no power level of their own")
    current = state.power_levels
    if current is None:
        return None  # 10.5
    return _check_changes(current.content, event.content, event.sender, state)


def _check_shape(content: dict[str, Any]) -> Rejection | None:
    if any(name in content and type(content[name]) is not int for name in _LEVELS):
        return Rejection("10.1", "a level is not an integer")
    for name in ("events", "notifications"):
        if name in content and not _is_object_of_integers(content[name]):
            return Rejection("10.2", f"{name} is not an object of integers")
    users = content.get("users", {})
    if not _is_object_of_integers(users) or not all(_is_user_id(user) for user in users):
        return Rejection("10.3", "users is not an object of user ids and integers")
    return None


def _check_changes(
    old: dict[str, Any], new: dict[str, Any], sender: str, state: AuthState
) -> Rejection | None:
    power = state.levels.of(sender)
    for before, after, current_rule, new_rule in (
        (_named(old), _named(new), "10.6.1", "10.6.2"),
        (old.get("events", {}), new.get("events", {}), "10.7.1", "10.8.1"),
        (old.get("notifications", {}), new.get("notifications", {}), "10.7.1", "10.8.1"),
    ):
        if any(level > power for level in _only_in(before, after).values()):
            return Rejection(current_rule, "a level above the sender's is changed")
        if any(level > power for level in _only_in(after, before).values()):
            return Rejection(new_rule, "a level is set above the sender's")
    before, after = old.get("users", {}), new.get("users", {})
    if any(level >= power for user, level in _only_in(before, after).items() if user != sender):
        return Rejection("10.9.1", "somebody as powerful as the sender is changed")
    if any(level > power for level in _only_in(after, before).values()):
        return Rejection("10.10.1", "somebody is set above the sender")
    return None  # 10.11


def _named(content: dict[str, Any]) -> dict[str, int]:
    return {name: content[name] for name in _LEVELS if name in content}


def _only_in(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """The entries of `one` that are not in `other`, or not with the same level."""
    return {key: level for key, level in one.items() if other.get(key) != level}


def _is_object_of_integers(value: object) -> bool:
    return isinstance(value, dict) and all(type(level) is int for level in value.values())


def _is_user_id(text: str) -> bool:
    try:
        parse_user_id(text)
    except BadId:
        return False
    return True
