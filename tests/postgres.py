"""A PostgreSQL of the tests' own: thrown away afterwards, on a Unix socket that only they know.

It runs as the user of the tests, or as `nobody` when that is root, whom PostgreSQL refuses. Its
data need not survive a crash of the machine, so it does not wait for the disk. Each database takes
8 MB, in memory if there is room: a test that is over gives its own back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Self

import psycopg

from privity.store.engine.postgres import migrate

MEMORY = Path("/dev/shm")  # noqa: S108 - faster than a disk, if it is there and has room
NEEDS_BYTES = 1 << 30
BINARIES = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
}


class NoServer(AssertionError):  # noqa: N818 - named for what happened
    """PostgreSQL did not start or stop. The text has what its log says."""


class Cluster:
    """A running PostgreSQL server with no database of ours yet."""

    def __init__(self) -> None:
        in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDS_BYTES
        place = MEMORY if in_memory else None
        self._folder = Path(tempfile.mkdtemp(prefix="privity-pg-", dir=place))
        self._as_user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        self._numbers = count(1)
        self._lent: list[str] = []
        self._template = ""
        if self._as_user:
            shutil.chown(self._folder, "nobody")

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def _start(self) -> None:
        data = str(self._folder / "data")
        options = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=privity"]
        self._run("initdb", "-D", data, *options, "--no-sync")
        settings = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        socket = f"-c unix_socket_directories='{self._folder}' {settings}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", socket, "start")

    def __exit__(self, *_: object) -> None:
        try:
            self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new, empty database."""
        return self._address(self._lend("template1"))

    def migrated(self) -> str:
        """The address of a new database that has our tables: a copy, sooner made than migrated."""
        if not self._template:
            self._template = self._create("template1")
            migrate(self._address(self._template))
        return self._address(self._lend(self._template))

    def take_back(self) -> None:
        """Drop the databases that were asked for since the last time."""
        lent, self._lent = self._lent, []
        for name in lent:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _lend(self, template: str) -> str:
        self._lent.append(self._create(template))
        return self._lent[-1]

    def _create(self, template: str) -> str:
        name = f"privity_{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _address(self, name: str) -> str:
        return f"postgresql:///{name}?host={self._folder}&user=privity"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(BINARIES / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        if done.returncode:
            log = self._folder / "log"
            told = log.read_text("utf-8", errors="replace") if log.exists() else "no log"
            raise NoServer(f"{program} ended with {done.returncode}: {told}")


def is_installed() -> bool:
    """Whether this machine has the server."""
    return (BINARIES / "initdb").exists()
