"""The shape of an event: what a PDU has to have, and how large it may be.

Source: server-server API, "PDUs"; client-server API, "Size limits"; rooms/v1, rooms/v3, rooms/v12.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from privity.matrix.ids import BadId, parse_room_id, parse_user_id
from privity.matrix.versions import EventIds, RoomVersion

MAX_EVENT_BYTES = 65_536
MAX_KEY_BYTES = 255
MAX_PREV_EVENTS = 20
MAX_AUTH_EVENTS = 10


class EventTooLarge(ValueError):  # noqa: N818 - named for what is wrong
    """The event, or one of its keys, is over its size limit: answer `M_TOO_LARGE`."""


class BadEvent(ValueError):  # noqa: N818 - named for what is wrong
    """The PDU does not have the shape of an event of its room version."""


def check_sizes(fields: dict[str, Any], pdu: bytes) -> None:
    """Raise `EventTooLarge`."""
    if len(pdu) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"an event has at most {MAX_EVENT_BYTES} bytes")
    for name in ("type", "state_key", "sender", "room_id"):
        # A character has at most four bytes: short texts need no encoding.
        text = fields.get(name, "")
        if len(text) * 4 > MAX_KEY_BYTES and len(text.encode()) > MAX_KEY_BYTES:
            raise EventTooLarge(f"{name} has at most {MAX_KEY_BYTES} bytes")


def check_references(prev_events: Sequence[Any], auth_events: Sequence[Any]) -> None:
    """Raise `BadEvent` for more than an event may name."""
    if len(prev_events) > MAX_PREV_EVENTS or len(auth_events) > MAX_AUTH_EVENTS:
        raise BadEvent(f"more than {MAX_PREV_EVENTS} prev_events or {MAX_AUTH_EVENTS} auth_events")


_SHAPE: tuple[tuple[str, type], ...] = (
    ("type", str),
    ("sender", str),
    ("content", dict),
    ("origin_server_ts", int),
    ("depth", int),
    ("prev_events", list),
    ("auth_events", list),
    ("hashes", dict),
    ("signatures", dict),
)


def _is_reference(value: object, version: RoomVersion) -> bool:
    if version.event_ids is not EventIds.OWN:
        return isinstance(value, str)
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def check_shape(fields: object, version: RoomVersion) -> None:  # noqa: C901 - a list of rules
    """Raise `BadEvent` for what is no PDU of this room version."""
    if not isinstance(fields, dict):
        raise BadEvent("a PDU is an object")
    for name, kind in _SHAPE:
        if type(fields.get(name)) is not kind:
            raise BadEvent(f"{name} is missing or of the wrong type")
    if version.event_ids is EventIds.OWN and not isinstance(fields.get("event_id"), str):
        raise BadEvent("event_id is missing")
    if "state_key" in fields and not isinstance(fields["state_key"], str):
        raise BadEvent("state_key is not a string")
    for name in ("prev_events", "auth_events"):
        if not all(_is_reference(each, version) for each in fields[name]):
            raise BadEvent(f"{name} is not a list of event ids")
    check_references(fields["prev_events"], fields["auth_events"])
    is_named_by_hash = version.room_id_is_create_hash and fields["type"] == "m.room.create"
    if is_named_by_hash and "room_id" in fields:
        raise BadEvent("the create event has a room id")
    try:
        parse_user_id(fields["sender"])
        if not is_named_by_hash:
            parse_room_id(fields.get("room_id"))
    except BadId as error:
        raise BadEvent(str(error)) from None
