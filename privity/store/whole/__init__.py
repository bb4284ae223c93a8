"""A whole database at a time: read out for a backup, made anew from one.

Here the tables are lists of rows and nothing is known of what they mean, so that a backup of either
database can be restored to the other, and one of an older release to this one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, TypeVar

from privity.store.engine import Param, Row

T = TypeVar("T")

Columns = tuple[str, ...]


class NotEmpty(Exception):  # noqa: N818 - named for what is wrong
    """There is a server already where one is to be made. The text says where."""


class Tables(Protocol):
    """Every table, in one snapshot: whatever is written meanwhile is not seen."""

    def names(self) -> list[str]:
        """The tables, in the order of their names."""
        ...

    def rows(self, table: str) -> tuple[Columns, Iterator[Row]]:
        """The columns of a table, and its rows a few at a time."""
        ...


class Filling(Protocol):
    """A database that is being made: its tables are there, and empty."""

    def add(self, table: str, columns: Columns, rows: list[Sequence[Param]]) -> None:
        """Add rows to a table."""
        ...


class WholeDatabase(Protocol):
    """One database, seen from outside; its server may be running. Everything here blocks."""

    def check_empty(self) -> None:
        """Raises `NotEmpty` if a server was here before."""
        ...

    def read(self, job: Callable[[Tables], T]) -> T:
        """Run `job` over one snapshot."""
        ...

    def make(self, numbers: Collection[int], job: Callable[[Filling], None]) -> None:
        """Make the tables of these migrations, have `job` fill them, and keep all or nothing.

        Raises `NotEmpty`, and whatever `job` raises.
        """
        ...
