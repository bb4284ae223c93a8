"""What a person's list of rooms is sorted by that is theirs alone: direct chats, tags, removals.

Read once for each person, and thrown away when the stream says that it is others now.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.house import House
from privity.matrix.ids import RoomId, UserId
from privity.store import account_data, activity
from privity.store.engine import Tx
from privity.store.streams import AccountDataSet, Entry, EventAdded
from privity.store.typing import TypingChanged

DIRECT = "m.direct"
TAG = "m.tag"
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Marks:
    """The rooms that a person calls direct, their tags, and where others had them leave."""

    direct: frozenset[RoomId] = frozenset()
    tags: dict[RoomId, frozenset[str]] = field(default_factory=dict)
    removed_from: frozenset[RoomId] = frozenset()


class EveryonesMarks:
    """The marks of the people in use."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._marks: OrderedDict[UserId, Marks] = OrderedDict()
        self._reading: dict[UserId, object] = {}
        """Reads under way. One that the marks moved under is taken out."""

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Forget what is others now."""
        del pos
        for entry in entries:
            if isinstance(entry, AccountDataSet):
                if entry.type in (DIRECT, TAG):
                    self._forget(entry.user_id)
            elif isinstance(entry, EventAdded) and entry.placed.event.type == "m.room.member":
                self._forget(UserId(entry.placed.event.state_key or ""))

    async def of(self, user_id: UserId) -> Marks:
        """Somebody's marks, read if need be."""
        marks = self._marks.get(user_id)
        if marks is not None:
            return marks
        this_read = self._reading[user_id] = object()
        try:
            marks = await self._house.store.read(lambda tx: _read(tx, user_id))
        finally:
            is_sound = self._reading.get(user_id) is this_read
            if is_sound:
                del self._reading[user_id]
        if is_sound:
            self._marks[user_id] = marks
            if len(self._marks) > MOST_KEPT:
                self._marks.popitem(last=False)
        return marks

    def _forget(self, user_id: UserId) -> None:
        self._marks.pop(user_id, None)
        self._reading.pop(user_id, None)


def _read(tx: Tx, user_id: UserId) -> Marks:
    raw = account_data.get(tx, user_id, None, DIRECT)
    tags = account_data.in_every_room(tx, user_id, TAG)
    return Marks(
        _direct(orjson.loads(raw)) if raw else frozenset(),
        {room_id: _names(orjson.loads(content)) for room_id, content in tags},
        frozenset(activity.removed_from(tx, user_id)),
    )


def _direct(content: dict[str, Any]) -> frozenset[RoomId]:
    """The rooms in `m.direct`, which is what a client made of it."""
    lists = [rooms for rooms in content.values() if isinstance(rooms, list)]
    return frozenset(RoomId(room) for rooms in lists for room in rooms if isinstance(room, str))


def _names(content: dict[str, Any]) -> frozenset[str]:
    tags = content.get("tags")
    return frozenset(tags) if isinstance(tags, dict) else frozenset()
