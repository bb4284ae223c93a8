"""Privity from this checkout, opened for the load by its `unsafe_` keys."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import privity
from bench.environment import ROOT
from bench.process import ServerProcess, free_port, wait_for_port
from bench.servers import NAME
from bench.servers.postgres import Postgres

MOST_START_S = 20.0
CONFIG = """\
unsafe_open_registration = true
unsafe_no_rate_limits = true
unsafe_allow_plaintext = true
unsafe_fast_password_hash = true
"""


class Privity:
    """Ours."""

    name = "privity"
    idle_clients: tuple[int, ...] = (100, 500, 1000, 5000, 10_000)

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self.port = free_port()
        self.log = folder / "log"
        self.audiences: tuple[int, ...] = (10, 50, 100, 1000) if database == "sqlite" else (10, 100)
        self._postgres = Postgres() if database == "postgresql" else None
        self._folder = folder
        self._config = folder / "config.toml"
        self._config.write_text(CONFIG, "utf-8")

    def version(self) -> str:
        """Its version, and what it runs on."""
        python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        database = f"SQLite {sqlite3.sqlite_version}"
        if self._postgres is not None:
            database = self._postgres.version()
        return f"{privity.__version__}, {python}, {database}"

    def start(self, *, wait: bool = True) -> ServerProcess:
        """Start it. Unless told otherwise, wait until it takes connections."""
        return self.start_at(self.port, wait=wait)

    def start_at(self, port: int, *, wait: bool = True) -> ServerProcess:
        """Start a process of it that listens on `port`: the first, or one more."""
        command: list[str | Path] = [sys.executable, "-m", "privity", "serve"]
        command += ["--data-dir", self._folder / "data", "--config", self._config]
        command += ["--listen", f"127.0.0.1:{port}", "--server-name", NAME]
        if self._postgres is not None:
            command += ["--database", self._postgres.address()]
        process = ServerProcess(command, self.log, cwd=ROOT)
        if self._postgres is not None:
            process.counted.append(self._postgres.process)
        if wait:
            wait_for_port(port, process, MOST_START_S)
        return process

    def close(self) -> None:
        """Give back the database."""
        if self._postgres is not None:
            self._postgres.stop()
