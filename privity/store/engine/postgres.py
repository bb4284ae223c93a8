"""The engine for PostgreSQL 15 and later: psycopg, in threads, by the same contract as SQLite.

The group's transaction begins with the clock row's lock, which is the turn of the whole cluster:
processes write one after the other, and each sees in the clock whether others wrote in between.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg
from psycopg.types.numeric import Int8Dumper

from privity.matrix.errors import Errcode, refused
from privity.store.engine import Conflict, DatabaseAway, News, Param, ReadJob, Row, WriteJob
from privity.store.engine.dialect import translated, translated_schema
from privity.store.engine.migrate import MIGRATIONS_TABLE, Migration, missing, statements
from privity.store.engine.multi_row import insert_statements
from privity.store.engine.writer import Writer

T = TypeVar("T")

READERS = 4
MIGRATION_LOCK = 7_072_697_469  # any number of our own, for pg_advisory_xact_lock
CONNECT_TIMEOUT_S = 5
MOST_TURN_MS = 10_000  # a process that froze in the middle of its turn loses it
MOST_PREPARED = 512
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
LOOK_AT_CLOCK = "SELECT pos FROM clock"
NEWS_CHANNEL = "privity_news"
TAKE_TURN = "BEGIN; SELECT pos FROM clock FOR UPDATE"

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
)

Connection = psycopg.Connection[Row]


@contextmanager
def named_errors() -> Iterator[None]:
    """What goes wrong inside is raised by the names that every engine has for it."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(type(error).__name__) from error
    except psycopg.DataError as error:  # a NUL in a text: SQLite would take it, PostgreSQL cannot
        says = "A text holds a character that cannot be kept."
        raise refused(Errcode.INVALID_PARAM, says, status=400) from error
    except AWAY as error:
        raise DatabaseAway(type(error).__name__) from error


def connect(url: str) -> Connection:
    """A connection that begins no transaction by itself, and whose commits wait for the disk."""
    with named_errors():
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            cursor_factory=psycopg.RawCursor,  # ours are numbered already: it need not parse them
        )
        connection.adapters.register_dumper(int, Int8Dumper)  # or each size is a statement anew
        connection.prepared_max = MOST_PREPARED
        connection.execute(f"SET idle_in_transaction_session_timeout = {MOST_TURN_MS}".encode())
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        return connection


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
        return _pos(connection.execute(LOOK_AT_CLOCK).fetchone())


def bring_up(connection: Connection, migration: Migration) -> None:
    """One step of the schema."""
    for statement in statements(migration.sql):
        connection.execute(translated_schema(statement))
    number_and_name = (migration.number, migration.name)
    connection.execute("INSERT INTO migrations (number, name) VALUES ($1, $2)", number_and_name)


class PostgresConnection:
    """The `Connection` of the writer's thread. Connects anew when the server was away.

    But never between a `begin` and its `commit`: on a new connection the rest of the group would be
    written without the turn, and what was written before would be gone and yet acknowledged.
    """

    def __init__(self, url: str, origin: str = "") -> None:
        self._url = url
        self._origin = origin
        self._connection: Connection | None = None

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
        return self._connection

    @property
    def _in_turn(self) -> Connection:
        if self._connection is None or self._connection.closed:
            raise DatabaseAway("the connection was lost in the middle of a transaction")
        return self._connection

    def begin(self) -> int:
        """Take the cluster's turn."""
        return self._first(lambda: self._begin(TAKE_TURN))

    def _begin(self, words: str) -> int:
        """`BEGIN` and a look at the clock, in one message."""
        with named_errors():
            cursor = self._connected().execute(words.encode(), prepare=False)
            cursor.nextset()
            return _pos(cursor.fetchone())

    def _first(self, ask: Callable[[], int]) -> int:
        """Ask, and once more if an idle connection had died unnoticed: nothing is lost yet."""
        if self._connection is not None:
            with suppress(DatabaseAway):
                return ask()
            self._connection.close()
        return ask()

    def commit(self, pos: int) -> None:
        """Set the clock, tell the other processes, commit, wait for the disk."""
        with named_errors():
            notify = f"NOTIFY {NEWS_CHANNEL}, '{self._origin} {pos}'; " if self._origin else ""
            words = f"UPDATE clock SET pos = {pos}; {notify}COMMIT"
            self._in_turn.execute(words.encode(), prepare=False)

    def snapshot(self) -> int:
        """Begin to read one moment."""
        return self._first(lambda: self._begin(f"{SNAPSHOT}; {LOOK_AT_CLOCK}"))

    def rollback(self) -> None:
        """Give up the transaction; a connection that cannot even do that is closed."""
        connection = self._connection
        if connection is None or connection.closed:
            return
        with suppress(psycopg.Error):
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
            return
        connection.close()

    def rows(self, sql: str, params: Sequence[Param]) -> list[Row]:
        """Run a statement and return its rows."""
        with named_errors():
            return self._in_turn.execute(translated(sql), params).fetchall()

    def change(self, sql: str, params: Sequence[Param]) -> int:
        """Run a statement; the number of rows changed."""
        with named_errors():
            return self._in_turn.execute(translated(sql), params).rowcount

    def insert(self, table: str, columns: tuple[str, ...], rows: list[Sequence[Param]]) -> None:
        """One statement for each power of two of rows, so that few shapes are prepared."""
        with named_errors():
            for sql, params in insert_statements(table, columns, rows):
                self._in_turn.execute(translated(sql), params)

    def clock(self) -> int:
        """The clock's position."""
        return self._first(self._look_at_clock)

    def _look_at_clock(self) -> int:
        with named_errors():
            return _pos(self._connected().execute(LOOK_AT_CLOCK).fetchone())

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()


def _pos(row: Row | None) -> int:
    if row is None:
        raise DatabaseAway("the clock is missing")
    return int(row[0])


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
