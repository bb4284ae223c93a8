"""Writes down, once a minute, when each device was last here."""

from __future__ import annotations

import asyncio

from privity.house import House
from privity.log import log
from privity.store import devices
from privity.store.engine import DatabaseAway, WriteTx
from privity.store.last_seen import Seen

EVERY_S = 60.0
AT_ONCE = 100


async def write_last_seen(house: House) -> None:
    """Write what was noted, in parts, so that nobody's message waits long behind it."""
    seen = house.store.last_seen.take()
    for start in range(0, len(seen), AT_ONCE):
        await _write(house, seen[start : start + AT_ONCE])


async def _write(house: House, part: list[Seen]) -> None:
    def job(tx: WriteTx) -> None:
        for one in part:
            devices.note_seen(tx, one.user_id, one.device_id, one.ts, one.address)

    try:
        await house.store.write(job)
    except DatabaseAway as error:  # the next minute notes them again
        log.warning("database.away", because=str(error))


async def keep_writing_last_seen(house: House) -> None:
    """Do so for as long as the server runs."""
    while True:
        await asyncio.sleep(EVERY_S)
        await write_last_seen(house)
