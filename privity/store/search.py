"""The events that may hold words in clear, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from privity.matrix.ids import RoomId
from privity.store import events
from privity.store.engine import Tx
from privity.store.events import Placed

AT_ONCE = 500


def newest_in_clear(
    tx: Tx, room_ids: Sequence[RoomId], kinds: Sequence[str], upto: int
) -> list[Placed]:
    """The newest `AT_ONCE` events of these rooms and types at or below a position."""
    rooms, types = ", ".join("?" * len(room_ids)), ", ".join("?" * len(kinds))
    rows = tx.all(
        f"SELECT event_id FROM events WHERE room_id IN ({rooms}) AND type IN ({types})"
        " AND pos <= ? ORDER BY pos DESC LIMIT ?",
        *room_ids,
        *kinds,
        upto,
        AT_ONCE,
    )
    found = events.by_ids(tx, [row[0] for row in rows])
    return [found[row[0]] for row in rows]
