"""What was said before a time, and how far it was let go of.

The order of the stream is that of this server's clock, so a time is a place in it.
"""

from __future__ import annotations

import orjson

from privity.store.engine import Tx, WriteTx

_IS_NEWEST = "pos = (SELECT MAX(n.pos) FROM events n WHERE n.room_id = events.room_id)"
_EMPTIES_STATE = (
    "EXISTS (SELECT 1 FROM events t WHERE t.redacted_because = events.event_id"
    " AND t.state_key IS NOT NULL)"
)


def place_of(tx: Tx, ts: int) -> int:
    """The position up to which every event is of before this time (ms), found by halving."""
    row = tx.one("SELECT pos FROM clock")
    low, high = 0, int(row[0]) if row else 0
    while low < high:
        middle = (low + high) // 2
        after = tx.one("SELECT pos, pdu FROM events WHERE pos > ? ORDER BY pos LIMIT 1", middle)
        if after is None or orjson.loads(bytes(after[1]))["origin_server_ts"] >= ts:
            high = middle
        else:
            low = after[0]
    return low


def let_go_upto(tx: Tx) -> int:
    """The position up to which everything was let go of already."""
    row = tx.one("SELECT pos FROM messages_let_go")
    return int(row[0]) if row else 0


def let_go(tx: WriteTx, above: int, upto: int) -> int:
    """Remove the messages with `above < pos <= upto` for good; how many.

    State stays, and what empties state; the newest of a room stays until there is a newer one.
    """
    within = "pos > ? AND pos <= ? AND state_key IS NULL"
    tx.run(
        f"INSERT INTO messages_kept (pos) SELECT pos FROM events WHERE {within} AND {_IS_NEWEST}"
        " ON CONFLICT (pos) DO NOTHING",
        above,
        upto,
    )
    gone = tx.run(
        f"DELETE FROM events WHERE {within} AND NOT {_IS_NEWEST} AND NOT {_EMPTIES_STATE}",
        above,
        upto,
    )
    tx.run("UPDATE messages_let_go SET pos = ? WHERE pos < ?", upto, upto)
    return gone


def kept(tx: Tx) -> list[int]:
    """The places of messages that stayed for being the newest, and are not any more."""
    rows = tx.all(
        "SELECT k.pos FROM messages_kept k JOIN events ON events.pos = k.pos"
        f" WHERE NOT events.{_IS_NEWEST}"
    )
    return [pos for (pos,) in rows]


def let_go_kept(tx: WriteTx, places: list[int]) -> int:
    """Remove these; how many."""
    marks = ", ".join("?" * len(places))
    tx.run(f"DELETE FROM messages_kept WHERE pos IN ({marks})", *places)
    return tx.run(f"DELETE FROM events WHERE pos IN ({marks}) AND NOT {_EMPTIES_STATE}", *places)
