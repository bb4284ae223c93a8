"""Media that was promised: its address is given out, and what lies there is still to come."""

from __future__ import annotations

from privity.guard.admission import Admitted
from privity.guard.pace import Awaited
from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx


def add(tx: WriteTx, admitted: Admitted[Awaited]) -> None:
    """Promise media. Its owner has few enough of them, by the gate."""
    awaited = admitted.value
    tx.add(
        "media_awaited",
        ("media_id", "user_id", "expires_ts"),
        (awaited.media_id, awaited.user_id, awaited.expires_ts),
    )


def count(tx: Tx, user_id: UserId, now_ms: int) -> int:
    """How many promises of a person are open."""
    row = tx.one(
        "SELECT COUNT(*) FROM media_awaited WHERE user_id = ? AND expires_ts > ?", user_id, now_ms
    )
    return int(row[0]) if row else 0


def by_id(tx: Tx, media_id: str, now_ms: int) -> Awaited | None:
    """The promise at this address, while it holds."""
    row = tx.one(
        "SELECT media_id, user_id, expires_ts FROM media_awaited"
        " WHERE media_id = ? AND expires_ts > ?",
        media_id,
        now_ms,
    )
    return Awaited(*row) if row else None


def forget_old(tx: WriteTx, now_ms: int) -> int:
    """Forget the promises that were not kept in time; how many."""
    return tx.run("DELETE FROM media_awaited WHERE expires_ts <= ?", now_ms)


def keep(tx: WriteTx, media_id: str) -> bool:
    """The promise is kept now. False if it was before, or is no more."""
    return tx.run("DELETE FROM media_awaited WHERE media_id = ?", media_id) == 1
