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


def alias(tx: Tx, alias: RoomAlias) -> tuple[RoomId, UserId] | None:
    """The room that an alias points at, and who gave it."""
    row = tx.one("SELECT room_id, creator FROM aliases WHERE alias = ?", alias)
    return (RoomId(row[0]), UserId(row[1])) if row else None


def remove_alias(tx: WriteTx, alias: RoomAlias) -> None:
    """It points nowhere any more."""
    tx.run("DELETE FROM aliases WHERE alias = ?", alias)


def is_published(tx: Tx, room_id: RoomId) -> bool | None:
    """Whether a room is in the directory; None if there is no such room."""
    row = tx.one("SELECT is_published FROM rooms WHERE room_id = ?", room_id)
    return bool(row[0]) if row else None


def publish(tx: WriteTx, room_id: RoomId, *, is_published: bool) -> None:
    """Put a room into the directory, or take it out."""
    tx.run("UPDATE rooms SET is_published = ? WHERE room_id = ?", int(is_published), room_id)


def published(tx: Tx) -> list[RoomId]:
    """The rooms of the directory, those with most members first."""
    rows = tx.all(
        "SELECT r.room_id FROM rooms r LEFT JOIN memberships m"
        " ON m.room_id = r.room_id AND m.membership = 'join'"
        " WHERE r.is_published = 1 GROUP BY r.room_id ORDER BY COUNT(m.user_id) DESC, r.room_id"
    )
    return [RoomId(row[0]) for row in rows]


def publish_in(
    tx: WriteTx, service_id: str, network_id: str, room_id: RoomId, *, is_published: bool
) -> None:
    """Put a room into the directory of a network, or take it out."""
    if is_published:
        sql = "INSERT INTO network_rooms (service_id, network_id, room_id) VALUES (?, ?, ?)"
        tx.run(f"{sql} ON CONFLICT DO NOTHING", service_id, network_id, room_id)
        return
    where = "service_id = ? AND network_id = ? AND room_id = ?"
    tx.run(f"DELETE FROM network_rooms WHERE {where}", service_id, network_id, room_id)


def count_in(tx: Tx, service_id: str) -> int:
    """How many rooms a service has in the directories of its networks."""
    row = tx.one("SELECT COUNT(*) FROM network_rooms WHERE service_id = ?", service_id)
    return int(row[0]) if row else 0


def published_in(tx: Tx, instance_id: str | None) -> list[RoomId]:
    """The rooms of a network's directory, named `service|network`; None: of all networks."""
    sql = "SELECT DISTINCT room_id FROM network_rooms"
    if instance_id is None:
        rows = tx.all(f"{sql} ORDER BY room_id")
    else:
        where = "WHERE service_id || '|' || network_id = ?"
        rows = tx.all(f"{sql} {where} ORDER BY room_id", instance_id)
    return [RoomId(row[0]) for row in rows]


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


def forget(tx: WriteTx, user_id: UserId, room_id: RoomId) -> None:
    """The person does not want to hear of a room that they left."""
    tx.run(
        "UPDATE memberships SET forgotten = 1"
        " WHERE user_id = ? AND room_id = ? AND membership IN ('leave', 'ban')",
        user_id,
        room_id,
    )


def is_forgotten(tx: Tx, user_id: UserId, room_id: RoomId) -> bool:
    """Whether they forgot this room after they had left it."""
    row = tx.one(
        "SELECT forgotten FROM memberships WHERE user_id = ? AND room_id = ?", user_id, room_id
    )
    return bool(row and row[0])
