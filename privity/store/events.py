"""Events at their places in the stream, and the state that they make.

A room's state is kept as its changes, one row each: the state at any position is the newest row of
each key at or below it. Nothing is copied per event, so history grows by one row a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from privity.guard.admission import Admitted
from privity.matrix import client_event, redaction
from privity.matrix.canonical_json import encode_to_keep
from privity.matrix.events import Event
from privity.matrix.ids import DeviceId, EventId, RoomId, UserId
from privity.matrix.versions import KNOWN, RoomVersion
from privity.store.engine import Row, Tx, WriteTx
from privity.store.engine.lists import in_parts

EVENT_COLUMNS = (
    "pos",
    "room_id",
    "event_id",
    "type",
    "state_key",
    "sender",
    "relates_to",
    "rel_type",
    "replaces",
    "device_id",
    "txn_scope",
    "txn_id",
    "pdu",
)
STATE_COLUMNS = ("room_id", "type", "state_key", "pos", "event_id")


@dataclass(frozen=True, slots=True)
class Sent:
    """Which request of which device an event came from, so that a repeat finds it."""

    device_id: DeviceId
    scope: str
    txn_id: str


@dataclass(slots=True)
class Placed:
    """An event at its place in the stream, with what its `unsigned` part is made of.

    `rendered` is the event as clients see it, made once (see `matrix.client_event.core`).
    """

    pos: int
    event: Event
    redacts: EventId | None = None
    replaced: Event | None = None
    redaction: Event | None = None
    sent: Sent | None = None
    rendered: bytes = b""

    def core(self) -> bytes:
        """The rendering that all who receive the event share."""
        if not self.rendered:
            self.rendered = client_event.core(self.event, self.redacts)
        return self.rendered

    def empty(self, emptied: Event, because: Event) -> None:
        """The event was redacted: what was left of it takes its place."""
        self.event = emptied
        self.redaction = because
        self.replaced = None
        self.rendered = b""

    def empty_replaced(self, emptied: Event) -> None:
        """The event that this one took the place of was redacted, if it is that."""
        if self.replaced == emptied:
            self.replaced = emptied


def append(
    tx: WriteTx,
    admitted: Admitted[Event],
    *,
    redacts: EventId | None = None,
    replaced: Event | None = None,
    sent: Sent | None = None,
) -> Placed:
    """Give an admitted event its place, and make it the room's state if it is state."""
    event = admitted.value
    placed = Placed(tx.position(), event, redacts, replaced, None, sent)
    relates_to, rel_type = relation_of(event.content)
    tx.add(
        "events",
        EVENT_COLUMNS,
        (
            placed.pos,
            event.room_id,
            event.event_id,
            event.type,
            event.state_key,
            event.sender,
            relates_to,
            rel_type,
            replaced.event_id if replaced else None,
            sent.device_id if sent else None,
            sent.scope if sent else None,
            sent.txn_id if sent else None,
            event.pdu,
        ),
    )
    if event.state_key is not None:
        _change_state(tx, placed, event, event.state_key)
    return placed


def relation_of(content: dict[str, Any]) -> tuple[str | None, str | None]:
    """The event that `m.relates_to` points at and how: `(event_id, rel_type)`, or Nones."""
    relates_to = content.get("m.relates_to")
    if not isinstance(relates_to, dict):
        return None, None
    event_id, rel_type = relates_to.get("event_id"), relates_to.get("rel_type")
    if isinstance(event_id, str) and isinstance(rel_type, str):
        return event_id, rel_type
    return None, None


def _change_state(tx: WriteTx, placed: Placed, event: Event, state_key: str) -> None:
    tx.add(
        "state",
        STATE_COLUMNS,
        (event.room_id, event.type, state_key, placed.pos, event.event_id),
    )
    if event.type == "m.room.member":
        tx.run(
            "INSERT INTO memberships (user_id, room_id, membership, event_id, pos, since)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, room_id) DO UPDATE SET"
            " since = CASE WHEN memberships.membership = excluded.membership"
            " THEN memberships.since ELSE excluded.since END,"
            " membership = excluded.membership, event_id = excluded.event_id,"
            " pos = excluded.pos, forgotten = 0",
            state_key,
            event.room_id,
            event.content["membership"],
            event.event_id,
            placed.pos,
            placed.pos,
        )


def redact(tx: WriteTx, target: Event, because: Event, version: RoomVersion) -> Event:
    """Empty `target` for good: what redaction leaves of it is all that stays on the disk."""
    left = redaction.redact(orjson.loads(target.pdu), version)
    emptied = Event.restore(target.event_id, target.room_id, encode_to_keep(left))
    tx.run(
        "UPDATE events SET pdu = ?, redacted_because = ?, relates_to = NULL, rel_type = NULL"
        " WHERE event_id = ?",
        emptied.pdu,
        because.event_id,
        target.event_id,
    )
    return emptied


