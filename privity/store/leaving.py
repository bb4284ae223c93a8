"""Files that are being removed from a bucket, which cannot put them aside first.

1. Who removes one says so before: in one transaction with the look whether a row names it. While
   that stands no row can be added that does.
2. When the bucket has said that it is gone, that is noted with the place in the stream.
3. Who sent the same meanwhile, that is from before 2, may have had theirs removed: they send it
   again, and only then add their row.
"""

from __future__ import annotations

from privity.store import unnamed
from privity.store.engine import Tx, WriteTx


class LeftMeanwhile(Exception):  # noqa: N818 - named for what happened
    """The file may have been removed after it was kept: keep it again, then add the row."""


def begin(tx: WriteTx, digest: str, now_ms: int) -> bool:
    """Rule 1. False if a row names it: it stays."""
    if unnamed.is_named(tx, digest):
        return False
    tx.run(
        "INSERT INTO files_leaving (digest, since_ts) VALUES (?, ?) ON CONFLICT (digest)"
        " DO UPDATE SET since_ts = excluded.since_ts, gone_pos = NULL",
        digest,
        now_ms,
    )
    return True


def end(tx: WriteTx, digest: str) -> None:
    """Rule 2."""
    tx.run("UPDATE files_leaving SET gone_pos = ? WHERE digest = ?", tx.position(), digest)


def check(tx: Tx, digest: str, kept_from: int) -> None:
    """Rule 3, for a file that was kept after the stream stood at `kept_from`: `LeftMeanwhile`."""
    if tx.one(
        "SELECT 1 FROM files_leaving WHERE digest = ? AND (gone_pos IS NULL OR gone_pos > ?)",
        digest,
        kept_from,
    ):
        raise LeftMeanwhile


def unfinished(tx: Tx) -> list[str]:
    """What was begun, and never noted as gone: a process was killed, or the bucket was away."""
    rows = tx.all("SELECT digest FROM files_leaving WHERE gone_pos IS NULL")
    return [digest for (digest,) in rows]


def forget_old(tx: WriteTx, before_ts: int) -> int:
    """Forget what was gone long before anything that is still coming in was begun."""
    return tx.run(
        "DELETE FROM files_leaving WHERE since_ts < ? AND gone_pos IS NOT NULL", before_ts
    )
