"""What the old event stream tells a person: which events, in one order for all their rooms."""

from __future__ import annotations

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store.engine import Tx

Named = tuple[EventId, RoomId]


def of_person(tx: Tx, user_id: UserId, since: int, upto: int, limit: int) -> list[Named]:
    """The first events with `since < pos <= upto` that may concern them.

    Those of the rooms that they are in, of those that they left, and of themselves.
    """
    rows = tx.all(
        "SELECT e.event_id, e.room_id FROM events e"
        " JOIN memberships m ON m.room_id = e.room_id AND m.user_id = ?"
        " WHERE e.pos > ? AND e.pos <= ? AND m.forgotten = 0 AND (m.membership = 'join'"
        " OR (m.membership IN ('leave', 'ban') AND e.pos <= m.pos)"
        " OR (e.type = 'm.room.member' AND e.state_key = m.user_id)) ORDER BY e.pos LIMIT ?",
        user_id,
        since,
        upto,
        limit,
    )
    return [(EventId(event_id), RoomId(room_id)) for event_id, room_id in rows]


def of_room(tx: Tx, room_id: RoomId, since: int, upto: int, limit: int) -> list[Named]:
    """The first events of a room with `since < pos <= upto`."""
    rows = tx.all(
        "SELECT event_id FROM events WHERE room_id = ? AND pos > ? AND pos <= ?"
        " ORDER BY pos LIMIT ?",
        room_id,
        since,
        upto,
        limit,
    )
    return [(EventId(row[0]), room_id) for row in rows]
