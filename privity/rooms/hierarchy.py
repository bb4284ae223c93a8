"""Walk a space: the rooms in it, and in the spaces in it, depth first.

1. The walk goes from the space into each child in the order of the children, and into a space's
   own children before the next sibling. A room comes once, so a loop ends.
2. A room that the person may not know of (`rooms.preview`) is left out, and nothing behind it is
   reached through it. Of it only its id is told, by the state of the space that names it.
3. A child is a room that a `m.space.child` names with a `via`; at most `MOST_CHILDREN` a space.
4. A page goes on where the last one ended: the walk is made again and the first part skipped. It
   ends after `MOST_ROOMS` rooms, whatever is behind them.

Source: client-server API, "Discovering rooms within spaces" and "Ordering of children".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.client_event import stripped
from privity.matrix.events import Event
from privity.matrix.ids import RoomId, UserId
from privity.rooms.place import not_in_room
from privity.rooms.preview import SPACE, may_preview, summary_of, type_of
from privity.store.heads import Head

MOST_ROOMS = 1000
MOST_CHILDREN = 200
LONGEST_ORDER = 50


@dataclass(frozen=True, slots=True)
class Walk:
    """Which part of which walk: `most_depth` 0 is the space alone, None as deep as it goes."""

    room_id: RoomId
    most_depth: int | None
    suggested_only: bool
    skip: int
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of rooms, and whether there are more."""

    rooms: list[dict[str, Any]]
    is_more: bool


async def walk(house: House, user_id: UserId, wanted: Walk) -> Found:
    """One page of the walk. 403 when the person may not know of the space itself."""
    house.keep_pace(pace.LOOK_AROUND, user_id)
    person = await house.store.people.get(user_id)
    heads = house.store.heads
    waiting = [(wanted.room_id, 0)]
    seen: set[RoomId] = set()
    count = 0
    page: list[dict[str, Any]] = []
    while waiting and count < MOST_ROOMS:
        room_id, depth = waiting.pop()
        if room_id in seen:
            continue
        seen.add(room_id)
        head = heads.peek(room_id) or await heads.get(room_id)
        if head is None or not may_preview(head, person):  # 2
            if depth == 0:
                raise not_in_room("a space that is none of theirs")
            continue
        children = _children(head, suggested_only=wanted.suggested_only)
        if count >= wanted.skip + wanted.limit:
            return Found(page, is_more=True)
        if count >= wanted.skip:
            page.append({**summary_of(head), "children_state": [_told(c) for c in children]})
        count += 1
        if wanted.most_depth is None or depth < wanted.most_depth:  # 1
            behind = [RoomId(child.state_key or "") for child in children]
            await heads.bring(behind)
            waiting += [(child_id, depth + 1) for child_id in reversed(behind)]
    return Found(page, is_more=False)


def _children(head: Head, *, suggested_only: bool) -> list[Event]:
    """The state that names a space's rooms, in their order."""
    if type_of(head) != SPACE:
        return []
    children = [
        placed.event
        for (kind, _), placed in head.state.items()
        if kind == "m.space.child" and _is_child(placed.event, suggested_only=suggested_only)
    ]
    return sorted(children, key=_order)[:MOST_CHILDREN]


def _is_child(event: Event, *, suggested_only: bool) -> bool:  # 3
    via = event.content.get("via")
    return (
        isinstance(via, list)
        and bool(via)
        and (event.state_key or "").startswith("!")
        and (not suggested_only or event.content.get("suggested") is True)
    )


def _order(event: Event) -> tuple[bool, str, int, str]:
    order = event.content.get("order")
    is_valid = (
        isinstance(order, str)
        and len(order) <= LONGEST_ORDER
        and all(" " <= letter <= "~" for letter in order)
    )
    named = str(order) if is_valid else ""
    return not is_valid, named, event.origin_server_ts, event.state_key or ""


def _told(child: Event) -> dict[str, Any]:
    return {**stripped(child), "origin_server_ts": child.origin_server_ts}
