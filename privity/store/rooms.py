"""Rooms, and their local aliases."""

from __future__ import annotations

from privity.matrix.ids import RoomAlias, RoomId, UserId
from privity.store.engine import Tx, WriteTx


def add(tx: WriteTx, room_id: RoomId, version: str, creator: UserId, *, is_published: bool) -> None:
    """A new room. `is_published`: listed in the directory."""
    tx.add(
        "rooms",
        ("room_id", "version", "creator", "is_published"),
        (room_id, version, creator, int(is_published)),
    )


def add_alias(tx: WriteTx, alias: RoomAlias, room_id: RoomId, creator: UserId) -> bool:
    """Point an alias at a room. False if it points somewhere already."""
    changed = tx.run(
        "INSERT INTO aliases (alias, room_id, creator) VALUES (?, ?, ?)"
        " ON CONFLICT (alias) DO NOTHING",
        alias,
        room_id,
        creator,
    )
    return changed == 1


def of_alias(tx: Tx, alias: RoomAlias) -> RoomId | None:
    """The room that an alias points at."""
    row = tx.one("SELECT room_id FROM aliases WHERE alias = ?", alias)
    return RoomId(row[0]) if row else None


def aliases_of(tx: Tx, room_id: RoomId) -> list[RoomAlias]:
    """Every local alias of a room."""
    rows = tx.all("SELECT alias FROM aliases WHERE room_id = ? ORDER BY alias", room_id)
    return [RoomAlias(row[0]) for row in rows]


def move(tx: WriteTx, old: RoomId, new: RoomId) -> None:
    """A room has replaced another: its aliases point there, and it stands in the directory."""
    tx.run("UPDATE aliases SET room_id = ? WHERE room_id = ?", new, old)
    tx.run(
        "UPDATE rooms SET is_published = (SELECT o.is_published FROM rooms o WHERE o.room_id = ?)"
        " WHERE room_id = ?",
        old,
        new,
    )
    tx.run("UPDATE rooms SET is_published = 0 WHERE room_id = ?", old)


def is_published(tx: Tx, room_id: RoomId) -> bool:
    """Whether the directory lists this room."""
    row = tx.one("SELECT is_published FROM rooms WHERE room_id = ?", room_id)
    return row is not None and bool(row[0])


def forget(tx: WriteTx, user_id: UserId, room_id: RoomId) -> None:
    """The person does not want to hear of a room that they left."""
    tx.run(
        "UPDATE memberships SET forgotten = 1"
        " WHERE user_id = ? AND room_id = ? AND membership IN ('leave', 'ban')",
        user_id,
        room_id,
    )
