"""One-time and fallback keys: each one-time key is given out once, in the order of upload.

A key that was given out is remembered: a client that never heard that its upload arrived sends the
same keys again, and one that was claimed in the meantime must not come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx
from privity.store.engine.lists import in_parts
from privity.store.streams import OneTimeKeysChanged

MOST_SPENT = 1000

Wanted = tuple[UserId, DeviceId, str]
"""Of whom, of which device, and the algorithm."""


@dataclass(frozen=True, slots=True)
class OneTimeKey:
    """A key: `algorithm:key_id`, its public part (32 bytes) and its JSON."""

    algorithm: str
    key_id: str
    public_key: bytes
    key: bytes


def unclaimed(tx: Tx, user_id: UserId, device_id: DeviceId) -> list[OneTimeKey]:
    """The device's one-time keys that nobody claimed yet."""
    rows = tx.all(
        "SELECT algorithm, key_id, public_key, key FROM one_time_keys"
        " WHERE user_id = ? AND device_id = ?",
        user_id,
        device_id,
    )
    return [
        OneTimeKey(algorithm, key_id, bytes(public_key), bytes(key))
        for algorithm, key_id, public_key, key in rows
    ]


def spent(tx: Tx, user_id: UserId, device_id: DeviceId, public_keys: Sequence[bytes]) -> set[bytes]:
    """Which of these public keys were given out already."""
    found: set[bytes] = set()
    for part, marks in in_parts(public_keys):
        rows = tx.all(
            "SELECT public_key FROM spent_one_time_keys WHERE user_id = ? AND device_id = ?"
            f" AND public_key IN ({marks})",
            user_id,
            device_id,
            *part,
        )
        found.update(bytes(row[0]) for row in rows)
    return found


def add(tx: WriteTx, user_id: UserId, device_id: DeviceId, keys: Iterable[OneTimeKey]) -> None:
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
            ("user_id", "device_id", "algorithm", "key_id", "added", "public_key", "key"),
            (user_id, device_id, key.algorithm, key.key_id, number, key.public_key, key.key),
        )
    _forget_oldest_spent(tx, user_id, device_id)
    note_change(tx, user_id, device_id)


def set_fallback(tx: WriteTx, user_id: UserId, device_id: DeviceId, key: OneTimeKey) -> None:
    """The fallback key of its algorithm, unused until it is given out. The same again: no news."""
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


def claim(tx: WriteTx, wanted: Sequence[Wanted]) -> dict[Wanted, tuple[str, bytes]]:
    """Take the oldest key of each, or its fallback: `(key_id, JSON)`. Who has neither is left out.

    No two of `wanted` are of one device.
    """
    given: dict[Wanted, tuple[str, bytes]] = {}
    spent: list[tuple[UserId, DeviceId, bytes]] = []
    for part, _ in in_parts(wanted):
        oldest = tx.all(
            "SELECT user_id, device_id, algorithm, MIN(added) FROM one_time_keys"
            f" WHERE (user_id, device_id, algorithm) IN (VALUES {_rows(3, len(part))})"
            " GROUP BY user_id, device_id, algorithm",
            *chain.from_iterable(part),
        )
        if not oldest:
            continue
        for user_id, device_id, algorithm, key_id, key, public_key in tx.all(
            "DELETE FROM one_time_keys WHERE (user_id, device_id, algorithm, added)"
            f" IN (VALUES {_rows(4, len(oldest))})"
            " RETURNING user_id, device_id, algorithm, key_id, key, public_key",
            *chain.from_iterable(oldest),
        ):
            given[user_id, device_id, algorithm] = key_id, bytes(key)
            spent.append((user_id, device_id, bytes(public_key)))
    _claim_fallbacks(tx, [each for each in wanted if each not in given], given)
    changed = [(user_id, device_id) for user_id, device_id, _ in spent]
    for pos, row in zip(_note_changes(tx, changed), spent, strict=True):
        columns = ("user_id", "device_id", "public_key", "pos")
        tx.add("spent_one_time_keys", columns, (*row, pos))
    return given


def _claim_fallbacks(
    tx: WriteTx, wanted: Sequence[Wanted], given: dict[Wanted, tuple[str, bytes]]
) -> None:
    used: list[Wanted] = []
    for part, _ in in_parts(wanted):
        for user_id, device_id, algorithm, key_id, key, was_used in tx.all(
            "SELECT user_id, device_id, algorithm, key_id, key, used FROM fallback_keys"
            f" WHERE (user_id, device_id, algorithm) IN (VALUES {_rows(3, len(part))})",
            *chain.from_iterable(part),
        ):
            given[user_id, device_id, algorithm] = key_id, bytes(key)
            if not was_used:
                used.append((user_id, device_id, algorithm))
    for part, _ in in_parts(used):
        tx.run(
            "UPDATE fallback_keys SET used = 1"
            f" WHERE (user_id, device_id, algorithm) IN (VALUES {_rows(3, len(part))})",
            *chain.from_iterable(part),
        )
    _note_changes(tx, [(user_id, device_id) for user_id, device_id, _ in used])


def _rows(width: int, count: int) -> str:
    return ", ".join([f"({', '.join('?' * width)})"] * count)


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
    _note_changes(tx, [(user_id, device_id)])


def _note_changes(tx: WriteTx, devices: Sequence[tuple[UserId, DeviceId]]) -> list[int]:
    """The same for several, no one twice; the position of each change."""
    rows = [(user_id, device_id, tx.position()) for user_id, device_id in devices]
    for part, _ in in_parts(rows):
        tx.run(
            "INSERT INTO one_time_key_changes (user_id, device_id, pos)"
            f" VALUES {_rows(3, len(part))}"
            " ON CONFLICT (user_id, device_id) DO UPDATE SET pos = excluded.pos",
            *(value for row in part for value in row),
        )
    for user_id, device_id, pos in rows:
        tx.tell(OneTimeKeysChanged(pos, user_id, device_id))
    return [pos for _, _, pos in rows]


def _forget_oldest_spent(tx: WriteTx, user_id: UserId, device_id: DeviceId) -> None:
    """Of the keys given out, remember the newest `MOST_SPENT`."""
    of_device = (user_id, device_id)
    tx.run(
        "DELETE FROM spent_one_time_keys WHERE user_id = ? AND device_id = ? AND pos <="
        " (SELECT s.pos FROM spent_one_time_keys s WHERE s.user_id = ? AND s.device_id = ?"
        f" ORDER BY s.pos DESC LIMIT 1 OFFSET {MOST_SPENT})",
        *of_device,
        *of_device,
    )
