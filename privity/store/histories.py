"""How one piece of the state of rooms changed in the course of time: of many rooms at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from privity.matrix.ids import RoomId
from privity.store.engine import Tx
from privity.store.engine.lists import in_parts

History = list[tuple[int, dict[str, Any]]]
"""Positions and contents, oldest first."""


def of_rooms(
    tx: Tx, room_ids: Sequence[RoomId], kind: str, state_key: str, upto: int
) -> dict[RoomId, History]:
    """What this piece of state was in each of these rooms, up to a position."""
    found: dict[RoomId, History] = {room_id: [] for room_id in room_ids}
    for part, marks in in_parts(room_ids):
        for room_id, pos, pdu in tx.all(
            "SELECT s.room_id, s.pos, e.pdu FROM state s JOIN events e ON e.event_id = s.event_id"
            f" WHERE s.room_id IN ({marks}) AND s.type = ? AND s.state_key = ? AND s.pos <= ?"
            " ORDER BY s.pos",
            *part,
            kind,
            state_key,
            upto,
        ):
            found[room_id].append((pos, orjson.loads(pdu)["content"]))
    return found
