"""Which events relate to which. Source: client-server API, "Forming relationships"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store import events
from privity.store.engine import Tx
from privity.store.engine.lists import in_parts
from privity.store.events import Placed

MAIN_TIMELINE = "main"
MOST_REFERENCES = 100
LAST = 2**62
_WITHIN = (
    "events e JOIN events p ON p.event_id = e.relates_to AND p.room_id = e.room_id AND e.pos <= ?"
)
"""What relates (`e`) to what (`p`): in one room, for an event elsewhere could be anybody's."""
_OWN_COUNT = "SUM(CASE WHEN e.sender = ? THEN 1 ELSE 0 END)"
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
    depth: int = 1


def page(tx: Tx, wanted: Wanted) -> list[Placed]:
    """One page of relations, in the wanted direction.

    With a depth over 1, what relates to what relates to the parent is there too, as far down as
    every step on the way is of the wanted kind.
    """
    kind, kinds = "", []
    for column, value in (("rel_type", wanted.rel_type), ("type", wanted.type)):
        if value is not None:
            kind += f" AND e.{column} = ?"
            kinds.append(value)
    order = "" if wanted.is_forward else " DESC"
    rows = tx.all(
        "WITH RECURSIVE related (event_id, pos, depth) AS ("
        f"SELECT e.event_id, e.pos, 1 FROM events e WHERE e.relates_to = ? AND e.room_id = ?{kind}"
        " UNION SELECT e.event_id, e.pos, r.depth + 1 FROM events e JOIN related r"
        f" ON e.relates_to = r.event_id WHERE r.depth < ? AND e.room_id = ?{kind})"
        f" SELECT event_id FROM related WHERE pos > ? AND pos <= ? ORDER BY pos{order} LIMIT ?",
        wanted.parent,
        wanted.room_id,
        *kinds,
        wanted.depth,
        wanted.room_id,
        *kinds,
        wanted.above,
        wanted.upto,
        wanted.limit,
    )
    found = events.by_ids(tx, [row[0] for row in rows])
    return [found[row[0]] for row in rows]


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread, in one line: how many events, the newest, and whether somebody took part."""

    count: int
    newest: EventId
    took_part: bool


def edits_of(tx: Tx, parents: Iterable[EventId], upto: int) -> dict[EventId, EventId]:
    """The newest valid edit of each event: of the same room, sender and type, and no state."""
    newest: dict[EventId, EventId] = {}
    for part, marks in in_parts(parents):
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


def references_of(
    tx: Tx, parents: Iterable[EventId], upto: int, ignored: frozenset[UserId]
) -> dict[EventId, list[EventId]]:
    """The ids of the newest `MOST_REFERENCES` references to each event, oldest first."""
    related: dict[EventId, list[EventId]] = {}
    for part, marks in in_parts(parents):
        for parent, event_id, sender in tx.all(
            f"SELECT p.event_id, e.event_id, e.sender FROM {_WITHIN} AND e.rel_type = 'm.reference'"
            f" AND p.event_id IN ({marks}) ORDER BY e.pos",
            upto,
            *part,
        ):
            if sender not in ignored:
                related.setdefault(parent, []).append(event_id)
    return {parent: found[-MOST_REFERENCES:] for parent, found in related.items()}


def threads_of(
    tx: Tx, parents: Iterable[EventId], upto: int, user_id: UserId, ignored: frozenset[UserId]
) -> dict[EventId, Thread]:
    """The threads that begin at these events, as `user_id` sees them."""
    counts: dict[EventId, dict[UserId, tuple[int, int]]] = {}
    for part, marks in in_parts(parents):
        for parent, sender, count, newest_pos in tx.all(
            f"SELECT p.event_id, e.sender, COUNT(*), MAX(e.pos) FROM {_WITHIN}"
            f" AND e.rel_type = 'm.thread' AND p.event_id IN ({marks})"
            " GROUP BY p.event_id, e.sender",
            upto,
            *part,
        ):
            if sender not in ignored:
                counts.setdefault(parent, {})[sender] = (int(count), newest_pos)
    threads: dict[EventId, Thread] = {}
    for parent, by_sender in counts.items():
        newest_pos = max(pos for _, pos in by_sender.values())
        row = tx.one("SELECT event_id FROM events WHERE pos = ?", newest_pos)
        if row is not None:
            count = sum(count for count, _ in by_sender.values())
            threads[parent] = Thread(count, row[0], user_id in by_sender)
    return threads


@dataclass(frozen=True, slots=True)
class Root:
    """An event that a thread begins at, and where the newest of the thread stands."""

    event_id: EventId
    newest_pos: int


def roots(
    tx: Tx, room_id: RoomId, upto: int, before: int, limit: int, took_part: UserId | None
) -> list[Root]:
    """The threads of a room whose newest event is at or below `before`, newest first.

    `took_part`: only those that this person wrote in, or began.
    """
    theirs = "" if took_part is None else f" AND (p.sender = ? OR {_OWN_COUNT} > 0)"
    rows = tx.all(
        "SELECT p.event_id, MAX(e.pos) FROM events e JOIN events p ON p.event_id = e.relates_to"
        " AND p.room_id = e.room_id WHERE e.room_id = ? AND e.rel_type = 'm.thread' AND e.pos <= ?"
        f" GROUP BY p.event_id, p.sender HAVING MAX(e.pos) <= ?{theirs}"
        " ORDER BY MAX(e.pos) DESC LIMIT ?",
        room_id,
        upto,
        before,
        *(() if took_part is None else (took_part, took_part)),
        limit,
    )
    return [Root(event_id, int(newest_pos)) for event_id, newest_pos in rows]


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


def that_are_related_to(
    tx: Tx,
    parents: Iterable[EventId],
    rel_types: frozenset[str] | None,
    senders: frozenset[str] | None,
) -> set[EventId]:
    """Those of `parents` that an event of one of these kinds, and people, relates to."""
    found: set[EventId] = set()
    for part, marks in in_parts(parents):
        rows = tx.all(
            f"SELECT DISTINCT p.event_id, e.rel_type, e.sender FROM {_WITHIN}"
            f" AND p.event_id IN ({marks})",
            LAST,
            *part,
        )
        found.update(
            parent
            for parent, rel_type, sender in rows
            if (rel_types is None or rel_type in rel_types)
            and (senders is None or sender in senders)
        )
    return found


def thread_of(tx: Tx, event_id: EventId) -> str:
    """The root of the thread that an event is in, or `main`. Relations are followed for 3 hops."""
    at = event_id
    for _ in range(MOST_HOPS):
        row = tx.one("SELECT relates_to, rel_type FROM events WHERE event_id = ?", at)
        if row is None or row[0] is None:
            break
        at, rel_type = row
        if rel_type == "m.thread":
            return EventId(at)
    return MAIN_TIMELINE


def newest_in_threads(tx: Tx, room_id: RoomId, above: int, upto: int, limit: int) -> list[Placed]:
    """The newest `limit` events of a room's threads with `above < pos <= upto`, newest first."""
    rows = tx.all(
        "SELECT event_id FROM events WHERE room_id = ? AND rel_type = 'm.thread'"
        " AND pos > ? AND pos <= ? ORDER BY pos DESC LIMIT ?",
        room_id,
        above,
        upto,
        limit,
    )
    found = events.by_ids(tx, [row[0] for row in rows])
    return [found[row[0]] for row in rows]


def is_child(tx: Tx, event_id: EventId, room_id: RoomId) -> bool:
    """Whether this event of the room relates to another."""
    row = tx.one(
        "SELECT relates_to FROM events WHERE event_id = ? AND room_id = ?", event_id, room_id
    )
    return row is not None and row[0] is not None


def annotations_by(tx: Tx, parent: EventId, room_id: RoomId, sender: UserId) -> list[EventId]:
    """What somebody annotated an event with."""
    rows = tx.all(
        "SELECT event_id FROM events WHERE relates_to = ? AND room_id = ? AND sender = ?"
        " AND rel_type = 'm.annotation'",
        parent,
        room_id,
        sender,
    )
    return [EventId(row[0]) for row in rows]


def has_any(tx: Tx, parents: Iterable[EventId], upto: int) -> set[EventId]:
    """Those of `parents` that anything relates to, up to a position."""
    found: set[EventId] = set()
    for part, marks in in_parts(parents):
        rows = tx.all(
            f"SELECT DISTINCT relates_to FROM events WHERE pos <= ? AND relates_to IN ({marks})",
            upto,
            *part,
        )
        found.update(row[0] for row in rows)
    return found
