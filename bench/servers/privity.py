"""Privity from this checkout, opened for the load by its `unsafe_` keys."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import privity
from bench.environment import ROOT
from bench.process import ServerProcess, free_port, wait_for_port
from bench.servers import NAME

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
    idle_clients = 1000

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._folder = folder
        self._config = folder / "config.toml"
        self._config.write_text(CONFIG, "utf-8")

    def version(self) -> str:
        """Its version, and what it runs on."""
        python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        return f"{privity.__version__}, {python}, SQLite {sqlite3.sqlite_version}"

    def start(self, *, wait: bool = True) -> ServerProcess:
        """Start it. Unless told otherwise, wait until it takes connections."""
        command: list[str | Path] = [sys.executable, "-m", "privity", "serve"]
        command += ["--data-dir", self._folder / "data", "--config", self._config]
        command += ["--listen", f"127.0.0.1:{self.port}", "--server-name", NAME]
        process = ServerProcess(command, self.log, cwd=ROOT)
        if wait:
            wait_for_port(self.port, process, MOST_START_S)
        return process
