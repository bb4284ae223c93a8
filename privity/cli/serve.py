"""`privity serve`: run the homeserver until SIGTERM or SIGINT, then drain and stop within 5 s."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

from privity.cli import listening
from privity.cli.allocating import hand_out_sparingly, keep_giving_back
from privity.cli.collecting import keep_collecting
from privity.cli.command import Command, OpenHouse, add_data_dir, command_line, config_of
from privity.cli.listening import App, Beside, ClientApp, Doors
from privity.config import Config
from privity.follow.company import keep_noting
from privity.follow.due import keep_sending_due
from privity.follow.expiry import keep_expiring
from privity.follow.last_seen import keep_writing_last_seen, write_last_seen
from privity.follow.presence import keep_ending_presence
from privity.house import House
from privity.log import log
from privity.store import accounts

STOP_S = 2.0


@dataclass(frozen=True, slots=True)
class Built:
    """The doors, what builds the metrics' page, what cleans up, and what sends things elsewhere."""

    app: ClientApp
    metrics: Callable[[], App]
    clean: Callable[[], Coroutine[Any, Any, None]]
    push: Callable[[], Coroutine[Any, Any, None]]
    feed: Sequence[Callable[[], Coroutine[Any, Any, None]]]


Build = Callable[[House], Built]


def command(open_house: OpenHouse, build: Build) -> Command:
    """The command over the composition's ways to open a house and to build its doors."""

    def work(arguments: argparse.Namespace) -> int:
        config = config_of(arguments)
        hand_out_sparingly()
        uvloop.run(_serve(config, open_house, build))
        return 0

    return Command("serve", "run the homeserver", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_dir(parser)
    parser.add_argument("--listen", help="address:port, default 127.0.0.1:8008")
    parser.add_argument("--nats", dest="nats_url", help="nats://... to wake other processes")
    parser.add_argument("--server-name", help="the name in user ids; fixed by the first start")


async def _serve(config: Config, open_house: OpenHouse, build: Build) -> None:
    listening.check(config)
    for name in config.weakened_by():
        log.warning("UNSAFE", key=name, because="this server is weaker than it should be")
    async with open_house(config) as house:
        built = build(house)
        ready_line = (
            f"privity: ready at http://{config.listen} as {house.server_name},"
            f" {house.store.engine.describe()}"
        )
        served = listening.of_clients(config, built.app)
        server = Doors(served, ready_line, await _what_next(house), built.app.drain)
        working = [
            asyncio.create_task(keep_collecting()),
            asyncio.create_task(keep_giving_back()),
            asyncio.create_task(built.clean()),
            asyncio.create_task(keep_expiring(house)),
            asyncio.create_task(keep_noting(house)),
            asyncio.create_task(keep_ending_presence(house)),
            asyncio.create_task(keep_sending_due(house)),
            asyncio.create_task(keep_writing_last_seen(house)),
            asyncio.create_task(built.push()),
            *(asyncio.create_task(feed()) for feed in built.feed),
        ]
        async with _metrics(config, built.metrics):
            await server.serve()
        for task in working:
            task.cancel()
        await asyncio.wait(working, timeout=STOP_S)
        await write_last_seen(house)


@asynccontextmanager
async def _metrics(config: Config, build: Callable[[], App]) -> AsyncIterator[None]:
    """Serve the metrics meanwhile, if they have a port."""
    if not config.metrics_listen:
        yield
        return
    opened = listening.metrics_socket(config)
    beside = Beside(listening.of_metrics(build()))
    serving = asyncio.create_task(beside.serve([opened]))
    yield
    beside.should_exit = True
    await serving


async def _what_next(house: House) -> str:
    """What an operator does with a server that nobody can log in to yet; else nothing."""
    if house.config.unsafe_open_registration or await house.store.read(accounts.is_anybody):
        return ""
    return (
        "privity: nobody has an account yet. Invite the first person, who may do everything:\n"
        f"    {command_line('invite ADDRESS --admin', house.config)}"
    )
