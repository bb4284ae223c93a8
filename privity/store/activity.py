"""What a list of rooms is ordered and sorted by: the newest events, the type, the encryption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from privity.matrix.ids import RoomId, UserId
from privity.store import events
from privity.store.engine import Tx
from privity.store.engine.lists import in_parts

HIGHEST_POS = 2**62
BUMPS = (
    "m.room.create",
    "m.room.message",
    "m.room.encrypted",
    "m.sticker",
    "m.call.invite",
    "m.poll.start",
    "m.beacon_info",
)
"""What counts as somebody having said something (MSC4186)."""
_NEWEST = "SELECT e.pos FROM events e WHERE e.room_id = r.room_id"


_STATE = (
    "(SELECT e.pdu FROM state s JOIN events e ON e.event_id = s.event_id"
    " WHERE s.room_id = r.room_id AND s.type = ? AND s.state_key = ''"
    " ORDER BY s.pos DESC LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class Active:
    """Where a room's newest event stands (`pos`), and its newest one that people said (`bump`).

    `kind` is its `m.room.create`'s type, None for an ordinary room.
    """

    pos: int
    bump: int
    kind: str | None
    is_encrypted: bool


def of_rooms(tx: Tx, room_ids: Sequence[RoomId]) -> dict[RoomId, Active]:
    """How these rooms stand now. Those that do not exist are not in the answer."""
    found: dict[RoomId, Active] = {}
    bumps = ", ".join("?" * len(BUMPS))
    for part, marks in in_parts(room_ids):
        for room_id, pos, bump, create, encryption in tx.all(
            f"SELECT r.room_id, ({_NEWEST} ORDER BY e.pos DESC LIMIT 1),"
            f" ({_NEWEST} AND e.type IN ({bumps}) ORDER BY e.pos DESC LIMIT 1),"
            f" {_STATE}, {_STATE} FROM rooms r WHERE r.room_id IN ({marks})",
            *BUMPS,
            "m.room.create",
            "m.room.encryption",
            *part,
        ):
            if pos is not None and create is not None:
                kind = orjson.loads(create)["content"].get("type")
                found[RoomId(room_id)] = Active(pos, bump or pos, kind, encryption is not None)
    return found


def removed_from(tx: Tx, user_id: UserId) -> set[RoomId]:
    """The rooms that somebody was in until another person had them leave, or banned them."""
    rows = tx.all(
        "SELECT m.room_id FROM memberships m JOIN events e ON e.event_id = m.event_id"
        " WHERE m.user_id = ? AND m.membership IN ('leave', 'ban') AND m.forgotten = 0"
        " AND e.sender <> m.user_id",
        user_id,
    )
    return {RoomId(room_id) for (room_id,) in rows if _was_in(tx, RoomId(room_id), user_id)}


def _was_in(tx: Tx, room_id: RoomId, user_id: UserId) -> bool:
    changes = events.state_changes(tx, room_id, 0, HIGHEST_POS, "m.room.member", user_id)
    return any(placed.event.content.get("membership") == "join" for placed in changes)
