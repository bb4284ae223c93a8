"""What other processes changed in the state of rooms, as far as an event under way may not know it.

1. An event is built by what this process knows: everything up to `seen`. Whenever the writer learns
   what state others changed, at the latest at the turn of the event's group, it notes that; and the
   event stands if that is none of what it relies on: the state that gave it its right, and the
   state that it takes the place of.
2. That others said something in the same room at the same time is no reason to build it again:
   then the room's history forks for a moment, and the next event names both ends.
3. What is noted is bounded: when it is too much it is forgotten, and every event that was built
   before that is built again.
"""

from __future__ import annotations

from collections.abc import Iterable

from privity.matrix.ids import RoomId

MOST_CHANGES = 50_000

StateKey = tuple[str, str]


class Elsewhere:
    """The changes, by room and key. Used in the writer's thread alone."""

    def __init__(self) -> None:
        self._newest = 0
        self._forgotten_upto = 0
        self._changes: dict[tuple[RoomId, str, str], int] = {}

    def note(self, room_id: RoomId, key: StateKey, pos: int) -> None:
        """Another process changed this piece of state. In the order of the stream, or again."""
        self._changes[room_id, *key] = max(pos, self._changes.get((room_id, *key), 0))
        self._newest = max(self._newest, pos)
        if len(self._changes) > MOST_CHANGES:
            self.forget(self._newest)

    def forget(self, upto: int) -> None:  # 3
        """What was built before `upto` is built again; of what came before nothing is known."""
        self._changes.clear()
        self._newest = self._forgotten_upto = upto

    def have_changed(self, room_id: RoomId, keys: Iterable[StateKey], seen: int) -> bool:
        """Whether one of these keys of the room may be another than it was at `seen`."""
        if seen >= self._newest:
            return False
        if seen < self._forgotten_upto:
            return True
        return any(self._changes.get((room_id, *key), 0) > seen for key in keys)
