"""Receipts: how far each person has read, by room, kind and thread.

`thread_id` is "" for a receipt of no thread. A receipt moves forward only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store.engine import Row, Tx, WriteTx
from privity.store.engine.lists import in_parts
from privity.store.streams import ReceiptMoved

_COLUMNS = "pos, room_id, user_id, type, thread_id, event_id, ts"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person says they have read: up to an event, at its position, at a time (ms)."""

    room_id: RoomId
    user_id: UserId
    type: str
    thread_id: str
    event_id: EventId
    event_pos: int
    ts: int


def move(tx: WriteTx, receipt: Receipt) -> None:
    """Move a receipt forward, and tell the room; one that would go back stays."""
    known = tx.one(
        "SELECT event_pos FROM receipts"
        " WHERE room_id = ? AND user_id = ? AND type = ? AND thread_id = ?",
        receipt.room_id,
        receipt.user_id,
        receipt.type,
        receipt.thread_id,
    )
    if known is not None and known[0] >= receipt.event_pos:
        return
    pos = tx.position()
    tx.run(
        "INSERT INTO receipts"
        " (room_id, user_id, type, thread_id, event_id, event_pos, ts, pos)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (room_id, user_id, type, thread_id) DO UPDATE SET"
        " event_id = excluded.event_id, event_pos = excluded.event_pos,"
        " ts = excluded.ts, pos = excluded.pos",
        receipt.room_id,
        receipt.user_id,
        receipt.type,
        receipt.thread_id,
        receipt.event_id,
        receipt.event_pos,
        receipt.ts,
        pos,
    )
    tx.tell(
        ReceiptMoved(
            pos,
            receipt.room_id,
            receipt.user_id,
            receipt.type,
            receipt.thread_id,
            receipt.event_id,
            receipt.ts,
        )
    )


def seen_by(tx: Tx, user_id: UserId, since: int, upto: int) -> list[ReceiptMoved]:
    """The receipts in the person's rooms that moved with `since < pos <= upto`."""
    rows = tx.all(
        "SELECT r.pos, r.room_id, r.user_id, r.type, r.thread_id, r.event_id, r.ts"
        " FROM receipts r JOIN memberships m ON m.room_id = r.room_id"
        " WHERE m.user_id = ? AND m.membership = 'join' AND r.pos > ? AND r.pos <= ?"
        " AND (r.type = 'm.read' OR r.user_id = m.user_id) ORDER BY r.pos",
        user_id,
        since,
        upto,
    )
    return [_moved(row) for row in rows]


def moved_in(tx: Tx, room_id: RoomId, since: int, upto: int) -> list[ReceiptMoved]:
    """The receipts of a room for all to see that moved with `since < pos <= upto`."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM receipts WHERE room_id = ? AND type = 'm.read'"
        " AND pos > ? AND pos <= ? ORDER BY pos",
        room_id,
        since,
        upto,
    )
    return [_moved(row) for row in rows]


def in_rooms(
    tx: Tx, user_id: UserId, room_ids: Sequence[RoomId], upto: int
) -> dict[RoomId, list[ReceiptMoved]]:
    """Every receipt of each of these rooms that this person may see."""
    found: dict[RoomId, list[ReceiptMoved]] = {room_id: [] for room_id in room_ids}
    for part, marks in in_parts(room_ids):
        for row in tx.all(
            f"SELECT {_COLUMNS} FROM receipts WHERE room_id IN ({marks}) AND pos <= ?"
            " AND (type = 'm.read' OR user_id = ?) ORDER BY pos",
            *part,
            upto,
            user_id,
        ):
            moved = _moved(row)
            found[moved.room_id].append(moved)
    return found


def read_upto(tx: Tx, user_id: UserId, room_ids: Sequence[RoomId]) -> dict[RoomId, dict[str, int]]:
    """Up to which position the person has read each room, by thread; "" is everywhere."""
    found: dict[RoomId, dict[str, int]] = {room_id: {} for room_id in room_ids}
    for part, marks in in_parts(room_ids):
        for room_id, thread_id, pos in tx.all(
            "SELECT room_id, thread_id, MAX(event_pos) FROM receipts"
            f" WHERE room_id IN ({marks}) AND user_id = ?"
            " AND type IN ('m.read', 'm.read.private') GROUP BY room_id, thread_id",
            *part,
            user_id,
        ):
            found[room_id][thread_id] = int(pos)
    return found


def _moved(row: Row) -> ReceiptMoved:
    return ReceiptMoved(*row)
