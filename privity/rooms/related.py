"""What relates to an event, and the threads of a room: pages of both.

Source: client-server API, "Relationships API" and "Querying threads in a room".
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from privity.house import House
from privity.matrix import redaction
from privity.matrix.canonical_json import encode
from privity.matrix.events import Event
from privity.matrix.ids import EventId, RoomId
from privity.rooms.as_seen import Viewer
from privity.rooms.bundle import bundles, ignored_by
from privity.rooms.place import head_of
from privity.rooms.read import Page, visible
from privity.rooms.sight import sight_of
from privity.store import events, relations
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head

RECURSION_DEPTH = 3


@dataclass(frozen=True, slots=True)
class RelationsWanted:
    """`GET /relations/...`: of which event, of which kinds, which page."""

    parent: EventId
    rel_type: str | None
    type: str | None
    start: int | None
    stop: int | None
    is_forward: bool
    limit: int
    depth: int = 1


async def relations_of(
    house: House, viewer: Viewer, room_id: RoomId, wanted: RelationsWanted
) -> Page:
    """One page of the events that relate to an event. 404 if that is not for their eyes."""
    head = await head_of(house, room_id)
    upto = house.store.pos

    def job(tx: Tx) -> Page:
        sight = sight_of(tx, head, viewer.user_id, upto)
        visible(tx, sight, room_id, wanted.parent)
        forward = wanted.is_forward
        start = wanted.start if wanted.start is not None else (0 if forward else sight.upto)
        stop = wanted.stop if wanted.stop is not None else (sight.upto if forward else 0)
        above, below = (start, min(stop, sight.upto)) if forward else (stop, min(start, sight.upto))
        found = relations.page(
            tx,
            relations.Wanted(
                room_id,
                wanted.parent,
                wanted.rel_type,
                wanted.type,
                above,
                below,
                wanted.limit + 1,
                forward,
                wanted.depth,
            ),
        )
        chunk = [placed for placed in found[: wanted.limit] if sight.sees(placed)]
        last = found[: wanted.limit][-1].pos if found else start
        end = (last if forward else last - 1) if len(found) > wanted.limit else None
        return Page(chunk, start, end, sight, bundles(tx, chunk, viewer, sight))

    return await house.store.read(job)


@dataclass(frozen=True, slots=True)
class ThreadsWanted:
    """`GET /threads`: only those that the viewer took part in, from where, how many."""

    only_own: bool
    start: int | None
    limit: int


async def threads_of(house: House, viewer: Viewer, room_id: RoomId, wanted: ThreadsWanted) -> Page:
    """The events that threads begin at, the thread with the newest event first."""
    head = await head_of(house, room_id)
    upto = house.store.pos
    own = viewer.user_id if wanted.only_own else None

    def job(tx: Tx) -> Page:
        sight = sight_of(tx, head, viewer.user_id, upto)
        last = sight.present_upto
        start = last if wanted.start is None else min(wanted.start, last)
        roots = relations.roots(tx, room_id, last, start, wanted.limit + 1, own)
        known = events.by_ids(tx, [root.event_id for root in roots[: wanted.limit]])
        seen = [
            known[root.event_id]
            for root in roots[: wanted.limit]
            if root.event_id in known and sight.sees(known[root.event_id])
        ]
        end = roots[wanted.limit - 1].newest_pos - 1 if len(roots) > wanted.limit else None
        told = bundles(tx, seen, viewer, sight)
        ignored = ignored_by(tx, viewer.user_id)
        chunk = [_emptied(p, head) if p.event.sender in ignored else p for p in seen]
        return Page(chunk, start, end, sight, told)

    return await house.store.read(job)


def _emptied(placed: Placed, head: Head) -> Placed:
    """An event of somebody whom the viewer ignores: that it is there, and no more."""
    event = placed.event
    left = encode(redaction.redact(orjson.loads(event.pdu), head.version))
    return Placed(placed.pos, Event.restore(event.event_id, event.room_id, left))
