"""`privity serve`: run the homeserver until SIGTERM or SIGINT, then drain and stop within 5 s."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any, Protocol

import uvicorn
import uvloop

from privity.cli.command import Command, Failed, OpenHouse, add_data_dir, command_line, config_of
from privity.config import BadConfig, Config
from privity.follow.expiry import keep_expiring
from privity.follow.last_seen import keep_writing_last_seen, write_last_seen
from privity.house import House
from privity.log import log
from privity.store import accounts

DRAIN_S = 3
MOST_CONNECTIONS_WAITING = 4096

Message = MutableMapping[str, Any]


class App(Protocol):
    """What is served: an ASGI application that can let its waiting requests go."""

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        ...

    def drain(self) -> None:
        """Answer whoever waits; nobody waits from now on."""
        ...


def command(open_house: OpenHouse, build_app: Callable[[House], App]) -> Command:
    """The command over the composition's ways to open a house and to build its doors."""

    def work(arguments: argparse.Namespace) -> int:
        config = config_of(arguments)
        uvloop.run(_serve(config, open_house, build_app))
        return 0

    return Command("serve", "run the homeserver", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_dir(parser)
    parser.add_argument("--listen", help="address:port, default 127.0.0.1:8008")
    parser.add_argument("--server-name", help="the name in user ids; fixed by the first start")


class _Server(uvicorn.Server):
    """Says that it is ready, and lets waiting requests go before it stops."""

    def __init__(
        self, config: uvicorn.Config, ready_line: str, what_next: str, drain: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready_line = ready_line
        self._what_next = what_next
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(self._ready_line, flush=True)
            if self._what_next:
                print(self._what_next, file=sys.stderr, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - of signals
        """SIGTERM or SIGINT: drain; a second SIGINT: at once.

        Uvicorn's own raises the signal again after the drain, which would end the process before
        the database is closed.
        """
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain()
        await super().shutdown(sockets)


async def _serve(config: Config, open_house: OpenHouse, build_app: Callable[[House], App]) -> None:
    host, _, port = config.listen.rpartition(":")
    if not host or not port.isdecimal():
        message = f"cannot listen on {config.listen!r}. Try: privity serve --listen 127.0.0.1:8008"
        raise Failed(message)
    proxies = _proxies(config)
    for name in config.weakened_by():
        log.warning("UNSAFE", key=name, because="this server is weaker than it should be")
    async with open_house(config) as house:
        app = build_app(house)
        ready_line = (
            f"privity: ready at http://{config.listen} as {house.server_name},"
            f" {house.store.engine.describe()}"
        )
        server = _Server(
            uvicorn.Config(
                app,
                host=host.strip("[]"),
                port=int(port),
                loop="none",
                http="httptools",
                ws="none",
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,
                server_header=False,
                date_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                backlog=MOST_CONNECTIONS_WAITING,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=DRAIN_S,
            ),
            ready_line,
            await _what_next(house),
            app.drain,
        )
        working = [
            asyncio.create_task(keep_expiring(house)),
            asyncio.create_task(keep_writing_last_seen(house)),
        ]
        await server.serve()
        for task in working:
            task.cancel()
        await write_last_seen(house)


def _proxies(config: Config) -> list[str]:
    """Whose word on a client's address is believed. Everybody's (`*`) is nobody's."""
    named = [name.strip() for name in config.trusted_proxies.split(",") if name.strip()]
    try:
        return [str(ipaddress.ip_network(name)) for name in named]
    except ValueError as error:
        raise BadConfig(
            f"'trusted_proxies' takes addresses and networks: {error}."
            ' Write: trusted_proxies = "127.0.0.1"'
        ) from error


async def _what_next(house: House) -> str:
    """What an operator does with a server that nobody can log in to yet; else nothing."""
    if house.config.unsafe_open_registration or await house.store.read(accounts.is_anybody):
        return ""
    return (
        "privity: nobody has an account yet. Invite the first person, who may do everything:\n"
        f"    {command_line('invite ADDRESS --admin', house.config)}"
    )
