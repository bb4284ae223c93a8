"""Thumbnails: smaller copies of pictures that were made once, and which file holds each."""

from __future__ import annotations

from dataclasses import dataclass

from privity.store import unnamed
from privity.store.engine import Tx, WriteTx


@dataclass(frozen=True, slots=True)
class Shape:
    """How a picture is to be made smaller: into which box, cropped to it or scaled into it."""

    width: int
    height: int
    method: str
    is_animated: bool


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The file of a smaller copy; `digest` is the picture's own where that is small enough."""

    digest: str
    size_bytes: int
    content_type: str


def find(tx: Tx, of_digest: str, shape: Shape) -> Thumbnail | None:
    """The copy of this picture in this shape, if it was made."""
    row = tx.one(
        "SELECT digest, size_bytes, content_type FROM thumbnails WHERE of_digest = ?"
        " AND width = ? AND height = ? AND method = ? AND is_animated = ?",
        of_digest,
        shape.width,
        shape.height,
        shape.method,
        int(shape.is_animated),
    )
    return Thumbnail(*row) if row else None


def add(tx: WriteTx, of_digest: str, shape: Shape, made: Thumbnail, now_ms: int) -> None:
    """Add a copy; its file is on the disk already. Another process may have been faster."""
    tx.run(
        "INSERT INTO thumbnails (of_digest, width, height, method, is_animated, digest,"
        " size_bytes, content_type, made_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        of_digest,
        shape.width,
        shape.height,
        shape.method,
        int(shape.is_animated),
        made.digest,
        made.size_bytes,
        made.content_type,
        now_ms,
    )


def remove_of(tx: WriteTx, of_digest: str, now_ms: int) -> None:
    """Remove the copies of a picture that is gone."""
    rows = tx.all("SELECT DISTINCT digest FROM thumbnails WHERE of_digest = ?", of_digest)
    tx.run("DELETE FROM thumbnails WHERE of_digest = ?", of_digest)
    for (digest,) in rows:
        unnamed.note(tx, digest, now_ms)


def made_bytes(tx: Tx) -> int:
    """How much all copies take, but for those that are the picture itself."""
    row = tx.one("SELECT COALESCE(SUM(size_bytes), 0) FROM thumbnails WHERE digest <> of_digest")
    return int(row[0]) if row else 0


def remove_oldest(tx: WriteTx, too_many_bytes: int, limit: int, now_ms: int) -> int:
    """Remove copies until so many bytes are gone, `limit` at most; the bytes that are."""
    rows = tx.all(
        "SELECT of_digest, size_bytes FROM thumbnails WHERE digest <> of_digest"
        " ORDER BY made_ts LIMIT ?",
        limit,
    )
    gone_bytes = 0
    for of_digest, size_bytes in rows:
        if gone_bytes >= too_many_bytes:
            break
        remove_of(tx, of_digest, now_ms)
        gone_bytes += size_bytes
    return gone_bytes
