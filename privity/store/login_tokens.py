"""Login tokens: good once and for a short time, known by their SHA-256 only."""

from __future__ import annotations

from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx


def add(tx: WriteTx, token_hash: bytes, user_id: UserId, expires_ts: int, now_ms: int) -> None:
    """A new one. Those of this person whose time is over go."""
    tx.run("DELETE FROM login_tokens WHERE user_id = ? AND expires_ts <= ?", user_id, now_ms)
    columns = ("token_hash", "user_id", "expires_ts")
    tx.add("login_tokens", columns, (token_hash, user_id, expires_ts))


def owner(tx: Tx, token_hash: bytes, now_ms: int) -> UserId | None:
    """Whose it is, if it is still good."""
    row = tx.one(
        "SELECT user_id FROM login_tokens WHERE token_hash = ? AND expires_ts > ?",
        token_hash,
        now_ms,
    )
    return UserId(row[0]) if row else None


def use(tx: WriteTx, token_hash: bytes) -> bool:
    """Use it up. False if it was used before."""
    return bool(tx.run("DELETE FROM login_tokens WHERE token_hash = ?", token_hash))


def drop_all_of(tx: WriteTx, user_id: UserId) -> None:
    """None of this person's is good any more."""
    tx.run("DELETE FROM login_tokens WHERE user_id = ?", user_id)
