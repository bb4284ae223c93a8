"""Thumbnails: smaller copies of pictures that were made once, and which file holds each."""

from __future__ import annotations

from dataclasses import dataclass

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
