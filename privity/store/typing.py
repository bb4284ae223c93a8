"""Who is typing where: kept in memory only, and gone with the process.

The serial of a change is the time, in milliseconds, or one more than the last: so a token of one
process means about the same to another, and to the same one after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from privity.matrix.ids import RoomId, UserId

TYPING = "typing"
"""The kind of aside by which the processes tell one another."""


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Somebody began or stopped to type. Has no position of its own in the stream."""

    room_id: RoomId


@dataclass(slots=True)
class _Room:
    serial: int = 0
    until_ms: dict[UserId, int] = field(default_factory=dict)


class Typing:
    """The rooms in which somebody typed. `serial` counts every change, for sync tokens."""

    def __init__(self) -> None:
        self.serial = 0
        self._rooms: dict[RoomId, _Room] = {}

    def set(self, room_id: RoomId, user_id: UserId, until_ms: int, now_ms: int) -> bool:
        """`user_id` types until `until_ms` (0: has stopped). True if who is typing changed."""
        room = self._rooms.setdefault(room_id, _Room())
        was = room.until_ms.get(user_id, 0) > now_ms
        if until_ms > now_ms:
            room.until_ms[user_id] = until_ms
        else:
            room.until_ms.pop(user_id, None)
        if was == (until_ms > now_ms):
            return False
        self._changed(room, now_ms)
        return True

    def expire(self, now_ms: int) -> list[RoomId]:
        """Forget who has stopped; the rooms where that changed anything."""
        changed = []
        for room_id, room in self._rooms.items():
            over = [user_id for user_id, until in room.until_ms.items() if until <= now_ms]
            for user_id in over:
                del room.until_ms[user_id]
            if over:
                self._changed(room, now_ms)
                changed.append(room_id)
        return changed

    def in_room(self, room_id: RoomId, since_serial: int) -> list[UserId] | None:
        """Who is typing, if that changed after `since_serial`; else None."""
        room = self._rooms.get(room_id)
        if room is None or room.serial <= since_serial:
            return None
        return list(room.until_ms)

    def changed_rooms(self, since_serial: int) -> list[RoomId]:
        """The rooms whose typists changed after `since_serial`."""
        if since_serial >= self.serial:
            return []
        return [room_id for room_id, room in self._rooms.items() if room.serial > since_serial]

    def _changed(self, room: _Room, now_ms: int) -> None:
        self.serial = max(self.serial + 1, now_ms)
        room.serial = self.serial
