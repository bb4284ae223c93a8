"""What the writer asks of a database: one connection of it, used by one thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from privity.store.engine import Param, Row

Rows = dict[tuple[str, tuple[str, ...]], list[Sequence[Param]]]
"""Rows that are to be inserted, by table and columns."""


class Connection(Protocol):
    """One connection to a database, used by one thread."""

    def begin(self, since: int) -> tuple[int, list[Row]]:
        """Begin a transaction and take the cluster's turn; the clock's position.

        And, if that is not `since`, what others changed in the state of rooms from there on, as
        `STATE_CHANGES` asks for it: the cluster waits, so no more is read than a job has to know.
        """
        ...

    def commit(self, pos: int, rows: Rows) -> None:
        """Insert all rows, set the clock to `pos`, commit durably: as one message, if it can be."""
        ...

    def rollback(self) -> None:
        """Give up the transaction, and with it the turn. Never raises."""
        ...

    def rows(self, sql: str, params: Sequence[Param]) -> list[Row]:
        """Run a statement and return its rows."""
        ...

    def change(self, sql: str, params: Sequence[Param]) -> int:
        """Run a statement; the number of rows changed."""
        ...

    def insert(self, table: str, columns: tuple[str, ...], rows: list[Sequence[Param]]) -> None:
        """Insert all rows with as few statements as can be."""
        ...

    def clock(self) -> int:
        """The clock's position now, without a transaction. Connects anew, if it has to."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


MOST_STATE_CHANGES = 20_000
STATE_CHANGES = (
    "SELECT room_id, type, state_key, pos FROM events"
    f" WHERE pos > {{}} AND state_key IS NOT NULL ORDER BY pos DESC LIMIT {MOST_STATE_CHANGES}"
)
