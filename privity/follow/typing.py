"""Hears who types at another process of the cluster.

1. It is believed as far as the typist could have said it here: texts for ids, and never longer than
   one may type without saying so again.
2. Whoever is told of it is asked again by sync whether they share the room.
"""

from __future__ import annotations

from typing import Any

from privity.house import House
from privity.matrix.ids import RoomId, UserId
from privity.rooms.typing import LONGEST_MS
from privity.store.typing import TYPING, TypingChanged


def hear_typing(house: House) -> None:
    """From now on."""

    def hear(said: dict[str, Any]) -> None:
        room_id, user_id, until_ms = said["room_id"], said["user_id"], said["until_ms"]
        if not (isinstance(room_id, str) and isinstance(user_id, str)):
            raise TypeError("ids are texts")
        head = house.store.heads.peek(RoomId(room_id))
        if head is not None and user_id not in head.joined:
            return
        now_ms = house.clock.now_ms()
        until_ms = min(int(until_ms), now_ms + LONGEST_MS)  # 1
        if house.store.typing.set(RoomId(room_id), UserId(user_id), until_ms, now_ms):
            house.store.tell_typing([TypingChanged(RoomId(room_id))])

    house.store.shouts.listen(TYPING, hear)
