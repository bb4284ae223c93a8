"""What ends by itself: typing that nobody renewed."""

from __future__ import annotations

import asyncio

from privity.house import House
from privity.store.typing import TypingChanged

EVERY_S = 1.0


def expire(house: House) -> None:
    """End what is over by now, and tell who follows."""
    changed = house.store.typing.expire(house.clock.now_ms())
    if changed:
        house.store.tell_typing([TypingChanged(room_id) for room_id in changed])


async def keep_expiring(house: House) -> None:
    """Do so for as long as the server runs."""
    while True:
        await asyncio.sleep(EVERY_S)
        expire(house)
