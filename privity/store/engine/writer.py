"""The writer's thread: takes what waits, runs it as one transaction, tells the loop.

Rules 2 to 5 of the engine (see `privity.store.engine`) are kept here, for both databases; an
adapter supplies a `Connection` and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from privity.log import log
from privity.store.engine import DatabaseAway, News, Param, Row, WriteJob

MOST_JOBS_IN_A_GROUP = 256
LOOK_FOR_NEWS_EVERY_S = 0.5


class Connection(Protocol):
    """One connection to a database, used by one thread."""

    def begin(self) -> int:
        """Begin a transaction and take the cluster's turn; the clock's position."""
        ...

    def commit(self, pos: int) -> None:
        """Set the clock to `pos`, commit durably."""
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
        """The clock's position now, without taking a turn."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(slots=True)
class _Waiting:
    job: WriteJob[Any]
    undo: Callable[[], None] | None
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class GroupTx:
    """The `WriteTx` of one group: buffers rows, counts positions, collects entries."""

    connection: Connection
    pos: int
    entries: list[Any] = field(default_factory=list)
    touched: int = 0
    _rows: dict[tuple[str, tuple[str, ...]], list[Sequence[Param]]] = field(default_factory=dict)

    def one(self, sql: str, *params: Param) -> Row | None:
        """The first row, or None."""
        rows = self.all(sql, *params)
        return rows[0] if rows else None

    def all(self, sql: str, *params: Param) -> list[Row]:
        """Every row."""
        self.flush()
        if not sql.startswith("SELECT"):
            self.touched += 1
        return self.connection.rows(sql, params)

    def run(self, sql: str, *params: Param) -> int:
        """Run one statement; the number of rows that it changed."""
        self.flush()
        self.touched += 1
        return self.connection.change(sql, params)

    def add(self, table: str, columns: tuple[str, ...], row: Sequence[Param]) -> None:
        """Insert a row, together with its neighbours."""
        self.touched += 1
        self._rows.setdefault((table, columns), []).append(row)

    def position(self) -> int:
        """The next position of the stream."""
        self.touched += 1
        self.pos += 1
        return self.pos

    def tell(self, entry: Any) -> None:  # noqa: ANN401 - see WriteTx.tell
        """Hand `entry` to the followers after the commit."""
        self.entries.append(entry)

    def flush(self) -> None:
        """Write the rows that were collected."""
        if self._rows:
            collected, self._rows = self._rows, {}
            for (table, columns), rows in collected.items():
                self.connection.insert(table, columns, rows)


class Writer:
    """Owns the writing connection and its thread."""

    def __init__(self, connect: Callable[[], Connection], news: News, pos: int) -> None:
        self._connect = connect
        self._news = news
        self._pos = pos
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name="privity-writer", daemon=True)
        self._thread.start()

    def submit(self, job: WriteJob[Any], undo: Callable[[], None] | None) -> asyncio.Future[Any]:
        """Queue `job` for the next group."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Waiting(job, undo, future))
        return future

    async def stop(self) -> None:
        """Finish what is queued, then end the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        connection = self._connect()
        while True:
            group, is_last = self._next_group()
            if group:
                self._run(connection, group)
            elif not is_last:
                self._look_for_news(connection)
            if is_last:
                connection.close()
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        group: list[_Waiting] = []
        try:
            waiting = self._queue.get(timeout=LOOK_FOR_NEWS_EVERY_S)
            while waiting is not None:
                group.append(waiting)
                if len(group) == MOST_JOBS_IN_A_GROUP:
                    return group, False
                waiting = self._queue.get_nowait()
        except Empty:
            return group, False
        return group, True

    def _run(self, connection: Connection, group: list[_Waiting]) -> None:
        try:
            self._transaction(connection, group)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is the jobs' to raise
            connection.rollback()
            if len(group) > 1 and not isinstance(error, DatabaseAway):
                for waiting in group:
                    self._run(connection, [waiting])
                return
            for waiting in group:
                self._fail(waiting, error)
            self._tell(group, [])

    def _transaction(self, connection: Connection, group: list[_Waiting]) -> None:
        began = connection.begin()
        foreign = self._foreign(connection, began)
        tx = GroupTx(connection, began)
        for waiting in group:
            touched = tx.touched
            waiting.error = None
            try:
                waiting.result = waiting.job(tx)
            except Exception as error:
                if tx.touched != touched:
                    raise
                self._fail(waiting, error)
        tx.flush()
        if tx.touched:
            connection.commit(tx.pos)
        else:
            connection.rollback()
        self._pos = tx.pos
        self._tell(group, foreign + tx.entries)

    def _foreign(self, connection: Connection, began: int) -> list[Any]:
        if began == self._pos:
            return []
        return self._news.read_news(GroupTx(connection, began), self._pos, began)

    def _look_for_news(self, connection: Connection) -> None:
        try:
            if connection.clock() != self._pos:
                self._transaction(connection, [])
        except DatabaseAway as error:
            connection.rollback()
            log.warning("database.away", because=str(error))

    def _fail(self, waiting: _Waiting, error: BaseException) -> None:
        waiting.error = error
        if waiting.undo is not None:
            waiting.undo()

    def _tell(self, group: list[_Waiting], entries: list[Any]) -> None:
        self._loop.call_soon_threadsafe(self._deliver, group, self._pos, entries)

    def _deliver(self, group: list[_Waiting], pos: int, entries: list[Any]) -> None:
        try:
            self._news.publish(pos, entries)
        finally:  # what is committed is answered, whatever a reader of the stream makes of it
            for waiting in group:
                if waiting.future.done():
                    continue
                if waiting.error is None:
                    waiting.future.set_result(waiting.result)
                else:
                    waiting.future.set_exception(waiting.error)
