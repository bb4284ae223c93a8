"""Which event of a room stands closest to a moment.

1. A room's events stand in the order in which this server took them, which is that of its clock: so
   the place of a moment is found by halving, in a few short reads whatever the room's length.
2. Of the events from there on, in the direction asked for, the first that the person may see.

SPEC: where a clock was set back, or a bridge gave events an earlier time, the closest by place is
answered, which need not be the closest by time. To have it exact would cost every event a column
and an index.

Source: client-server API, `GET /rooms/{roomId}/timestamp_to_event`.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.house import House
from privity.matrix.errors import not_found
from privity.matrix.ids import RoomId, UserId
from privity.rooms.place import head_of
from privity.rooms.sight import Sight, sight_of
from privity.store import events
from privity.store.engine import Tx
from privity.store.events import Placed

AT_ONCE = 50
MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in milliseconds, and where to look from there."""

    ts: int
    is_forward: bool


async def event_at(house: House, user_id: UserId, room_id: RoomId, moment: Moment) -> Placed:
    """The closest event at or after (or at or before) the moment. 404 if there is none."""
    head = await head_of(house, room_id)
    upto = house.store.pos

    def job(tx: Tx) -> Placed:
        sight = sight_of(tx, head, user_id, upto)
        found = _first_seen(tx, room_id, sight, _place_of(tx, room_id, sight, moment), moment)
        if found is None:
            raise not_found("There is no event on that side of this moment.")
        return found

    return await house.store.read(job)


def _place_of(tx: Tx, room_id: RoomId, sight: Sight, moment: Moment) -> int:  # 1
    """The position after which the events of at or after the moment begin.

    Backwards: up to which those of at or before it go.
    """
    low, high = 0, sight.upto
    while low < high:
        middle = (low + high) // 2
        after = events.oldest(tx, room_id, middle, sight.upto, 1)
        ts = after[0].event.origin_server_ts if after else None
        is_past = ts is None or ts > moment.ts or (moment.is_forward and ts == moment.ts)
        if is_past:
            high = middle
        else:
            low = after[0].pos
    return low


def _first_seen(
    tx: Tx, room_id: RoomId, sight: Sight, at: int, moment: Moment
) -> Placed | None:  # 2
    for _ in range(MOST_ROUNDS):
        if moment.is_forward:
            page = events.oldest(tx, room_id, at, sight.upto, AT_ONCE)
        else:
            page = events.newest(tx, room_id, 0, at, AT_ONCE)
        for placed in page:
            if sight.sees(placed):
                return placed
        if len(page) < AT_ONCE:
            return None
        at = page[-1].pos if moment.is_forward else page[-1].pos - 1
    return None
