"""The database as the rooms see it: jobs over a transaction, on SQLite or on PostgreSQL.

Rules of every engine:

1. A job is a plain function of a `Tx` (read) or a `WriteTx` (write). It runs in a thread of the
   engine's, may run more than once, and so touches nothing but the transaction.
2. Write jobs are serial in the whole cluster: a group of them takes the clock row first and gives
   it back with its commit. So positions become visible in their order, never with a gap behind.
3. Whatever waits while a commit runs goes into the next one. One job's failure fails that job
   alone: the group is rolled back and its jobs run again, each in a transaction of its own.
4. When a write job's future is done, its data is on the disk.
5. When another process moved the clock, `News.others_wrote` hears of it at the turn, before any
   job of the group. What it wrote is read after the turn is given back, and published before what
   the group wrote.

One SQL dialect: `?` for parameters, `RETURNING`, `ON CONFLICT`; columns are INTEGER (64 bit),
TEXT and BLOB.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Row = tuple[Any, ...]
Param = str | int | bytes | None


class Conflict(Exception):  # noqa: N818 - named for what happened
    """A unique key is there already. Raised to the job that tried to add it."""


class DatabaseAway(Exception):  # noqa: N818 - named for what happened
    """The database cannot be reached or written; nothing of the job was kept."""


class Tx(Protocol):
    """Reads inside one snapshot of the database."""

    def one(self, sql: str, *params: Param) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, sql: str, *params: Param) -> list[Row]:
        """Every row."""
        ...


class WriteTx(Tx, Protocol):
    """Reads and writes inside a group's transaction."""

    def run(self, sql: str, *params: Param) -> int:
        """Run one statement; the number of rows that it changed."""
        ...

    def add(self, table: str, columns: tuple[str, ...], row: Sequence[Param]) -> None:
        """Insert a row. A key that is there already fails the job.

        Rows of one table are collected and go in as one statement, at the latest before the next
        `one`, `all` or `run`.
        """
        ...

    def position(self) -> int:
        """The next position of the stream, this write's own."""
        ...

    def tell(self, entry: Any) -> None:  # noqa: ANN401 - the engine carries entries, it reads none
        """Hand `entry` to the followers after the commit."""
        ...


ReadJob = Callable[[Tx], T]
WriteJob = Callable[[WriteTx], T]


class News(Protocol):
    """What the store wants to hear from its engine."""

    def others_wrote(self, upto: int, changes: list[Row]) -> None:
        """In the writer's thread, at the turn: other processes wrote, the last of it at `upto`.

        `changes` is what they did to the state of rooms, newest first, as rows of room id, type,
        state key and position; if there are as many as are ever read, there may be more.
        """
        ...

    def read_news(self, tx: Tx, since: int, upto: int) -> list[Any]:
        """In the writer's thread: entries that another process wrote at `since < pos <= upto`."""
        ...

    def committed(self, pos: int) -> None:
        """In the loop's thread: this process wrote, and the clock is at `pos`."""
        ...

    def publish(self, pos: int, entries: list[Any]) -> None:
        """In the loop's thread: `entries` are committed, and everything up to `pos` is."""
        ...


class Engine(Protocol):
    """A database."""

    is_shared: bool
    """Whether other processes may serve it too. One that is known to be alone is told so."""

    async def start(self, news: News) -> int:
        """Open, migrate, and start the threads. Returns the clock's position."""
        ...

    async def stop(self) -> None:
        """Finish what was accepted, then close."""
        ...

    async def read(self, job: ReadJob[T]) -> T:
        """Run `job` in one read snapshot."""
        ...

    async def write(self, job: WriteJob[T], undo: Callable[[], None] | None = None) -> T:
        """Run `job` in the next group. Done when it is on the disk, and its entries published.

        `undo` is called in the writer's thread if the job fails, before any later job runs.
        """
        ...

    async def catch_up(self) -> None:
        """Done when all is published here that any process had committed when it was asked."""
        ...

    def hint(self, pos: int) -> None:
        """Somebody says that the clock is at `pos`: look soon, if that is news. In the loop."""
        ...

    def describe(self) -> str:
        """For people: which database, and where. Holds no password."""
        ...
