"""A process of a cluster says every few seconds that it is there: `privity doctor` reads it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import suppress
from dataclasses import replace

import privity
from privity.house import House
from privity.log import log
from privity.store import processes
from privity.store.engine import DatabaseAway
from privity.store.processes import Process

EVERY_S = 10
FORGOTTEN_AFTER_MS = 24 * 3600 * 1000


def this_process(house: House) -> Process:
    """What this process says of itself."""
    return Process(
        process_id=secrets.token_hex(8),
        host=socket.gethostname(),
        listen=house.config.listen,
        version=privity.__version__,
        bus=house.store.bus.describe(),
        started_ts=house.clock.now_ms(),
        seen_ts=house.clock.now_ms(),
    )


async def keep_noting(house: House) -> None:
    """Do so for as long as the server runs, if others may be there; in the end take it back."""
    if not house.store.has_company:
        return
    process = this_process(house)
    try:
        while True:
            try:
                await note(house, process)
            except DatabaseAway as error:
                log.warning("company.away", because=str(error))
            await asyncio.sleep(EVERY_S)
    finally:
        with suppress(DatabaseAway):
            await house.store.write(lambda tx: processes.stopped(tx, process.process_id))


async def note(house: House, process: Process) -> None:
    """Say it once, and forget those that were killed long ago."""
    now_ms, pos = house.clock.now_ms(), house.store.pos
    seen = replace(process, seen_ts=now_ms)
    await house.store.write(lambda tx: processes.note(tx, seen, pos))
    await house.store.write(lambda tx: processes.forget_old(tx, now_ms - FORGOTTEN_AFTER_MS))
