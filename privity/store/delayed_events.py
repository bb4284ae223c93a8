"""Events that are to be sent later, until they are sent or taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from privity.guard.admission import Admitted
from privity.guard.plaintext import Later
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId, UserId
from privity.store.engine import Row, Tx, WriteTx

MOST_OF_ONE = 100
_COLUMNS = (
    "delay_id",
    "user_id",
    "room_id",
    "type",
    "state_key",
    "content",
    "delay_ms",
    "since_ts",
    "due_ts",
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM delayed_events"


@dataclass(frozen=True, slots=True)
class Delayed:
    """An event to be sent `delay_ms` after `since_ts`, in milliseconds since the epoch."""

    delay_id: str
    user_id: UserId
    room_id: RoomId
    type: str
    state_key: str | None
    content: dict[str, Any]
    delay_ms: int
    since_ts: int


def add(tx: WriteTx, delay_id: str, user_id: UserId, later: Admitted[Later], now_ms: int) -> bool:
    """Keep it. False when the person has too many under way."""
    row = tx.one("SELECT COUNT(*) FROM delayed_events WHERE user_id = ?", user_id)
    if row is not None and row[0] >= MOST_OF_ONE:
        return False
    event = later.value
    what = (delay_id, user_id, event.room_id, event.type, event.state_key, encode(event.content))
    tx.add("delayed_events", _COLUMNS, (*what, event.delay_ms, now_ms, now_ms + event.delay_ms))
    return True


def by_id(tx: Tx, delay_id: str) -> Delayed | None:
    """One of them, if it is still to be sent."""
    row = tx.one(f"{_SELECT} WHERE delay_id = ?", delay_id)
    return _delayed(row) if row else None


def of_user(tx: Tx, user_id: UserId) -> list[Delayed]:
    """All of one person, the next to be sent first."""
    rows = tx.all(f"{_SELECT} WHERE user_id = ? ORDER BY due_ts, delay_id", user_id)
    return [_delayed(row) for row in rows]


def due(tx: Tx, now_ms: int, limit: int) -> list[Delayed]:
    """Those whose time has come, the earliest first."""
    rows = tx.all(f"{_SELECT} WHERE due_ts <= ? ORDER BY due_ts LIMIT ?", now_ms, limit)
    return [_delayed(row) for row in rows]


def restart(tx: WriteTx, delay_id: str, now_ms: int) -> bool:
    """Begin its delay anew. False when there is none."""
    return bool(
        tx.run(
            "UPDATE delayed_events SET since_ts = ?, due_ts = ? + delay_ms WHERE delay_id = ?",
            now_ms,
            now_ms,
            delay_id,
        )
    )


def remove(tx: WriteTx, delay_id: str) -> bool:
    """It is sent, or taken back. False when there was none."""
    return bool(tx.run("DELETE FROM delayed_events WHERE delay_id = ?", delay_id))


def _delayed(row: Row) -> Delayed:
    delay_id, user_id, room_id, kind, state_key, content, delay_ms, since_ts, _ = row
    return Delayed(
        delay_id, user_id, room_id, kind, state_key, orjson.loads(content), delay_ms, since_ts
    )
