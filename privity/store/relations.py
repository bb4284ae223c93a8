"""Which events relate to which. Source: client-server API, "Forming relationships"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store import events
from privity.store.engine import Tx
from privity.store.events import MOST_IN_A_LIST, Placed

MAIN_TIMELINE = "main"
MOST_REFERENCES = 100
_WITHIN = (
    "events e JOIN events p ON p.event_id = e.relates_to AND p.room_id = e.room_id AND e.pos <= ?"
)
"""What relates (`e`) to what (`p`): in one room, for an event elsewhere could be anybody's."""
MOST_HOPS = 4  # to the third parent, and to what that one relates to


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which relations to list: of a parent, in a room, between positions, of one kind or all."""

    room_id: RoomId
    parent: EventId
    rel_type: str | None
    type: str | None
    above: int
    upto: int
    limit: int
    is_forward: bool


def page(tx: Tx, wanted: Wanted) -> list[Placed]:
    """One page of relations, in the wanted direction."""
    sql = (
        "SELECT event_id FROM events WHERE relates_to = ? AND room_id = ? AND pos > ? AND pos <= ?"
    )
    params: list[str | int] = [wanted.parent, wanted.room_id, wanted.above, wanted.upto]
    for column, value in (("rel_type", wanted.rel_type), ("type", wanted.type)):
        if value is not None:
            sql += f" AND {column} = ?"
            params.append(value)
    order = "" if wanted.is_forward else " DESC"
    rows = tx.all(f"{sql} ORDER BY pos{order} LIMIT ?", *params, wanted.limit)
    found = events.by_ids(tx, [row[0] for row in rows])
    return [found[row[0]] for row in rows]


@dataclass(frozen=True, slots=True)
class Threads:
    """A thread, in one line: how many events, the newest, and whether somebody took part."""

    count: int
    newest: EventId
    took_part: bool


def edits_of(tx: Tx, parents: Iterable[EventId], upto: int) -> dict[EventId, EventId]:
    """The newest valid edit of each event: of the same room, sender and type, and no state."""
    newest: dict[EventId, EventId] = {}
    for marks, part in _parts(parents):
        rows = tx.all(
            f"SELECT p.event_id, e.event_id FROM {_WITHIN} AND e.rel_type = 'm.replace'"
            " AND e.sender = p.sender AND e.type = p.type"
            " AND e.state_key IS NULL AND p.state_key IS NULL"
            f" AND p.event_id IN ({marks}) ORDER BY e.pos",
            upto,
            *part,
        )
        newest.update(dict(rows))
    return newest


def references_of(tx: Tx, parents: Iterable[EventId], upto: int) -> dict[EventId, list[EventId]]:
    """The ids of the newest `MOST_REFERENCES` references to each event, oldest first."""
    related: dict[EventId, list[EventId]] = {}
    for marks, part in _parts(parents):
        for parent, event_id in tx.all(
            f"SELECT p.event_id, e.event_id FROM {_WITHIN} AND e.rel_type = 'm.reference'"
            f" AND p.event_id IN ({marks}) ORDER BY e.pos",
            upto,
            *part,
        ):
            related.setdefault(parent, []).append(event_id)
    return {parent: found[-MOST_REFERENCES:] for parent, found in related.items()}


def threads_of(
    tx: Tx, parents: Iterable[EventId], upto: int, user_id: UserId
) -> dict[EventId, Threads]:
    """The threads that begin at these events, as `user_id` sees them."""
    threads: dict[EventId, Threads] = {}
    for marks, part in _parts(parents):
        for parent, count, newest_pos, own in tx.all(
            "SELECT p.event_id, COUNT(*), MAX(e.pos),"
            f" SUM(CASE WHEN e.sender = ? THEN 1 ELSE 0 END) FROM {_WITHIN}"
            f" AND e.rel_type = 'm.thread' AND p.event_id IN ({marks}) GROUP BY p.event_id",
            user_id,
            upto,
            *part,
        ):
            row = tx.one("SELECT event_id FROM events WHERE pos = ?", newest_pos)
            if row is not None:
                threads[parent] = Threads(int(count), row[0], bool(own))
    return threads


def is_in_thread(tx: Tx, event_id: EventId, thread_id: str) -> bool:
    """Whether an event is in a thread, by its root, or in the main timeline (`main`).

    Relations are followed for three hops. A root, and what relates to it, counts as in both.
    Source: client-server API, "Threaded read receipts".
    """
    seen = {MAIN_TIMELINE, event_id}
    at = event_id
    for _ in range(MOST_HOPS):
        row = tx.one("SELECT relates_to, rel_type FROM events WHERE event_id = ?", at)
        if row is None or row[0] is None:
            break
        at, rel_type = row
        if rel_type == "m.thread":
            return bool(at == thread_id)
        seen.add(at)
    return thread_id in seen


def has_any(tx: Tx, parents: Iterable[EventId], upto: int) -> set[EventId]:
    """Those of `parents` that anything relates to, up to a position."""
    found: set[EventId] = set()
    for marks, part in _parts(parents):
        rows = tx.all(
            f"SELECT DISTINCT relates_to FROM events WHERE pos <= ? AND relates_to IN ({marks})",
            upto,
            *part,
        )
        found.update(row[0] for row in rows)
    return found


def _parts(parents: Iterable[EventId]) -> Iterable[tuple[str, list[EventId]]]:
    wanted = list(parents)
    for start in range(0, len(wanted), MOST_IN_A_LIST):
        part = wanted[start : start + MOST_IN_A_LIST]
        yield ", ".join("?" * len(part)), part
