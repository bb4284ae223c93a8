"""Move a receipt or the read marker: how far somebody has read a room.

1. `m.read` is for everybody in the room, `m.read.private` for its owner; `m.fully_read` is a marker
   and kept as account data of the room.
2. A receipt may be of one thread; the marker may not.
3. Only forward: one that points before the last stays where it is.

Source: client-server API, "Receipts", "Read and unread markers".
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.errors import invalid_param
from privity.matrix.ids import EventId, RoomId, UserId
from privity.rooms.sight import must_be_joined
from privity.store import account_data, events, receipts
from privity.store.account_data import Item
from privity.store.engine import WriteTx
from privity.store.receipts import Receipt

FULLY_READ = "m.fully_read"
READ_TYPES = ("m.read", "m.read.private")


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read up to an event; `thread_id` is "" for no thread."""

    type: str
    event_id: EventId
    thread_id: str = ""


async def move_receipts(
    house: House, user_id: UserId, room_id: RoomId, readings: list[Reading]
) -> None:
    """Move them all, in one transaction. 400 M_INVALID_PARAM for an event of no such room."""
    await must_be_joined(house, user_id, room_id)
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        found = events.by_ids(tx, {reading.event_id for reading in readings})
        if any(
            reading.event_id not in found or found[reading.event_id].event.room_id != room_id
            for reading in readings
        ):
            raise invalid_param("There is no such event in this room.")
        for reading in readings:
            if reading.type == FULLY_READ:
                content = encode({"event_id": reading.event_id})
                account_data.put(tx, user_id, room_id, Item(FULLY_READ, content))
                continue
            receipts.move(
                tx,
                Receipt(
                    room_id,
                    user_id,
                    reading.type,
                    reading.thread_id,
                    reading.event_id,
                    found[reading.event_id].pos,
                    now_ms,
                ),
            )

    await house.store.write(job)
