"""Say that one is typing, or has stopped (client-server API, "Typing notifications").

Kept in memory only, and told to the other processes of the cluster. What nobody renews ends by
itself (`follow.expiry`).
"""

from __future__ import annotations

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import RoomId, UserId
from privity.rooms.sight import must_be_joined
from privity.store.typing import TYPING, TypingChanged

LONGEST_MS = 120_000
DEFAULT_MS = 30_000


async def set_typing(
    house: House, user_id: UserId, room_id: RoomId, *, is_typing: bool, timeout_ms: int
) -> None:
    """Typing for at most `timeout_ms` from now, or no more. 403 for who is not in the room."""
    await must_be_joined(house, user_id, room_id)
    house.keep_pace(pace.TYPE, user_id)
    now_ms = house.clock.now_ms()
    until_ms = now_ms + min(timeout_ms, LONGEST_MS) if is_typing else 0
    said = {"room_id": room_id, "user_id": user_id, "until_ms": until_ms}
    house.store.shouts.shout(TYPING, said)
    if house.store.typing.set(room_id, user_id, until_ms, now_ms):
        house.store.tell_typing([TypingChanged(room_id)])
