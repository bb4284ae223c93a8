"""Media: what was uploaded by whom, and which file on the disk holds it.

Several rows may name one file. What an account keeps is summed up beside, so that its quota is
known without counting.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.guard.admission import Admitted
from privity.guard.pace import Upload
from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import MediaCame


@dataclass(frozen=True, slots=True)
class Media:
    """What was uploaded. `digest` is the SHA-256 of the file, in hexadecimal."""

    media_id: str
    user_id: UserId
    digest: str
    size_bytes: int
    content_type: str
    file_name: str | None


def add(
    tx: WriteTx,
    media_id: str,
    user_id: UserId,
    digest: str,
    admitted: Admitted[Upload],
    now_ms: int,
    *,
    was_awaited: bool = False,
) -> None:
    """Add what passed the gate; its file is on the disk already.

    Who waits for what `was_awaited`, in whatever process, hears of it.
    """
    upload = admitted.value
    pos = tx.position() if was_awaited else None
    tx.add(
        "media",
        (
            "media_id",
            "user_id",
            "digest",
            "size_bytes",
            "content_type",
            "file_name",
            "created_ts",
            "pos",
        ),
        (
            media_id,
            user_id,
            digest,
            upload.size_bytes,
            upload.content_type,
            upload.file_name,
            now_ms,
            pos,
        ),
    )
    if pos is not None:
        tx.tell(MediaCame(pos, media_id))
    tx.run(
        "INSERT INTO media_kept (user_id, bytes) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET bytes = media_kept.bytes + excluded.bytes",
        user_id,
        upload.charged_bytes,
    )


def kept_bytes(tx: Tx, user_id: UserId) -> int:
    """How much of its quota an account has used up."""
    row = tx.one("SELECT bytes FROM media_kept WHERE user_id = ?", user_id)
    return int(row[0]) if row else 0


def by_id(tx: Tx, media_id: str) -> Media | None:
    """The media with this id."""
    row = tx.one(
        "SELECT media_id, user_id, digest, size_bytes, content_type, file_name FROM media"
        " WHERE media_id = ?",
        media_id,
    )
    return Media(*row) if row else None