_SELECT = (
    "SELECT e.pos, e.room_id, e.event_id, r.version, e.pdu, e.device_id, e.txn_scope, e.txn_id,"
    " p.event_id, p.pdu, b.event_id, b.pdu"
    " FROM events e JOIN rooms r ON r.room_id = e.room_id"
    " LEFT JOIN events p ON p.event_id = e.replaces"
    " LEFT JOIN events b ON b.event_id = e.redacted_because"
)


def _placed(row: Row) -> Placed:
    pos, room_id, event_id, version_id, pdu, device, scope, txn, prev_id, prev, by_id, by = row
    event = Event.restore(event_id, room_id, pdu)
    return Placed(
        pos,
        event,
        event.redacts(KNOWN[version_id]),
        Event.restore(prev_id, room_id, prev) if prev_id else None,
        Event.restore(by_id, room_id, by) if by_id else None,
        Sent(device, scope, txn) if txn is not None else None,
    )


def by_id(tx: Tx, event_id: EventId) -> Placed | None:
    """The event with this id."""
    row = tx.one(f"{_SELECT} WHERE e.event_id = ?", event_id)
    return _placed(row) if row else None


def position(tx: Tx, room_id: RoomId, event_id: EventId) -> int | None:
    """Where an event of this room stands; None if the room has no such event."""
    row = tx.one("SELECT pos FROM events WHERE event_id = ? AND room_id = ?", event_id, room_id)
    return int(row[0]) if row else None


def by_ids(tx: Tx, event_ids: Iterable[EventId]) -> dict[EventId, Placed]:
    """The events with these ids, as many of them as there are."""
    found: dict[EventId, Placed] = {}
    for part, marks in in_parts(event_ids):
        for row in tx.all(f"{_SELECT} WHERE e.event_id IN ({marks})", *part):
            found[row[2]] = _placed(row)
    return found


def between(tx: Tx, since: int, upto: int) -> list[Placed]:
    """Every event of every room with `since < pos <= upto`, oldest first."""
    rows = tx.all(f"{_SELECT} WHERE e.pos > ? AND e.pos <= ? ORDER BY e.pos", since, upto)
    return [_placed(row) for row in rows]


def newest(tx: Tx, room_id: RoomId, above: int, upto: int, limit: int) -> list[Placed]:
    """The newest `limit` events of a room with `above < pos <= upto`, newest first."""
    rows = tx.all(
        f"{_SELECT} WHERE e.room_id = ? AND e.pos > ? AND e.pos <= ? ORDER BY e.pos DESC LIMIT ?",
        room_id,
        above,
        upto,
        limit,
    )
    return [_placed(row) for row in rows]


def oldest(tx: Tx, room_id: RoomId, above: int, upto: int, limit: int) -> list[Placed]:
    """The oldest `limit` events of a room with `above < pos <= upto`, oldest first."""
    rows = tx.all(
        f"{_SELECT} WHERE e.room_id = ? AND e.pos > ? AND e.pos <= ? ORDER BY e.pos LIMIT ?",
        room_id,
        above,
        upto,
        limit,
    )
    return [_placed(row) for row in rows]


def sent_before(tx: Tx, user_id: UserId, room_id: RoomId, sent: Sent) -> EventId | None:
    """The event that this very request made when it was first sent."""
    row = tx.one(
        "SELECT event_id FROM events WHERE sender = ? AND device_id = ? AND room_id = ?"
        " AND txn_scope = ? AND txn_id = ?",
        user_id,
        sent.device_id,
        room_id,
        sent.scope,
        sent.txn_id,
    )
    return EventId(row[0]) if row else None


def state_at(
    tx: Tx, room_id: RoomId, pos: int, kind: str | None = None, state_key: str | None = None
) -> list[Placed]:
    """The room's state at a position, whole or narrowed to one type or one key."""
    narrowed = ""
    params: list[str | int] = [room_id, pos]
    if kind is not None:
        narrowed += " AND s.type = ?"
        params.append(kind)
    if state_key is not None:
        narrowed += " AND s.state_key = ?"
        params.append(state_key)
    rows = tx.all(
        f"{_SELECT} JOIN state s ON s.event_id = e.event_id"
        f" WHERE s.room_id = ? AND s.pos <= ?{narrowed} AND NOT EXISTS"
        " (SELECT 1 FROM state n WHERE n.room_id = s.room_id AND n.type = s.type"
        " AND n.state_key = s.state_key AND n.pos > s.pos AND n.pos <= ?) ORDER BY s.pos",
        *params,
        pos,
    )
    return [_placed(row) for row in rows]


def state_changes(
    tx: Tx, room_id: RoomId, above: int, upto: int, kind: str | None = None, state_key: str = ""
) -> list[Placed]:
    """The changes of state with `above < pos <= upto`, oldest first; of one key, or all."""
    narrowed = " AND s.type = ? AND s.state_key = ?" if kind is not None else ""
    key = (kind, state_key) if kind is not None else ()
    rows = tx.all(
        f"{_SELECT} JOIN state s ON s.event_id = e.event_id"
        f" WHERE s.room_id = ? AND s.pos > ? AND s.pos <= ?{narrowed} ORDER BY s.pos",
        room_id,
        above,
        upto,
        *key,
    )
    return [_placed(row) for row in rows]
