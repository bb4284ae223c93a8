"""A process of a cluster says every few seconds that it is there: `privity doctor` reads it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import suppress
from dataclasses import fields, replace

import orjson

import privity
from privity.config import Config
from privity.house import House
from privity.log import log
from privity.store import processes
from privity.store.engine import DatabaseAway, WriteTx
from privity.store.processes import Process

EVERY_S = 10
MISSED_AFTER_MS = 30_000
FORGOTTEN_AFTER_MS = 24 * 3600 * 1000
OF_EACH = {
    "server_name",
    "listen",
    "metrics_listen",
    "data_dir",
    "database",
    "nats_url",
    "trusted_proxies",
    "room_cache_events",
    "turn_shared_secret",
    "media_s3_credentials",
    "app_services",
}
"""What is not compared: the name is the database's, the bus is told by itself, secrets are nobody's
business; and addresses, files and memory are of each machine."""


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
        is_woken=house.store.bus.is_up,
        settings=_settings(house.config),
    )


def _settings(config: Config) -> str:
    names = {each.name for each in fields(config)} - OF_EACH
    return orjson.dumps({name: getattr(config, name) for name in sorted(names)}).decode()


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
            except Exception as error:  # noqa: BLE001 - else it would be missed for good
                log.error("bug", kind=type(error).__name__, road="company")
            await asyncio.sleep(EVERY_S)
    finally:
        with suppress(DatabaseAway):
            await house.store.write(lambda tx: processes.stopped(tx, process.process_id))


async def note(house: House, process: Process) -> None:
    """Say it once, and forget those that were killed: at once if this one is in their place."""
    now_ms, pos = house.clock.now_ms(), house.store.pos
    seen = replace(process, seen_ts=now_ms, is_woken=house.store.bus.is_up)

    def job(tx: WriteTx) -> None:
        processes.note(tx, seen, pos)
        processes.forget_replaced(tx, seen, now_ms - MISSED_AFTER_MS)
        processes.forget_old(tx, now_ms - FORGOTTEN_AFTER_MS)

    await house.store.write(job)
