"""The homeservers that are measured: one file each, started the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bench.process import ServerProcess

NAME = "bench.test"


class Homeserver(Protocol):
    """A homeserver with a data folder of its own, which survives `start`, kill and `start`."""

    name: str
    """As in `--servers`."""
    port: int
    """Of loopback, where it listens."""
    database: str
    """`sqlite` or `postgresql`."""
    idle_clients: tuple[int, ...]
    """How many clients wait in the road of idle ones: as many as its set-up has time for."""
    audiences: tuple[int, ...]
    """To how many members is delivered: as many as its set-up has time for."""

    log: Path
    """What it wrote, for the case that it fails."""

    def version(self) -> str:
        """Its version, and what it runs on."""
        ...

    def start(self, *, wait: bool = True) -> ServerProcess:
        """Start it. Unless told otherwise, wait until it takes connections."""
        ...

    def close(self) -> None:
        """Give back what was started beside it."""
        ...


class Server(Protocol):
    """How a server's file is called: with the folder for its data, made and empty."""

    def __call__(self, folder: Path, database: str) -> Homeserver:
        """Prepare what has to be there before the first start."""
        ...
