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
    for before, after in _changes(_named(old), _named(new)).values():
        if before is not None and before > power:
            return Rejection("10.6.1", "a level above the sender's is changed")
        if after is not None and after > power:
            return Rejection("10.6.2", "a level is set above the sender's")
    for name in ("events", "notifications"):
        for before, after in _changes(old.get(name, {}), new.get(name, {})).values():
            if before is not None and before > power:
                return Rejection("10.7.1", f"a level of {name} above the sender's is changed")
            if after is not None and after > power:
                return Rejection("10.8.1", f"a level of {name} is set above the sender's")
    for user, (before, after) in _changes(old.get("users", {}), new.get("users", {})).items():
        if before is not None and user != sender and before >= power:
            return Rejection("10.9.1", "somebody as powerful as the sender is changed")
        if after is not None and after > power:
            return Rejection("10.10.1", "somebody is set above the sender")
    return None  # 10.11


def _named(content: dict[str, Any]) -> dict[str, int]:
    return {name: content[name] for name in _LEVELS if name in content}


def _changes(old: dict[str, int], new: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    """What was added (None before), changed, or removed (None after)."""
    return {
        key: (old.get(key), new.get(key))
        for key in old.keys() | new.keys()
        if old.get(key) != new.get(key)
    }


def _is_object_of_integers(value: object) -> bool:
    return isinstance(value, dict) and all(type(level) is int for level in value.values())


def _is_user_id(text: str) -> bool:
    try:
        parse_user_id(text)
    except BadId:
        return False
    return True
