"""Leases: work that one process of the cluster at a time does."""

from __future__ import annotations

from privity.store.engine import WriteTx


def take(tx: WriteTx, name: str, holder: str, now_ms: int, lifetime_ms: int) -> bool:
    """Take a lease that is free or over, or renew one's own. False: somebody else has it."""
    return bool(
        tx.run(
            "INSERT INTO leases (name, holder, expires_ts) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
            " expires_ts = excluded.expires_ts"
            " WHERE leases.holder = excluded.holder OR leases.expires_ts <= ?",
            name,
            holder,
            now_ms + lifetime_ms,
            now_ms,
        )
    )


def give_back(tx: WriteTx, name: str, holder: str) -> None:
    """Let others take it at once."""
    tx.run("DELETE FROM leases WHERE name = ? AND holder = ?", name, holder)
