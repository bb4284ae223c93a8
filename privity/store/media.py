"""Media: what was uploaded by whom, and which file on the disk holds it.

Several rows may name one file. What an account keeps is summed up beside, so that its quota is
known without counting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from privity.guard.admission import Admitted
from privity.guard.pace import Upload, charged_bytes
from privity.matrix.ids import UserId
from privity.store import thumbnails, unnamed
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


def remove(tx: WriteTx, media_ids: Sequence[str], now_ms: int) -> None:
    """Remove media and the thumbnails of it. The owners have that much more room again."""
    for media_id in media_ids:
        found = by_id(tx, media_id)
        if found is None:
            continue
        tx.run("DELETE FROM media WHERE media_id = ?", media_id)
        tx.run(
            "UPDATE media_kept SET bytes = bytes - ? WHERE user_id = ?",
            charged_bytes(found.size_bytes),
            found.user_id,
        )
        if tx.one("SELECT 1 FROM media WHERE digest = ? LIMIT 1", found.digest) is None:
            thumbnails.remove_of(tx, found.digest, now_ms)
            unnamed.note(tx, found.digest, now_ms)


def of_the_erased(tx: Tx, limit: int) -> list[str]:
    """Media of accounts whose owners wanted everything of theirs gone."""
    rows = tx.all(
        "SELECT media_id FROM media WHERE user_id IN (SELECT user_id FROM accounts"
        " WHERE standing = 'deactivated' AND address = '' AND password_hash IS NULL) LIMIT ?",
        limit,
    )
    return [media_id for (media_id,) in rows]


def older_than(tx: Tx, before_ts: int, after: tuple[int, str], limit: int) -> list[tuple[int, str]]:
    """Media of before a time, oldest first, behind the one at `after`: when it came, and its id."""
    rows = tx.all(
        "SELECT created_ts, media_id FROM media WHERE created_ts < ?"
        " AND (created_ts > ? OR (created_ts = ? AND media_id > ?))"
        " ORDER BY created_ts, media_id LIMIT ?",
        before_ts,
        after[0],
        after[0],
        after[1],
        limit,
    )
    return [(created_ts, media_id) for created_ts, media_id in rows]


def shown_as_avatars(tx: Tx) -> set[str]:
    """The `mxc://` addresses that people and rooms show of themselves now."""
    people = tx.all("SELECT avatar_url FROM accounts WHERE avatar_url IS NOT NULL")
    rooms = tx.all(
        "SELECT e.pdu FROM state s JOIN events e ON e.event_id = s.event_id"
        " WHERE s.type = 'm.room.avatar'"
    )
    urls = {orjson.loads(bytes(pdu)).get("content", {}).get("url") for (pdu,) in rooms}
    return {str(url) for (url,) in people} | {url for url in urls if isinstance(url, str)}
