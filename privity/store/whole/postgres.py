"""A whole PostgreSQL database: read in one snapshot, made in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

import psycopg

from privity.store.engine import Param, Row
from privity.store.engine.dialect import translated, translated_schema
from privity.store.engine.migrate import MIGRATIONS_TABLE, migrations
from privity.store.engine.multi_row import insert_statements
from privity.store.engine.postgres import MIGRATION_LOCK, SNAPSHOT, bring_up
from privity.store.engine.postgres_connection import Connection, connect, named_errors
from privity.store.whole import Columns, NotEmpty

T = TypeVar("T")

ROWS_AT_A_TIME = 1000


class _Tables:
    def __init__(self, connection: Connection) -> None:
        self._postgres = connection

    def names(self) -> list[str]:
        found = self._postgres.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
        return sorted(row[0] for row in found)

    def rows(self, table: str) -> tuple[Columns, Iterator[Row]]:
        self._postgres.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor = psycopg.RawServerCursor(self._postgres, "rows")
        cursor.itersize = ROWS_AT_A_TIME
        cursor.execute(f"SELECT * FROM {table}".encode())
        columns = tuple(column.name for column in cursor.description or ())
        return columns, _through(cursor)


def _through(cursor: psycopg.RawServerCursor[Row]) -> Iterator[Row]:
    with cursor:
        yield from cursor


class _Filling:
    def __init__(self, connection: Connection) -> None:
        self._postgres = connection

    def add(self, table: str, columns: Columns, rows: list[Sequence[Param]]) -> None:
        for sql, params in insert_statements(table, columns, rows):
            self._postgres.execute(translated(sql), params)


class WholePostgres:
    """A database of a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def check_empty(self) -> None:
        """Raises `NotEmpty`: tables of anybody's are one too many."""
        with named_errors(), connect(self._url) as connection:
            _check_empty(connection)

    def read(self, job: Callable[[_Tables], T]) -> T:
        """Run `job` over one snapshot."""
        with named_errors(), connect(self._url) as connection:
            connection.execute(SNAPSHOT)
            return job(_Tables(connection))

    def make(self, numbers: Collection[int], job: Callable[[_Filling], None]) -> None:
        """Make it in one transaction: a kill leaves nothing of it."""
        with named_errors(), connect(self._url) as connection:
            connection.execute("BEGIN")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute("SELECT pg_advisory_xact_lock($1)", (MIGRATION_LOCK,))
            _check_empty(connection)
            connection.execute(translated_schema(MIGRATIONS_TABLE))
            for migration in migrations():
                if migration.number in numbers:
                    bring_up(connection, migration)
            for table in _Tables(connection).names():
                if table != "migrations":
                    connection.execute(
                        f"DELETE FROM {table}".encode()
                    )  # what a migration put there
            job(_Filling(connection))
            connection.execute("COMMIT")


def _check_empty(connection: Connection) -> None:
    if _Tables(connection).names():
        raise NotEmpty(f"the database {connection.info.dbname} has tables already")
