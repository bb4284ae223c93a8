"""A PostgreSQL for one measured server: durable, on the server's core, its CPU time counted.

It waits for the disk at each commit, as it comes. Nothing is tuned but the memory that both peers
get alike.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from bench.process import NotReady, ServerProcess

BINARIES = Path("/usr/lib/postgresql/15/bin")
USER = "bench"
MOST_START_S = 30.0
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "max_wal_senders": "0",
    "shared_buffers": "512MB",
    "wal_level": "minimal",
}


class Postgres:
    """A running PostgreSQL with one empty database, in a folder of its own until `stop`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="privity-bench-pg-"))
        as_user: list[str] = []
        if os.geteuid() == 0:  # whom PostgreSQL refuses
            shutil.chown(self.folder, "nobody")
            as_user = ["runuser", "-u", "nobody", "--"]
        data = str(self.folder / "data")
        made = [*as_user, str(BINARIES / "initdb"), "-D", data, "-U", USER]
        made += ["--locale=C", "--encoding=UTF8", "--auth=trust"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        command = [*as_user, str(BINARIES / "postgres"), "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._logs = Path(tempfile.mkdtemp(prefix="privity-bench-log-"))
        self.process = ServerProcess(command, self._logs / "postgres", cwd=Path("/"))
        self._create()

    def address(self) -> str:
        """As libpq takes it."""
        return f"postgresql:///{USER}?host={self.folder}&user={USER}"

    def version(self) -> str:
        """Of the server."""
        with psycopg.connect(self.address()) as connection:
            number = connection.info.server_version
        return f"PostgreSQL {number // 10000}.{number % 10000}"

    def stop(self) -> None:
        """End it and throw its data away."""
        self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._logs, ignore_errors=True)

    def _create(self) -> None:
        until = time.monotonic() + MOST_START_S
        while True:
            self.process.check_running()
            try:
                there = f"postgresql:///postgres?host={self.folder}&user={USER}"
                with psycopg.connect(there, autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {USER}".encode())
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise NotReady(str(error)) from error
                time.sleep(0.05)
            else:
                return
