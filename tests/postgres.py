"""A PostgreSQL of the tests' own: thrown away afterwards, on a Unix socket that only they know.

It runs as the user of the tests, or as `nobody` when that is root, whom PostgreSQL refuses. Its
data need not survive a crash of the machine, so it does not wait for the disk.
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

_MEMORY = Path("/dev/shm")  # noqa: S108 - faster than a disk, if it is there
_FOLDER = _MEMORY if _MEMORY.is_dir() else None
BINARIES = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class Cluster:
    """A running PostgreSQL server with no database of ours yet."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="privity-pg-", dir=_FOLDER))
        self._as_user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        self._numbers = count(1)
        if self._as_user:
            shutil.chown(self._folder, "nobody")

    def __enter__(self) -> Self:
        data = str(self._folder / "data")
        options = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=privity"]
        self._run("initdb", "-D", data, *options, "--no-sync")
        settings = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        socket = f"-c unix_socket_directories='{self._folder}' {settings}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", socket, "start")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"privity_{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql:///{name}?host={self._folder}&user=privity"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as_user, str(BINARIES / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )


def is_installed() -> bool:
    """Whether this machine has the server."""
    return (BINARIES / "initdb").exists()
