"""Move a receipt or the read marker: how far somebody has read a room.

1. `m.read` is for everybody in the room, `m.read.private` for its owner alone; `m.fully_read` is a
   marker, kept as account data of the room.
2. A receipt may be of one thread, in which the event has to stand; the marker may not.
3. Only forward: what would go back stays where it is, and is no error.

SPEC: a thread's root and what relates to it stand in the main timeline ("Threaded read receipts").
A receipt for them is taken for the thread too, for clients show them there and say so.

Source: client-server API, "Receipts", "Read and unread markers".
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.errors import invalid_param
from privity.matrix.ids import EventId, RoomId, UserId
from privity.rooms.sight import must_be_joined
from privity.store import account_data, events, receipts, relations
from privity.store.account_data import Item
from privity.store.engine import Tx, WriteTx
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
    """Move them all, in one transaction.

    Errors: 403 M_FORBIDDEN for who is not in the room; 400 M_INVALID_PARAM for an event that is not
    in the room or not in the thread, and for the thread of a marker.
    """
    await must_be_joined(house, user_id, room_id)
    house.keep_pace(pace.READ, user_id)
    now_ms = house.clock.now_ms()

    def look(tx: Tx) -> list[Receipt]:
        return [
            Receipt(
                room_id,
                user_id,
                reading.type,
                reading.thread_id,
                reading.event_id,
                _position(tx, room_id, reading),
                now_ms,
            )
            for reading in readings
        ]

    def job(tx: WriteTx) -> None:
        for receipt in found:
            if receipt.type == FULLY_READ:
                _move_marker(tx, receipt)
            else:
                receipts.move(tx, receipt)

    found = await house.store.read(look)
    await house.store.write(job)


def _position(tx: Tx, room_id: RoomId, reading: Reading) -> int:
    pos = events.position(tx, room_id, reading.event_id)
    if pos is None:
        raise invalid_param("There is no such event in this room.")
    if reading.thread_id:  # 2
        if reading.type == FULLY_READ:
            raise invalid_param("The read marker is of no thread.")
        if not relations.is_in_thread(tx, reading.event_id, reading.thread_id):
            raise invalid_param("The event is not in this thread.")
    return pos


def _move_marker(tx: WriteTx, marker: Receipt) -> None:
    known = account_data.get(tx, marker.user_id, marker.room_id, FULLY_READ)
    if known is not None:  # 3
        known_pos = events.position(tx, marker.room_id, orjson.loads(known)["event_id"])
        if known_pos is not None and known_pos >= marker.event_pos:
            return
    content = encode({"event_id": marker.event_id})
    account_data.put(tx, marker.user_id, marker.room_id, Item(FULLY_READ, content))
