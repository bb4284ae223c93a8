"""Whose devices, keys or signatures changed, and when last; and who shares a room with whom.

A signature on somebody's key is seen by its maker alone, whose devices must ask for that key
again. Such a change is kept apart: nobody else is woken by it, or learns that there was one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import DeviceListChanged


@dataclass(slots=True)
class Moved:
    """Who came into a room of somebody's (or was there when they came), and who went."""

    joined: set[UserId] = field(default_factory=set)
    left: set[UserId] = field(default_factory=set)


def note_change(tx: WriteTx, user_id: UserId, *, seen_by: UserId | None = None) -> None:
    """This person's device list changed: tell whoever shares a room with them.

    `seen_by`: tell the devices of this person only, who signed one of the keys.
    """
    pos = tx.position()
    tx.run(
        "INSERT INTO device_list_changes (user_id, seen_by, pos) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id, seen_by) DO UPDATE SET pos = excluded.pos",
        user_id,
        seen_by or "",
        pos,
    )
    tx.tell(DeviceListChanged(pos, user_id, seen_by))


def changed_between(tx: Tx, viewer: UserId, since: int, upto: int) -> list[UserId]:
    """Whose list changed for `viewer` with `since < pos <= upto` (and not again later)."""
    rows = tx.all(
        "SELECT DISTINCT user_id FROM device_list_changes WHERE pos > ? AND pos <= ?"
        " AND seen_by IN ('', ?)",
        since,
        upto,
        viewer,
    )
    return [UserId(row[0]) for row in rows]


def sharers(tx: Tx, user_id: UserId) -> set[UserId]:
    """Everybody who is in a room with this person now, themselves included."""
    rows = tx.all(
        "SELECT DISTINCT other.user_id FROM memberships mine"
        " JOIN memberships other ON other.room_id = mine.room_id AND other.membership = 'join'"
        " WHERE mine.user_id = ? AND mine.membership = 'join'",
        user_id,
    )
    return {UserId(row[0]) for row in rows} | {user_id}


def moved_between(tx: Tx, user_id: UserId, since: int, upto: int) -> Moved:
    """Who came and went in this person's rooms with `since < pos <= upto`."""
    moved = Moved()
    for other, membership in tx.all(
        "SELECT DISTINCT other.user_id, other.membership FROM memberships mine"
        " JOIN memberships other ON other.room_id = mine.room_id"
        " WHERE mine.user_id = ? AND mine.membership = 'join' AND mine.since <= ?"
        " AND other.user_id <> mine.user_id AND other.since <= ? AND (other.since > ?"
        " OR (mine.since > ? AND other.membership = 'join'))",
        *(user_id, upto, upto, since, since),
    ):
        if membership == "join":
            moved.joined.add(other)
        elif membership in {"leave", "ban"}:
            moved.left.add(other)
    moved.left |= _left_behind(tx, user_id, since, upto)
    return moved


def _left_behind(tx: Tx, user_id: UserId, since: int, upto: int) -> set[UserId]:
    """Who was in a room with this person when they left it, and is still there.

    Only of rooms that they had been in: who declines an invitation learns nobody's name by it.
    """
    others: set[UserId] = set()
    for room_id, left_pos, before in tx.all(
        "SELECT mine.room_id, mine.since, before.pdu FROM memberships mine"
        " JOIN events gone ON gone.pos = mine.since"
        " JOIN events before ON before.event_id = gone.replaces"
        " WHERE mine.user_id = ? AND mine.membership IN ('leave', 'ban')"
        " AND mine.since > ? AND mine.since <= ?",
        *(user_id, since, upto),
    ):
        if orjson.loads(before)["content"].get("membership") == "join":
            rows = tx.all(
                "SELECT user_id FROM memberships"
                " WHERE room_id = ? AND membership = 'join' AND since < ?",
                *(room_id, left_pos),
            )
            others.update(row[0] for row in rows)
    return others
