"""A room's summary in a sync: how many are in it, and whose names may stand for its own (heroes).

1. Heroes are the first five others who are in the room or invited, by when they came to stand so;
   if there is nobody, the first five of those who left or were banned. A room with a name or an
   alias of its own has none.
2. A summary is told when it may have changed: somebody's membership, the name, the alias.

It is counted once for each state of a room, and shared by all who are told.
Source: client-server API, "GET /sync", RoomSummary.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from privity.matrix.ids import RoomId, UserId
from privity.store.events import Placed
from privity.store.heads import Head

HEROES = 5
MOST_KEPT = 1000
_SUMMED = frozenset({"m.room.member", "m.room.name", "m.room.canonical_alias"})


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many are in a room, and the first of them: one more than is told to any of them."""

    pos: int
    joined: int
    invited: int
    here: tuple[UserId, ...]
    gone: tuple[UserId, ...]


def moves_summary(placed: Placed) -> bool:  # 2
    """Whether a room's summary may be another after this event."""
    return placed.event.state_key is not None and placed.event.type in _SUMMED


class Summaries:
    """The headcounts of rooms, as of their heads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[RoomId, Headcount] = OrderedDict()

    def of(self, head: Head, user_id: UserId) -> dict[str, Any]:
        """The summary of a room, for one who is in it."""
        count = self._kept.get(head.room_id)
        if count is None or count.pos != head.pos:
            count = self._kept[head.room_id] = _counted(head)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        summary: dict[str, Any] = {
            "m.joined_member_count": count.joined,
            "m.invited_member_count": count.invited,
        }
        if not _is_named(head):
            summary["m.heroes"] = heroes(count, user_id)
        return summary


def heroes(count: Headcount, user_id: UserId) -> list[UserId]:  # 1
    """The others whose names may stand for the room's."""
    here = [other for other in count.here if other != user_id]
    return (here or [other for other in count.gone if other != user_id])[:HEROES]


def _counted(head: Head) -> Headcount:
    here: list[tuple[int, UserId]] = []
    gone: list[tuple[int, UserId]] = []
    invited = 0
    for (kind, key), placed in head.state.items():
        if kind != "m.room.member":
            continue
        membership = placed.event.content.get("membership")
        invited += membership == "invite"
        if membership in {"join", "invite"}:
            here.append((placed.pos, UserId(key)))
        elif membership in {"leave", "ban"}:
            gone.append((placed.pos, UserId(key)))
    return Headcount(head.pos, len(head.joined), invited, _first(here), _first(gone))


def _first(members: list[tuple[int, UserId]]) -> tuple[UserId, ...]:
    return tuple(user_id for _, user_id in nsmallest(HEROES + 1, members))


def _is_named(head: Head) -> bool:
    for kind, member in (("m.room.name", "name"), ("m.room.canonical_alias", "alias")):
        placed = head.state.get((kind, ""))
        if placed is not None and placed.event.content.get(member):
            return True
    return False
