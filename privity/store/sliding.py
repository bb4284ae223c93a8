"""Connections of sliding sync: what a device has been given on each, for any process to go on."""

from __future__ import annotations

import secrets

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx

MOST_CONNECTIONS = 10
"""Of one device; the one that was not used for longest makes way."""

HIGHEST_VERSION = 2**47

Key = tuple[UserId, DeviceId, str]


def state_of(tx: Tx, key: Key, version: int) -> bytes | None:
    """What the device has been given on this connection, as of a version."""
    row = tx.one(
        "SELECT state FROM sliding_connections"
        " WHERE user_id = ? AND device_id = ? AND conn_id = ? AND version = ?",
        *key,
        version,
    )
    return bytes(row[0]) if row else None


def keep(tx: WriteTx, key: Key, since: int | None, now_ms: int, state: bytes) -> int:
    """Keep a new version after `since`, which alone stays beside it. The version's number.

    With `since` None the connection begins anew.
    """
    version = 1 + secrets.randbelow(HIGHEST_VERSION)
    tx.run(
        "DELETE FROM sliding_connections"
        " WHERE user_id = ? AND device_id = ? AND conn_id = ? AND version <> ?",
        *key,
        since or 0,
    )
    tx.run(
        "INSERT INTO sliding_connections (user_id, device_id, conn_id, version, used_ts, state)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        *key,
        version,
        now_ms,
        state,
    )
    if since is None:
        _make_room(tx, key)
    return version


def _make_room(tx: WriteTx, key: Key) -> None:
    user_id, device_id, _ = key
    rows = tx.all(
        "SELECT conn_id FROM sliding_connections WHERE user_id = ? AND device_id = ?"
        " GROUP BY conn_id ORDER BY MAX(used_ts) DESC",
        user_id,
        device_id,
    )
    for (conn_id,) in rows[MOST_CONNECTIONS:]:
        tx.run(
            "DELETE FROM sliding_connections WHERE user_id = ? AND device_id = ? AND conn_id = ?",
            user_id,
            device_id,
            conn_id,
        )
