"""A connection to PostgreSQL: how it is made, what its errors mean, and the one that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper

from privity.matrix.errors import Errcode, refused
from privity.store.engine import Conflict, DatabaseAway, Param, Row
from privity.store.engine.connection import STATE_CHANGES, Rows
from privity.store.engine.dialect import translated
from privity.store.engine.multi_row import insert_statements

T = TypeVar("T")

OF_A_NETWORK: dict[str, str | int] = {
    "connect_timeout": 5,  # s
    "keepalives_idle": 10,  # s
    "keepalives_interval": 5,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms
}
"""Who is gone without a word is missed within half a minute. What the URL says stands."""
MOST_TURN_MS = 10_000  # a process that froze in the middle of its turn loses it
MOST_PREPARED = 512
LOOK_AT_CLOCK = "SELECT pos FROM clock"
NEWS_CHANNEL = "privity_news"
TAKE_TURN = "BEGIN; SELECT pos FROM clock FOR UPDATE"

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""Also what is now a standby: another machine of the URL may be the one that writes."""

Connection = psycopg.Connection[Row]


@contextmanager
def named_errors() -> Iterator[None]:
    """Our names for what the driver raises."""
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
            make_conninfo("", **{**OF_A_NETWORK, **conninfo_to_dict(url)}),
            autocommit=True,
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


def position(row: Row | None) -> int:
    """The clock's position, of the row that was asked for it."""
    if row is None:
        raise DatabaseAway("the clock is missing")
    return int(row[0])


class PostgresConnection:
    """The `Connection` of the writer's thread. Connects anew when the server was away.

    But never between a `begin` and its `commit`: on a new connection the rest of the group would be
    written without the turn, and what was written before would be gone and yet acknowledged.
    """

    def __init__(self, url: str, origin: str = "") -> None:
        self._url = url
        self._origin = origin
        self._has_company = False
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

    def begin(self, since: int) -> tuple[int, list[Row]]:
        """Take the cluster's turn."""
        return self._first(lambda: self._take_turn(since))

    def _take_turn(self, since: int) -> tuple[int, list[Row]]:
        """All in one message in company: each answer that is waited for keeps the others waiting.

        Alone it would be a question too many.
        """
        ask = STATE_CHANGES.format(since)
        words = f"{TAKE_TURN}; {ask}" if self._has_company else TAKE_TURN
        with named_errors():
            cursor = self._connected().execute(words.encode(), prepare=False)
            cursor.nextset()
            pos = position(cursor.fetchone())
            was_asked, self._has_company = self._has_company, pos != since
            if was_asked and cursor.nextset():
                return pos, cursor.fetchall()
            return pos, self.rows(ask, ()) if pos != since else []

    def _first(self, ask: Callable[[], T]) -> T:
        """Ask, and once more if an idle connection had died unnoticed: nothing is lost yet."""
        if self._connection is not None:
            with suppress(DatabaseAway):
                return ask()
            self._connection.close()
        return ask()

    def commit(self, pos: int, rows: Rows) -> None:
        """Write, set the clock, tell the other processes, commit, wait for the disk.

        In company it is all one message: the turn is over when the server has it, however long this
        process takes to hear of that. Alone it is cheaper in two.
        """
        connection = self._in_turn
        notify = f"NOTIFY {NEWS_CHANNEL}, '{self._origin} {pos}'; " if self._origin else ""
        end = f"UPDATE clock SET pos = {pos}; {notify}COMMIT"
        with named_errors():
            if not self._has_company:
                self._insert_all(rows)
                connection.execute(end.encode(), prepare=False)
                return
            with connection.pipeline():
                self._insert_all(rows)
                for words in end.split("; "):
                    connection.execute(words.encode(), prepare=False)

    def _insert_all(self, rows: Rows) -> None:
        for (table, columns), several in rows.items():
            self.insert(table, columns, several)

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
            return position(self._connected().execute(LOOK_AT_CLOCK).fetchone())

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
