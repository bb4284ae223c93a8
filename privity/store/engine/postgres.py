"""The engine for PostgreSQL 15 and later: psycopg, in threads, by the same contract as SQLite.

The group's transaction begins with the clock row's lock, which is the turn of the whole cluster:
processes write one after the other, and each sees in the clock whether others wrote in between.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import psycopg

from privity.store.engine import DatabaseAway, News, Param, ReadJob, Row, WriteJob
from privity.store.engine.dialect import translated, translated_schema
from privity.store.engine.migrate import MIGRATIONS_TABLE, Migration, missing, statements
from privity.store.engine.postgres_connection import (
    AWAY,
    LOOK_AT_CLOCK,
    Connection,
    PostgresConnection,
    connect,
    named_errors,
    position,
)
from privity.store.engine.writer import Writer

T = TypeVar("T")

READERS = 4
MIGRATION_LOCK = 7_072_697_469  # any number of our own, for pg_advisory_xact_lock
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def migrate(url: str) -> int:
    """Bring the tables of a database up to this version; the clock's position.

    Processes that start together do it one after the other.
    """
    with named_errors(), connect(url) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock($1)", (MIGRATION_LOCK,))
        connection.execute(translated_schema(MIGRATIONS_TABLE))
        done = connection.execute("SELECT number FROM migrations").fetchall()
        for migration in missing(row[0] for row in done):
            bring_up(connection, migration)
        connection.execute("COMMIT")
        return position(connection.execute(LOOK_AT_CLOCK).fetchone())


def bring_up(connection: Connection, migration: Migration) -> None:
    """One step of the schema."""
    for statement in statements(migration.sql):
        connection.execute(translated_schema(statement))
    number_and_name = (migration.number, migration.name)
    connection.execute("INSERT INTO migrations (number, name) VALUES ($1, $2)", number_and_name)


class _ReadTx:
    """The `Tx` of one read: a snapshot for as long as the job runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def one(self, sql: str, *params: Param) -> Row | None:
        return self._connection.execute(translated(sql), params).fetchone()

    def all(self, sql: str, *params: Param) -> list[Row]:
        return self._connection.execute(translated(sql), params).fetchall()


class PostgresEngine:
    """A database of a PostgreSQL server.

    With an `origin` each commit notifies whoever listens, and signs it so (see `store.bus`).
    """

    def __init__(self, url: str, origin: str = "") -> None:
        self.is_shared = True
        self._url = url
        self._origin = origin
        self._local = threading.local()
        self._opened: list[Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="privity-reader")
        self._writer: Writer | None = None

    async def start(self, news: News) -> int:
        """Connect, migrate, start the writer."""
        pos = await asyncio.get_running_loop().run_in_executor(self._readers, migrate, self._url)
        self._writer = Writer(lambda: PostgresConnection(self._url, self._origin), news, pos)
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
            raise DatabaseAway("the engine is not started")
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
        """For people: the database's name and host."""
        parts = psycopg.conninfo.conninfo_to_dict(self._url)
        return f"PostgreSQL database {parts.get('dbname')} at {parts.get('host', 'localhost')}"

    def _read(self, job: ReadJob[T]) -> T:
        with named_errors():
            connection = self._snapshot()
            try:
                return job(_ReadTx(connection))
            finally:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")

    def _snapshot(self) -> Connection:
        """This thread's connection, in a new transaction; connected anew if it had died."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            with suppress(*AWAY):
                connection.execute(SNAPSHOT)
                return connection
            connection.close()
            self._opened.remove(connection)
            del self._local.connection
        connection = self._local.connection = connect(self._url)
        self._opened.append(connection)
        connection.execute(SNAPSHOT)
        return connection
