"""What ends by itself of being here, and what other processes say of it.

1. Who has not been seen for half a minute, and waits for nothing, is offline.
2. Who is online and has done nothing for five minutes is idle; for one, not active just now.
3. Another process is believed that somebody was seen, but not that it was in the future.

Any process may come to write these ends; who is second finds that it is so already.
Source: client-server API, "Presence", "Idle timeout" and "Last active ago".
"""

from __future__ import annotations

import asyncio
from typing import Any

from privity.house import House
from privity.log import log
from privity.matrix.ids import UserId
from privity.rooms.presence import show
from privity.store.engine import DatabaseAway
from privity.store.presence import HERE, IDLE, OFFLINE, ONLINE
from privity.store.streams import PresenceSet

OFFLINE_AFTER_MS = 30_000
IDLE_AFTER_MS = 5 * 60_000
INACTIVE_AFTER_MS = 60_000
EVERY_S = 5.0
AT_ONCE = 100


def _ended(house: House, entry: PresenceSet, now_ms: int) -> PresenceSet | None:
    """What is to be shown of somebody from now on, if it is something else."""
    presences = house.store.presence
    user_id, active_ms = entry.user_id, presences.active_ms(entry)
    if now_ms - presences.seen_ms(user_id, now_ms) > OFFLINE_AFTER_MS:  # 1
        return PresenceSet(0, active_ms, user_id, OFFLINE, None, "")
    if entry.state == ONLINE and now_ms - active_ms > IDLE_AFTER_MS:  # 2
        return PresenceSet(0, active_ms, user_id, IDLE, None, "")
    if entry.activity and now_ms - active_ms > INACTIVE_AFTER_MS:
        return PresenceSet(0, active_ms, user_id, entry.state, None, "")
    return None


async def end_presence(house: House) -> None:
    """End what is over by now."""
    now_ms = house.clock.now_ms()
    ended = [_ended(house, entry, now_ms) for entry in house.store.presence.all()]
    due = [entry for entry in ended if entry is not None]
    for start in range(0, len(due), AT_ONCE):
        await show(house, due[start : start + AT_ONCE], keeps_status=True)


async def keep_ending_presence(house: House) -> None:
    """Do so for as long as the server runs, if presence is on."""
    while house.config.presence:
        await asyncio.sleep(EVERY_S)
        try:
            await end_presence(house)
        except DatabaseAway as error:  # in five seconds again
            log.warning("database.away", because=str(error))


def hear_who_is_here(house: House) -> None:
    """Hear it from other processes from now on."""

    def hear(said: dict[str, Any]) -> None:  # 3
        user_id, now_ms = said["user_id"], house.clock.now_ms()
        if not isinstance(user_id, str):
            raise TypeError("ids are texts")
        seen_ms, active_ms = min(int(said["seen_ms"]), now_ms), min(int(said["active_ms"]), now_ms)
        if house.store.presence.of(UserId(user_id)) is not None:
            house.store.presence.see(UserId(user_id), seen_ms, active_ms)

    house.store.shouts.listen(HERE, hear)
