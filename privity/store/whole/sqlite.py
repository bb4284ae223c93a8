"""A whole SQLite database: read in one snapshot, made beside its place and then moved to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from privity.store.engine import Param, Row
from privity.store.engine.migrate import MIGRATIONS_TABLE, migrations
from privity.store.engine.multi_row import insert_statements
from privity.store.engine.sqlite import bring_up, named_errors, open_connection
from privity.store.whole import Columns, NotEmpty

T = TypeVar("T")


class _Tables:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sqlite = connection

    def names(self) -> list[str]:
        found = self._sqlite.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
            " ESCAPE '!' ORDER BY name"
        )
        return [row[0] for row in found]

    def rows(self, table: str) -> tuple[Columns, Iterator[Row]]:
        cursor = self._sqlite.execute(f"SELECT * FROM {table}")
        return tuple(column[0] for column in cursor.description), iter(cursor)


class _Filling:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sqlite = connection

    def add(self, table: str, columns: Columns, rows: list[Sequence[Param]]) -> None:
        for sql, params in insert_statements(table, columns, rows):
            self._sqlite.execute(sql, params)


class WholeSqlite:
    """The database in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check_empty(self) -> None:
        """Raises `NotEmpty`: any file in its place is one too many."""
        if self._path.exists():
            raise NotEmpty(f"{self._path} is there already")

    def read(self, job: Callable[[_Tables], T]) -> T:
        """Run `job` over one snapshot. The write-ahead log grows as long as it lasts."""
        with closing(open_connection(self._path)) as connection, named_errors():
            connection.execute("BEGIN")
            return job(_Tables(connection))

    def make(self, numbers: Collection[int], job: Callable[[_Filling], None]) -> None:
        """Make it under another name: only what is whole, and on the disk, gets the right one."""
        self.check_empty()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        coming = self._path.with_name(f"{self._path.name}.restoring")
        _remove(coming)
        try:
            self._fill(coming, numbers, job)
            self.check_empty()
            coming.rename(self._path)
        except BaseException:
            _remove(coming)
            raise
        _make_durable(self._path.parent)

    def _fill(
        self, coming: Path, numbers: Collection[int], job: Callable[[_Filling], None]
    ) -> None:
        with closing(open_connection(coming)) as connection, named_errors():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(MIGRATIONS_TABLE)
            for migration in migrations():
                if migration.number in numbers:
                    bring_up(connection, migration)
            for table in _Tables(connection).names():
                if table != "migrations":
                    connection.execute(f"DELETE FROM {table}")  # what a migration put there
            job(_Filling(connection))
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
