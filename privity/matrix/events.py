"""Events: what one is, how one is made (hashed, named, signed), how one is read back.

Making one:
1. the content hash covers the whole event without `hashes`, `signatures` and `unsigned`
2. the redacted event with that hash is the text that names it (the reference hash is the event
   id) and the text that is signed: the same bytes, so they are made once
3. sizes: 65,536 bytes the whole, 255 bytes type, state key, sender and room id

Source: server-server API, "Signing Events"; client-server API, "Size limits"; rooms/v12.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from privity.matrix.canonical_json import check_event_json, encode, encode_to_keep
from privity.matrix.event_shape import (
    BadEvent,
    EventTooLarge,
    check_references,
    check_shape,
    check_sizes,
)
from privity.matrix.ids import EventId, RoomId, ServerName, UserId
from privity.matrix.redaction import redact
from privity.matrix.signing import SigningKey, encode_base64, encode_base64_url
from privity.matrix.versions import EventIds, RoomVersion

__all__ = ["BadEvent", "Event", "EventDraft", "EventTooLarge", "build"]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What is decided about an event before it is hashed and signed.

    `room_id` is None for the create event of a version 12 room. `redacts` is the target of a
    `m.room.redaction`, wherever the room version puts it. `references` are the events that
    `prev_events` and `auth_events` name: versions 1 and 2 tell the hashes of those too.
    """

    type: str
    sender: UserId
    content: dict[str, Any]
    origin_server_ts: int
    depth: int
    prev_events: tuple[EventId, ...]
    auth_events: tuple[EventId, ...]
    room_id: RoomId | None = None
    state_key: str | None = None
    redacts: EventId | None = None
    references: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A signed event. `content` is for reading only; `pdu` is the canonical JSON of the whole.

    Two events are equal when their ids are.
    """

    event_id: EventId
    room_id: RoomId
    type: str
    state_key: str | None
    sender: UserId
    content: dict[str, Any]
    origin_server_ts: int
    depth: int
    prev_events: tuple[EventId, ...]
    auth_events: tuple[EventId, ...]
    pdu: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.event_id == other.event_id

    def __hash__(self) -> int:
        return hash(self.event_id)

    def redacts(self, version: RoomVersion) -> EventId | None:
        """The event that this redaction names; None for other events and for malformed ones."""
        if self.type != "m.room.redaction":
            return None
        holder = self.content if version.redacts_in_content else orjson.loads(self.pdu)
        target = holder.get("redacts")
        return EventId(target) if isinstance(target, str) else None

    @classmethod
    def restore(cls, event_id: EventId, room_id: RoomId, pdu: bytes) -> Event:
        """An event from the store: nothing is hashed and nothing is checked again."""
        return _from_fields(event_id, room_id, orjson.loads(pdu), pdu)

    @classmethod
    def from_pdu(cls, pdu: bytes, version: RoomVersion) -> Event:
        """An event from its PDU in canonical JSON; its id is computed anew.

        Raises `BadEvent` where the shape is wrong or the text is not canonical JSON, `BadJson` for
        numbers that may not be in an event, and `EventTooLarge`. Signatures and the content hash
        are for the caller to check.
        """
        try:
            fields = orjson.loads(pdu)
        except orjson.JSONDecodeError:
            raise BadEvent("not JSON") from None
        check_event_json(fields)
        if encode(fields) != pdu:  # no white space, and no key twice
            raise BadEvent("not canonical JSON")
        check_shape(fields, version)
        check_sizes(fields, pdu)
        event_id = event_id_of(fields, version)
        return _from_fields(event_id, _room_id_of(fields, event_id), fields, pdu)


def build(
    draft: EventDraft, version: RoomVersion, server_name: ServerName, key: SigningKey
) -> Event:
    """Hash, name and sign `draft`.

    Raises `EventTooLarge`, `BadJson` where its content cannot be in an event, and `BadEvent` where
    its room id or its references cannot be.
    """
    check_event_json(draft.content)
    fields = _fields_of(draft, version)
    if version.event_ids is EventIds.OWN:
        _name(fields, draft, version, server_name)
    fields["hashes"] = {"sha256": encode_base64(sha256(encode(fields)).digest())}  # 1
    named = encode(redact(fields, version))  # 2
    event_id = _id_of(fields, named, version)
    fields["signatures"] = {server_name: {key.key_id: key.sign(named)}}
    pdu = encode_to_keep(fields)
    check_sizes(fields, pdu)  # 3
    return Event(
        event_id,
        _room_id_of(fields, event_id),
        draft.type,
        draft.state_key,
        draft.sender,
        fields["content"],
        draft.origin_server_ts,
        draft.depth,
        draft.prev_events,
        draft.auth_events,
        pdu,
    )


def event_id_of(fields: dict[str, Any], version: RoomVersion) -> EventId:
    """`$` and the reference hash of a PDU, whether it has been redacted or not."""
    named = redact(fields, version)
    named.pop("signatures", None)
    return _id_of(fields, encode(named), version)


def _id_of(fields: dict[str, Any], named: bytes, version: RoomVersion) -> EventId:
    """The id; `named` is the text whose hash is the reference hash."""
    if version.event_ids is EventIds.HASH:
        return EventId("$" + encode_base64_url(sha256(named).digest()))
    if version.event_ids is EventIds.BASE64:
        return EventId("$" + encode_base64(sha256(named).digest()))
    return EventId(fields["event_id"])


def _name(
    fields: dict[str, Any], draft: EventDraft, version: RoomVersion, server_name: ServerName
) -> None:
    """As in versions 1 and 2: a name of our own, and references with the hashes of what they name.

    The name is made of all that the event says: no two events of a room have the same.
    """
    own = encode_base64_url(sha256(encode(fields)).digest())[:18]
    fields["event_id"] = f"${own}:{server_name}"
    named = {event.event_id: _reference_hash(event, version) for event in draft.references}
    for name in ("prev_events", "auth_events"):
        fields[name] = [[each, {"sha256": named[each]}] for each in fields[name]]


def _reference_hash(event: Event, version: RoomVersion) -> str:
    covered = redact(orjson.loads(event.pdu), version)
    covered.pop("signatures", None)
    return encode_base64(sha256(encode(covered)).digest())


def content_hash_of(fields: dict[str, Any]) -> str:
    """What `hashes.sha256` of a PDU must be, as unpadded Base64."""
    without = {"unsigned", "signatures", "hashes"}
    covered = {key: value for key, value in fields.items() if key not in without}
    return encode_base64(sha256(encode(covered)).digest())


def _fields_of(draft: EventDraft, version: RoomVersion) -> dict[str, Any]:
    check_references(draft.prev_events, draft.auth_events)
    fields: dict[str, Any] = {
        "auth_events": draft.auth_events,
        "content": draft.content,
        "depth": draft.depth,
        "origin_server_ts": draft.origin_server_ts,
        "prev_events": draft.prev_events,
        "sender": draft.sender,
        "type": draft.type,
    }
    has_no_room_id = version.room_id_is_create_hash and draft.type == "m.room.create"
    if has_no_room_id != (draft.room_id is None):
        raise BadEvent("only the create event of room version 12 has no room id")
    if draft.room_id is not None:
        fields["room_id"] = draft.room_id
    if draft.state_key is not None:
        fields["state_key"] = draft.state_key
    if draft.redacts is not None:
        if version.redacts_in_content:
            fields["content"] = {**draft.content, "redacts": draft.redacts}
        else:
            fields["redacts"] = draft.redacts
    return fields


def _from_fields(event_id: EventId, room_id: RoomId, fields: dict[str, Any], pdu: bytes) -> Event:
    return Event(
        event_id,
        room_id,
        fields["type"],
        fields.get("state_key"),
        fields["sender"],
        fields["content"],
        fields["origin_server_ts"],
        fields["depth"],
        _named_in(fields["prev_events"]),
        _named_in(fields["auth_events"]),
        pdu,
    )


def _named_in(references: list[Any]) -> tuple[EventId, ...]:
    """The ids, whether their hashes stand beside them or not."""
    return tuple(EventId(each if isinstance(each, str) else each[0]) for each in references)


def _room_id_of(fields: dict[str, Any], event_id: EventId) -> RoomId:
    return RoomId(fields["room_id"]) if "room_id" in fields else RoomId("!" + event_id[1:])
