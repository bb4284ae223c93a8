"""Where `privity serve` listens: the doors of the clients, and the port of the metrics."""

from __future__ import annotations

import ipaddress
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

import uvicorn

from privity.cli.command import Failed
from privity.config import BadConfig, Config
from privity.guard.reach import bounds_of

DRAIN_S = 3
MOST_CONNECTIONS_WAITING = 4096

Message = MutableMapping[str, Any]


class App(Protocol):
    """An ASGI application."""

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        ...


class ClientApp(App, Protocol):
    """The application of the clients, which can let its waiting requests go."""

    def drain(self) -> None:
        """Answer whoever waits; nobody waits from now on."""
        ...


class Doors(uvicorn.Server):
    """Says that it is ready, and lets waiting requests go before it stops."""

    def __init__(
        self, config: uvicorn.Config, ready_line: str, what_next: str, drain: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready_line = ready_line
        self._what_next = what_next
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
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
        """Let go who waits, then close."""
        self._drain()
        await super().shutdown(sockets)


class Beside(uvicorn.Server):
    """A second server in the process of the first, which alone hears the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the doors'."""
        yield


def of_clients(config: Config, app: App) -> uvicorn.Config:
    """How the doors are served."""
    proxies = _proxies(config)
    host, port = _address(config.listen)
    return uvicorn.Config(
        app,
        host=host,
        port=port,
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
    )


def of_metrics(app: App) -> uvicorn.Config:
    """How the metrics are served; the socket is opened before."""
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def metrics_socket(config: Config) -> socket.socket:
    """The metrics' socket, open. Raises `BadConfig` off loopback, `Failed` if the port is taken."""
    host, port = _address(config.metrics_listen)
    if not _is_loopback(host):
        raise BadConfig(
            "'metrics_listen' takes a loopback address: whoever reaches the metrics reads them."
            ' Write: metrics_listen = "127.0.0.1:9108"'
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        message = f"metrics_listen = {config.metrics_listen!r}: {error.strerror}."
        raise Failed(message) from error


def check(config: Config) -> None:
    """Raise `BadConfig` or `Failed` for an address that cannot be."""
    _address(config.listen)
    _proxies(config)
    _gateways(config)


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        message = f"cannot listen on {listen!r}. Try: privity serve --listen 127.0.0.1:8008"
        raise Failed(message)
    return host.strip("[]"), int(port)


def _gateways(config: Config) -> None:
    try:
        bounds_of(config.push_gateways, anywhere=False)
    except ValueError as error:
        raise BadConfig(
            f"'push_gateways': {error}. Write: push_gateways = \"push.example.org\""
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
