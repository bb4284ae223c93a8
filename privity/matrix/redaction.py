"""What is left of an event once it is redacted; also what its id and its signatures cover.

1. At the top, only the keys of `_KEPT` stay. `unsigned` never does.
2. In `content`, only the keys of `_CONTENT_KEPT` for the event's type stay; else it is empty.
3. Version 11 and later: a create event keeps its whole content (3a), a membership keeps of its
   `third_party_invite` the `signed` part (3b).

Source: rooms/fragments v1-redactions (versions 1 to 5), v6-redactions (6 and 7), v9-redactions (9
and 10), v11-redactions (11 and 12); rooms/v8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privity.matrix.versions import Redaction, RoomVersion

_KEPT_11 = (
    "event_id",
    "type",
    "room_id",
    "sender",
    "state_key",
    "content",
    "hashes",
    "signatures",
    "depth",
    "prev_events",
    "auth_events",
    "origin_server_ts",
)
_KEPT: Mapping[Redaction, frozenset[str]] = {
    **dict.fromkeys(
        (Redaction.V1, Redaction.V6, Redaction.V8, Redaction.V9),
        frozenset((*_KEPT_11, "prev_state", "origin", "membership")),
    ),
    Redaction.V11: frozenset(_KEPT_11),
}

_LEVELS = (
    "ban",
    "events",
    "events_default",
    "kick",
    "redact",
    "state_default",
    "users",
    "users_default",
)
_CONTENT_KEPT_6: Mapping[str, tuple[str, ...]] = {
    "m.room.member": ("membership",),
    "m.room.create": ("creator",),
    "m.room.join_rules": ("join_rule",),
    "m.room.power_levels": _LEVELS,
    "m.room.history_visibility": ("history_visibility",),
}
_CONTENT_KEPT: Mapping[Redaction, Mapping[str, tuple[str, ...]]] = {
    Redaction.V1: {**_CONTENT_KEPT_6, "m.room.aliases": ("aliases",)},
    Redaction.V6: _CONTENT_KEPT_6,
    Redaction.V8: {**_CONTENT_KEPT_6, "m.room.join_rules": ("join_rule", "allow")},
    Redaction.V9: {
        **_CONTENT_KEPT_6,
        "m.room.member": ("membership", "join_authorised_via_users_server"),
        "m.room.join_rules": ("join_rule", "allow"),
    },
    Redaction.V11: {
        "m.room.member": ("membership", "join_authorised_via_users_server"),
        "m.room.join_rules": ("join_rule", "allow"),
        "m.room.power_levels": (*_LEVELS, "invite"),
        "m.room.history_visibility": ("history_visibility",),
        "m.room.redaction": ("redacts",),
    },
}


def redact(pdu: Mapping[str, Any], version: RoomVersion) -> dict[str, Any]:
    """A redacted copy of a PDU (or of an event in the client format). Nothing of `pdu` changes."""
    kept = _KEPT[version.redaction]
    redacted = {key: value for key, value in pdu.items() if key in kept}  # 1
    if "content" in redacted:
        redacted["content"] = redact_content(pdu["type"], pdu["content"], version)
    return redacted


def redact_content(event_type: str, content: object, version: RoomVersion) -> dict[str, Any]:
    """What stays of `content` when an event of this type is redacted."""
    if not isinstance(content, dict):
        return {}
    later = version.redaction is Redaction.V11
    if later and event_type == "m.room.create":  # 3a
        return dict(content)
    keys = _CONTENT_KEPT[version.redaction].get(event_type, ())
    redacted = {key: content[key] for key in keys if key in content}  # 2
    if later and event_type == "m.room.member":  # 3b
        invite = content.get("third_party_invite")
        if isinstance(invite, dict):
            signed = {"signed": invite["signed"]} if "signed" in invite else {}
            redacted["third_party_invite"] = signed
    return redacted
