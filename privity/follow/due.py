"""Sends what was to be sent later, when its time has come."""

from __future__ import annotations

import asyncio

from privity.house import House
from privity.log import log
from privity.rooms.delay import send_due
from privity.store.engine import DatabaseAway

EVERY_S = 1.0


async def keep_sending_due(house: House) -> None:
    """Look every second for as long as the server runs. Every process does; one of them sends."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await send_due(house)
        except DatabaseAway as error:
            log.warning("delayed.waits", because=str(error))
        except Exception as error:  # noqa: BLE001 - else nothing would ever be sent again
            log.error("bug", kind=type(error).__name__, road="delayed")
