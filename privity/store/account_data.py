"""Account data: what clients keep on the server, for everything or for one room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.matrix.ids import RoomId, UserId
from privity.store.engine import Tx, WriteTx
from privity.store.engine.lists import in_parts
from privity.store.streams import AccountDataSet


@dataclass(frozen=True, slots=True)
class Item:
    """One piece: its type, and its content as JSON."""

    type: str
    content: bytes


def put(tx: WriteTx, user_id: UserId, room_id: RoomId | None, item: Item) -> None:
    """Set it, and tell the person's devices."""
    pos = tx.position()
    tx.run(
        "INSERT INTO account_data (user_id, room_id, type, content, pos) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id, room_id, type) DO UPDATE SET"
        " content = excluded.content, pos = excluded.pos",
        user_id,
        room_id or "",
        item.type,
        item.content,
        pos,
    )
    tx.tell(AccountDataSet(pos, user_id, room_id, item.type))


def get(tx: Tx, user_id: UserId, room_id: RoomId | None, kind: str) -> bytes | None:
    """The content of one piece, as JSON; None if it was never set."""
    row = tx.one(
        "SELECT content FROM account_data WHERE user_id = ? AND room_id = ? AND type = ?",
        user_id,
        room_id or "",
        kind,
    )
    return bytes(row[0]) if row else None


def in_every_room(tx: Tx, user_id: UserId, kind: str) -> list[tuple[RoomId, bytes]]:
    """What they keep of this type for each room: the room, and the content as JSON."""
    rows = tx.all(
        "SELECT room_id, content FROM account_data"
        " WHERE user_id = ? AND type = ? AND room_id <> ''",
        user_id,
        kind,
    )
    return [(RoomId(room_id), bytes(content)) for room_id, content in rows]


def count(tx: Tx, user_id: UserId) -> int:
    """How many pieces somebody keeps."""
    row = tx.one("SELECT COUNT(*) FROM account_data WHERE user_id = ?", user_id)
    return int(row[0]) if row else 0


def changed(tx: Tx, user_id: UserId, room_id: RoomId | None, since: int, upto: int) -> list[Item]:
    """What was set with `since < pos <= upto`, in the order in which it was set."""
    rows = tx.all(
        "SELECT type, content FROM account_data"
        " WHERE user_id = ? AND room_id = ? AND pos > ? AND pos <= ? ORDER BY pos",
        user_id,
        room_id or "",
        since,
        upto,
    )
    return [Item(kind, bytes(content)) for kind, content in rows]


def of_rooms(
    tx: Tx, user_id: UserId, room_ids: Sequence[RoomId], upto: int
) -> dict[RoomId, list[Item]]:
    """What is kept for each of these rooms, in the order in which it was set."""
    found: dict[RoomId, list[Item]] = {room_id: [] for room_id in room_ids}
    for part, marks in in_parts(room_ids):
        for room_id, kind, content in tx.all(
            "SELECT room_id, type, content FROM account_data"
            f" WHERE user_id = ? AND room_id IN ({marks}) AND pos <= ? ORDER BY pos",
            user_id,
            *part,
            upto,
        ):
            found[room_id].append(Item(kind, bytes(content)))
    return found


def changed_anywhere(
    tx: Tx, user_id: UserId, since: int, upto: int
) -> list[tuple[RoomId | None, str, bytes]]:
    """The same for every room and for everywhere: the room (None: everywhere), type, content."""
    rows = tx.all(
        "SELECT room_id, type, content FROM account_data"
        " WHERE user_id = ? AND pos > ? AND pos <= ? ORDER BY pos",
        user_id,
        since,
        upto,
    )
    return [(RoomId(room_id) if room_id else None, kind, bytes(raw)) for room_id, kind, raw in rows]
