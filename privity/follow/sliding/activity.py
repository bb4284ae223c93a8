"""When something last happened in each room: what a client's list is ordered by.

Kept in memory for the rooms in use, moved by the stream, read once for the others.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from privity.house import House
from privity.matrix.ids import RoomId
from privity.store import activity
from privity.store.activity import Active
from privity.store.streams import Entry, EventAdded
from privity.store.typing import TypingChanged

MOST_KEPT = 50_000


class Activity:
    """The newest events of rooms."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._active: OrderedDict[RoomId, Active] = OrderedDict()
        self._loading = 0
        self._since_load: list[EventAdded] = []

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Move the rooms that are known."""
        del pos
        for entry in entries:
            if isinstance(entry, EventAdded):
                if self._loading:
                    self._since_load.append(entry)
                self._move(entry)

    async def of(self, room_ids: Sequence[RoomId]) -> dict[RoomId, Active]:
        """How active these rooms are. Those that do not exist are not in the answer."""
        missing = [room_id for room_id in room_ids if room_id not in self._active]
        if missing:
            await self._load(missing)
        return {room_id: self._active[room_id] for room_id in room_ids if room_id in self._active}

    async def _load(self, room_ids: list[RoomId]) -> None:
        self._loading += 1
        try:
            found = await self._house.store.read(lambda tx: activity.of_rooms(tx, room_ids))
            self._active.update(found)
            for entry in self._since_load:
                self._move(entry)
        finally:
            self._loading -= 1
            if not self._loading:
                self._since_load.clear()
        while len(self._active) > MOST_KEPT:
            self._active.popitem(last=False)

    def _move(self, entry: EventAdded) -> None:
        event = entry.placed.event
        known = self._active.get(event.room_id)
        if known is not None and entry.pos > known.pos:
            bump = entry.pos if event.type in activity.BUMPS else known.bump
            encrypts = event.type == "m.room.encryption" and event.state_key is not None
            is_encrypted = known.is_encrypted or encrypts
            self._active[event.room_id] = Active(entry.pos, bump, known.kind, is_encrypted)
