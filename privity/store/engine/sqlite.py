"""The embedded engine: SQLite in WAL mode, one writing thread, a few reading ones.

`synchronous=FULL`: a commit is on the disk before anybody is told. A kill at any moment leaves
either the whole group or nothing of it, and WAL needs no repair.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from privity.store.engine import Conflict, DatabaseAway, News, Param, ReadJob, Row, WriteJob
from privity.store.engine.connection import STATE_CHANGES, Rows
from privity.store.engine.migrate import MIGRATIONS_TABLE, Migration, missing, statements
from privity.store.engine.multi_row import insert_statements
from privity.store.engine.writer import Writer

T = TypeVar("T")

READERS = 3
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA cache_size=-8192",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",  # what is redacted or removed is overwritten, not only let go
)


_KEY_IS_THERE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


@contextmanager
def named_errors() -> Iterator[None]:
    """What goes wrong inside is raised by the names that every engine has for it."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode in _KEY_IS_THERE:
            raise Conflict(str(error)) from error
        raise  # a bug of ours
    except (sqlite3.ProgrammingError, sqlite3.NotSupportedError, sqlite3.InternalError):
        raise  # a bug of ours
    except sqlite3.DatabaseError as error:  # out of reach, full, or damaged
        raise DatabaseAway(str(error)) from error


def open_connection(path: Path) -> sqlite3.Connection:
    """A connection with our settings. The file is made with mode 0600."""
    with named_errors():
        path.touch(mode=0o600)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection


def bring_up(connection: sqlite3.Connection, migration: Migration) -> None:
    """One step of the schema."""
    for statement in statements(migration.sql):
        connection.execute(statement)
    number_and_name = (migration.number, migration.name)
    connection.execute("INSERT INTO migrations (number, name) VALUES (?, ?)", number_and_name)


class SqliteConnection:
    """The `Connection` of the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._sqlite = open_connection(path)

    def begin(self, since: int) -> tuple[int, list[Row]]:
        """Take the write lock of the file, which is the cluster's turn here."""
        with named_errors():
            self._sqlite.execute("BEGIN IMMEDIATE")
            pos = self.clock()
            return pos, self.rows(STATE_CHANGES.format(since), ()) if pos != since else []

    def commit(self, pos: int, rows: Rows) -> None:
        """Write what is left to be written, commit, wait for the disk."""
        for (table, columns), several in rows.items():
            self.insert(table, columns, several)
        with named_errors():
            self._sqlite.execute("UPDATE clock SET pos = ?", (pos,))
            self._sqlite.execute("COMMIT")

    def rollback(self) -> None:
        """Give up the transaction."""
        if self._sqlite.in_transaction:
            self._sqlite.execute("ROLLBACK")

    def rows(self, sql: str, params: Sequence[Param]) -> list[Row]:
        """Run a statement and return its rows."""
        with named_errors():
            return self._sqlite.execute(sql, params).fetchall()

    def change(self, sql: str, params: Sequence[Param]) -> int:
        """Run a statement; the number of rows changed."""
        with named_errors():
            return self._sqlite.execute(sql, params).rowcount

    def insert(self, table: str, columns: tuple[str, ...], rows: list[Sequence[Param]]) -> None:
        """One statement for each power of two of rows, so that few shapes are prepared."""
        with named_errors():
            for sql, params in insert_statements(table, columns, rows):
                self._sqlite.execute(sql, params)

    def clock(self) -> int:
        """The clock's position."""
        with named_errors():
            pos: int = self._sqlite.execute("SELECT pos FROM clock").fetchone()[0]
            return pos

    def close(self) -> None:
        """Close the file."""
        self._sqlite.close()


class _ReadTx:
    """The `Tx` of one read: a snapshot for as long as the job runs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sqlite = connection

    def one(self, sql: str, *params: Param) -> Row | None:
        row: Row | None = self._sqlite.execute(sql, params).fetchone()
        return row

    def all(self, sql: str, *params: Param) -> list[Row]:
        return self._sqlite.execute(sql, params).fetchall()


class SqliteEngine:
    """The database in one file, of one process: what commands write beside it waits a moment."""

    def __init__(self, path: Path) -> None:
        self.is_shared = False
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="privity-reader")
        self._writer: Writer | None = None

    async def start(self, news: News) -> int:
        """Open, migrate, start the writer."""
        pos = await asyncio.get_running_loop().run_in_executor(self._readers, self._migrate)
        self._writer = Writer(lambda: SqliteConnection(self._path), news, pos)
        return pos

    async def stop(self) -> None:
        """Finish the queue and close."""
        if self._writer is not None:
            await self._writer.stop()
        self._readers.shutdown(wait=True)
        for connection in self._opened:
            connection.close()

    async def read(self, job: ReadJob[T]) -> T:
        """Run `job` in one read snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, job)

    async def write(self, job: WriteJob[T], undo: Callable[[], None] | None = None) -> T:
        """Run `job` in the next group."""
        if self._writer is None:
            message = "the engine is not started"
            raise DatabaseAway(message)
        result: T = await self._writer.submit(job, undo)
        return result

    async def catch_up(self) -> None:
        """Publish what other processes wrote until now."""
        if self._writer is not None:
            await self._writer.catch_up()

    def hint(self, pos: int) -> None:
        """The clock may be at `pos`."""
        if self._writer is not None:
            self._writer.hint(pos)

    def describe(self) -> str:
        """For people."""
        return f"SQLite {sqlite3.sqlite_version} in {self._path}"

    def _read(self, job: ReadJob[T]) -> T:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_connection(self._path)
            self._opened.append(connection)
        with named_errors():
            connection.execute("BEGIN")
            try:
                return job(_ReadTx(connection))
            finally:
                connection.execute("ROLLBACK")

    def _migrate(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.umask(0o077)
        with closing(open_connection(self._path)) as connection, named_errors():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(MIGRATIONS_TABLE)
            done = [row[0] for row in connection.execute("SELECT number FROM migrations")]
            for migration in missing(done):
                bring_up(connection, migration)
            connection.execute("COMMIT")
            pos: int = connection.execute("SELECT pos FROM clock").fetchone()[0]
            return pos
