"""One-time and fallback keys: each one-time key is given out once, in the order of upload."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import OneTimeKeysChanged


@dataclass(frozen=True, slots=True)
class OneTimeKey:
    """A key: `algorithm:key_id` and its JSON."""

    algorithm: str
    key_id: str
    key: bytes


def by_ids(tx: Tx, user_id: UserId, device_id: DeviceId) -> dict[tuple[str, str], bytes]:
    """The device's one-time keys that nobody claimed yet."""
    rows = tx.all(
        "SELECT algorithm, key_id, key FROM one_time_keys WHERE user_id = ? AND device_id = ?",
        user_id,
        device_id,
    )
    return {(algorithm, key_id): bytes(key) for algorithm, key_id, key in rows}


def add(tx: WriteTx, user_id: UserId, device_id: DeviceId, keys: list[OneTimeKey]) -> None:
    """More one-time keys."""
    row = tx.one(
        "SELECT MAX(added) FROM one_time_keys WHERE user_id = ? AND device_id = ?",
        user_id,
        device_id,
    )
    last = int(row[0]) if row and row[0] is not None else 0
    for number, key in enumerate(keys, last + 1):
        tx.add(
            "one_time_keys",
            ("user_id", "device_id", "algorithm", "key_id", "added", "key"),
            (user_id, device_id, key.algorithm, key.key_id, number, key.key),
        )
    note_change(tx, user_id, device_id)


def set_fallback(tx: WriteTx, user_id: UserId, device_id: DeviceId, key: OneTimeKey) -> None:
    """The fallback key of its algorithm, unused until it is given out."""
    tx.run(
        "INSERT INTO fallback_keys (user_id, device_id, algorithm, key_id, key, used)"
        " VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (user_id, device_id, algorithm) DO UPDATE SET"
        " key_id = excluded.key_id, key = excluded.key,"
        " used = CASE WHEN fallback_keys.key = excluded.key THEN fallback_keys.used ELSE 0 END",
        user_id,
        device_id,
        key.algorithm,
        key.key_id,
        key.key,
    )
    note_change(tx, user_id, device_id)


def claim(
    tx: WriteTx, user_id: UserId, device_id: DeviceId, algorithm: str
) -> tuple[str, bytes] | None:
    """Take the oldest key, or the fallback: `(key_id, JSON)`. None when there is neither."""
    rows = tx.all(
        "DELETE FROM one_time_keys WHERE user_id = ? AND device_id = ? AND algorithm = ?"
        " AND added = (SELECT MIN(o.added) FROM one_time_keys o"
        " WHERE o.user_id = ? AND o.device_id = ? AND o.algorithm = ?) RETURNING key_id, key",
        *(user_id, device_id, algorithm),
        *(user_id, device_id, algorithm),
    )
    if not rows:
        rows = tx.all(
            "UPDATE fallback_keys SET used = 1"
            " WHERE user_id = ? AND device_id = ? AND algorithm = ? RETURNING key_id, key",
            user_id,
            device_id,
            algorithm,
        )
    if not rows:
        return None
    note_change(tx, user_id, device_id)
    return rows[0][0], bytes(rows[0][1])


def counts(tx: Tx, user_id: UserId, device_id: DeviceId) -> dict[str, int]:
    """How many one-time keys are left, by algorithm."""
    return {
        algorithm: int(count)
        for algorithm, count in tx.all(
            "SELECT algorithm, COUNT(*) FROM one_time_keys"
            " WHERE user_id = ? AND device_id = ? GROUP BY algorithm",
            user_id,
            device_id,
        )
    }


def unused_fallback_types(tx: Tx, user_id: UserId, device_id: DeviceId) -> list[str]:
    """The algorithms whose fallback key was not given out yet."""
    rows = tx.all(
        "SELECT algorithm FROM fallback_keys WHERE user_id = ? AND device_id = ? AND used = 0"
        " ORDER BY algorithm",
        user_id,
        device_id,
    )
    return [row[0] for row in rows]


def note_change(tx: WriteTx, user_id: UserId, device_id: DeviceId) -> None:
    """The device's keys are others now: have every process hear of it."""
    pos = tx.position()
    tx.run(
        "INSERT INTO one_time_key_changes (user_id, device_id, pos) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id, device_id) DO UPDATE SET pos = excluded.pos",
        user_id,
        device_id,
        pos,
    )
    tx.tell(OneTimeKeysChanged(pos, user_id, device_id))
