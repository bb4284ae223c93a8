"""Files that rows name, or do not any more: what may be removed from the folder of media."""

from __future__ import annotations

from privity.store.engine import Tx, WriteTx


def is_named(tx: Tx, digest: str) -> bool:
    """Whether any row needs this file."""
    return any(
        tx.one(f"SELECT 1 FROM {table} WHERE digest = ? LIMIT 1", digest) is not None
        for table in ("media", "thumbnails")
    )


def note(tx: WriteTx, digest: str, now_ms: int) -> None:
    """A row that named this file is gone: unless another does, it is not needed from now on."""
    if not is_named(tx, digest):
        tx.run(
            "INSERT INTO files_unnamed (digest, since_ts) VALUES (?, ?)"
            " ON CONFLICT (digest) DO UPDATE SET since_ts = excluded.since_ts",
            digest,
            now_ms,
        )


def since(tx: Tx, before_ts: int, limit: int) -> list[str]:
    """The digests of files that were not needed at this time already."""
    rows = tx.all(
        "SELECT digest FROM files_unnamed WHERE since_ts <= ? ORDER BY since_ts LIMIT ?",
        before_ts,
        limit,
    )
    return [digest for (digest,) in rows]


def forget(tx: WriteTx, digest: str) -> None:
    """It is removed, or needed again."""
    tx.run("DELETE FROM files_unnamed WHERE digest = ?", digest)


def needed(tx: Tx) -> set[str]:
    """The digests of every file of media. Thumbnails can be made anew."""
    return {digest for (digest,) in tx.all("SELECT DISTINCT digest FROM media")}
