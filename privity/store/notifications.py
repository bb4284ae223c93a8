"""Notifications that wait to be sent, and how far the stream was looked through for them.

1. What is found and how far it was looked are one transaction: whoever dies in between, whoever
   takes over looks on from there, and nothing is found twice.
2. A pusher has at most `MOST_WAITING`; the oldest make way. Of the counts of unread messages the
   newest waits alone.
3. An event is not for a pusher that was made after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store import pushers
from privity.store.engine import Tx, WriteTx
from privity.store.engine.lists import in_parts
from privity.store.pushers import KeptPusher

MOST_WAITING = 100
_COLUMNS = ("pusher_id", "pos", "room_id", "event_id", "prio", "ts")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a person is to hear of. `event_id` is None for a count that may have fallen.

    `prio` is "high" or "low".
    """

    user_id: UserId
    pos: int
    room_id: RoomId
    event_id: EventId | None
    prio: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits for its pusher since `ts` (ms)."""

    pusher: KeptPusher
    pos: int
    room_id: RoomId
    event_id: EventId | None
    prio: str
    ts: int


def looked_upto(tx: Tx) -> int | None:
    """The position from which on the stream is to be looked through; None: there are no pushers."""
    row = tx.one("SELECT p.pos, MIN(s.since) FROM push_progress p, pushers s GROUP BY p.pos")
    return max(row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was found, for which pushers: to be kept. `full` have no room for another (rule 2)."""

    rows: list[tuple[int, Found]]
    full: set[int]


def wanted(tx: Tx, found: Sequence[Found]) -> Wanted:
    """The pushers that are to hear of what was found. A read: the turn to write is for all."""
    known: dict[UserId, list[tuple[int, int, int]]] = {}
    waiting: dict[int, int] = {}
    for part, marks in in_parts({one.user_id for one in found}):
        for user_id, pusher_id, since, badge, count in tx.all(
            "SELECT user_id, pusher_id, since, badge, (SELECT COUNT(*) FROM notifications n"
            f" WHERE n.pusher_id = p.pusher_id) FROM pushers p WHERE user_id IN ({marks})",
            *part,
        ):
            known.setdefault(user_id, []).append((pusher_id, since, badge))
            waiting[pusher_id] = count
    busy = {pusher_id for pusher_id, count in waiting.items() if count}  # may be on its way
    rows = [
        (pusher_id, one)
        for one in found
        for pusher_id, since, badge in known.get(one.user_id, ())
        if since < one.pos  # 3
        and (one.event_id is not None or badge > 0 or pusher_id in busy)
    ]
    for pusher_id, _ in rows:
        waiting[pusher_id] += 1
    return Wanted(rows, {each for each, count in waiting.items() if count > MOST_WAITING})


def keep(tx: WriteTx, since: int, upto: int, wanted: Wanted, now_ms: int) -> bool:
    """Keep what was found with `since < pos <= upto`.

    False, and nothing is kept, when somebody else looked further (rule 1).
    """
    if not tx.run("UPDATE push_progress SET pos = ? WHERE pos <= ?", upto, since):
        return False
    counts = {pusher_id: one.pos for pusher_id, one in wanted.rows if one.event_id is None}
    for pusher_id in counts:  # 2
        tx.run("DELETE FROM notifications WHERE pusher_id = ? AND event_id = ''", pusher_id)
    for pusher_id, one in wanted.rows:
        if one.event_id is not None or counts[pusher_id] == one.pos:
            row = (pusher_id, one.pos, one.room_id, one.event_id or "", one.prio, now_ms)
            tx.add("notifications", _COLUMNS, row)
    for pusher_id in wanted.full:
        tx.run(
            "DELETE FROM notifications WHERE pusher_id = ? AND pos <= COALESCE((SELECT pos"
            " FROM notifications WHERE pusher_id = ? ORDER BY pos DESC LIMIT 1 OFFSET ?), -1)",
            pusher_id,
            pusher_id,
            MOST_WAITING,
        )
    return True


def concerned(tx: Tx) -> list[int]:
    """The pushers that have something to send."""
    return [row[0] for row in tx.all("SELECT DISTINCT pusher_id FROM notifications")]


def next_of(tx: Tx, pusher_id: int) -> Waiting | None:
    """The oldest that waits for a pusher that there is."""
    row = tx.one(
        "SELECT pos, room_id, event_id, prio, ts FROM notifications WHERE pusher_id = ?"
        " ORDER BY pos LIMIT 1",
        pusher_id,
    )
    pusher = pushers.by_id(tx, pusher_id) if row else None
    if row is None or pusher is None:
        return None
    pos, room_id, event_id, prio, ts = row
    return Waiting(pusher, pos, room_id, event_id or None, prio, ts)


def sent(tx: WriteTx, waiting: Waiting, badge: int | None) -> None:
    """It waits no longer. `badge` is the count that its gateway heard with it, None for none."""
    pusher_id = waiting.pusher.pusher_id
    sql = "DELETE FROM notifications WHERE pusher_id = ? AND pos = ?"
    tx.run(sql, pusher_id, waiting.pos)
    if badge is not None:
        tx.run("UPDATE pushers SET badge = ? WHERE pusher_id = ?", badge, pusher_id)


def drop_of(tx: WriteTx, pusher_id: int) -> None:
    """Nothing waits for this pusher any more."""
    tx.run("DELETE FROM notifications WHERE pusher_id = ?", pusher_id)


def drop_orphans(tx: WriteTx) -> int:
    """Forget what waits for pushers that are gone. How many."""
    return tx.run(
        "DELETE FROM notifications WHERE pusher_id NOT IN (SELECT pusher_id FROM pushers)"
    )
