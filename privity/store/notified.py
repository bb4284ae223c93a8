"""What came to a person's rooms while they were in them, of all rooms together, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store import events
from privity.store.engine import Tx
from privity.store.events import Placed

PAGE = 20


def newest(tx: Tx, user_id: UserId, upto: int, limit: int) -> list[Placed]:
    """The newest `limit` events at or below `upto`, the person's invitations among them."""
    rows = tx.all(
        "SELECT m.room_id, CASE m.membership WHEN 'join' THEN m.since ELSE m.pos END,"
        " CASE m.membership WHEN 'join' THEN (SELECT MAX(e.pos) FROM events e"
        " WHERE e.room_id = m.room_id AND e.pos <= ?) ELSE m.pos END AS newest"
        " FROM memberships m WHERE m.user_id = ? AND m.membership IN ('join', 'invite')"
        " AND m.since <= ? ORDER BY newest DESC LIMIT ?",
        upto,
        user_id,
        upto,
        limit,
    )
    rooms = [_of_room(tx, room_id, since, min(last, upto)) for room_id, since, last in rows]
    ids = [event_id for _, event_id in islice(merge(*rooms, reverse=True), limit)]
    found = events.by_ids(tx, ids)
    return [found[event_id] for event_id in ids]


def _of_room(tx: Tx, room_id: RoomId, since: int, upto: int) -> Iterator[tuple[int, EventId]]:
    while True:
        page = tx.all(
            "SELECT pos, event_id FROM events WHERE room_id = ? AND pos >= ? AND pos <= ?"
            " ORDER BY pos DESC LIMIT ?",
            room_id,
            since,
            upto,
            PAGE,
        )
        yield from page
        if len(page) < PAGE:
            return
        upto = page[-1][0] - 1
