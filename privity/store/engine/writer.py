"""The writer's thread: takes what waits, runs it as one transaction, tells the loop.

Rules 2 to 5 of the engine (see `privity.store.engine`) are kept here, for both databases; an
adapter supplies a `Connection` and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from privity.log import log
from privity.store.engine import DatabaseAway, News, Param, Row, WriteJob
from privity.store.engine.connection import Connection, Rows

MOST_JOBS_IN_A_GROUP = 256
LOOK_FOR_NEWS_EVERY_S = 0.5
MOST_NEWS_AT_ONCE = 1000
"""Positions of others' that are read, and told, in one go: of a long absence nothing piles up."""


@dataclass(slots=True)
class _Waiting:
    """Somebody whose job is to be run; or, without a job, who wants to know what others wrote."""

    job: WriteJob[Any] | None
    undo: Callable[[], None] | None
    future: asyncio.Future[Any] | None
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class GroupTx:
    """The `WriteTx` of one group: buffers rows, counts positions, collects entries."""

    connection: Connection
    pos: int
    entries: list[Any] = field(default_factory=list)
    touched: int = 0
    _rows: Rows = field(default_factory=dict)

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
        for (table, columns), rows in self.take_rows().items():
            self.connection.insert(table, columns, rows)

    def take_rows(self) -> Rows:
        """The rows that were collected and not written yet."""
        rows, self._rows = self._rows, {}
        return rows


class Writer:
    """Owns the writing connection and its thread."""

    def __init__(self, connect: Callable[[], Connection], news: News, pos: int) -> None:
        self._connect = connect
        self._news = news
        self._pos = pos
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._is_hinted = False
        self._is_stopping = Event()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name="privity-writer", daemon=True)
        self._thread.start()

    def submit(self, job: WriteJob[Any], undo: Callable[[], None] | None) -> asyncio.Future[Any]:
        """Queue `job` for the next group."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Waiting(job, undo, future))
        return future

    def catch_up(self) -> asyncio.Future[Any]:
        """Done when all is published that any process had committed before now."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Waiting(None, None, future))
        return future

    def hint(self, pos: int) -> None:
        """Somebody says that the clock is at `pos`: look, if that is news. Believed no further."""
        if pos > self._pos and not self._is_hinted:
            self._is_hinted = True
            self._queue.put(_Waiting(None, None, None))

    async def stop(self) -> None:
        """Finish what is queued, then end the thread."""
        self._is_stopping.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        connection = self._connect()
        while True:
            group, is_last = self._next_group()
            self._is_hinted = False
            if any(waiting.job is not None for waiting in group):
                self._run(connection, group)
            elif group or not is_last:
                self._look_for_news(connection, group)
            if is_last:
                connection.close()
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """What waits, or comes in a while; and whether that is the end."""
        try:
            first = self._queue.get(timeout=LOOK_FOR_NEWS_EVERY_S)
        except Empty:
            return [], False
        if first is None:
            return [], True
        group = [first]
        self._take_more(group)
        return group, False

    def _take_more(self, group: list[_Waiting]) -> None:
        """Put into the group what has come meanwhile."""
        with suppress(Empty):
            while len(group) < MOST_JOBS_IN_A_GROUP:
                waiting = self._queue.get_nowait()
                if waiting is None:
                    self._queue.put(None)  # the end comes after this group
                    return
                group.append(waiting)

    def _run(
        self, connection: Connection, group: list[_Waiting], *, is_again: bool = False
    ) -> None:
        try:
            self._transaction(connection, group, takes_more=not is_again)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is the jobs' to raise
            connection.rollback()
            if len(group) > 1 and not isinstance(error, DatabaseAway):
                for waiting in group:
                    self._run(connection, [waiting], is_again=True)
                return
            for waiting in group:
                self._fail(waiting, error)
            self._tell(group, [])

    def _transaction(
        self, connection: Connection, group: list[_Waiting], *, takes_more: bool
    ) -> None:
        began, changes = connection.begin(self._pos)
        tx = GroupTx(connection, began)
        if began != self._pos:
            self._news.others_wrote(began, changes)
            if takes_more:  # while they had the turn, more has come
                self._take_more(group)
        for waiting in group:
            touched = tx.touched
            waiting.error = None
            try:
                waiting.result = waiting.job(tx) if waiting.job is not None else None
            except Exception as error:
                if tx.touched != touched:
                    raise
                self._fail(waiting, error)
        if tx.touched:
            connection.commit(tx.pos, tx.take_rows())
        else:
            connection.rollback()
        foreign = self._read_upto(connection, began)
        self._pos = tx.pos
        self._tell(group, foreign + tx.entries)
        if tx.pos != began:
            self._loop.call_soon_threadsafe(self._news.committed, tx.pos)

    def _read_upto(self, connection: Connection, pos: int) -> list[Any]:
        """What others wrote up to `pos`. Others have the turn meanwhile.

        What this group wrote is on the disk already and cannot be told before it: so a database
        that is away is waited for, and connected to anew, which outside of a turn loses nothing.
        """
        is_again = False
        while self._pos < pos:
            upto = min(pos, self._pos + MOST_NEWS_AT_ONCE)
            try:
                if is_again:
                    connection.clock()
                entries = self._news.read_news(GroupTx(connection, upto), self._pos, upto)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is in the way
                log.error("news.unread", because=f"{type(error).__name__}: {error}")
                connection.rollback()
                is_again = True
                if self._is_stopping.wait(LOOK_FOR_NEWS_EVERY_S):
                    return []
                continue
            if upto == pos:
                return entries
            self._pos = upto
            self._tell([], entries)
        return []

    def _look_for_news(self, connection: Connection, group: list[_Waiting]) -> None:
        try:
            pos = connection.clock()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is theirs who asked
            connection.rollback()
            log.warning("database.away", because=str(error))
            for waiting in group:
                self._fail(waiting, error)
            self._tell(group, [])
            return
        foreign = self._read_upto(connection, pos)
        self._pos = max(self._pos, pos)
        if group or foreign:
            self._tell(group, foreign)

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
                if waiting.future is None or waiting.future.done():
                    continue
                if waiting.error is None:
                    waiting.future.set_result(waiting.result)
                else:
                    waiting.future.set_exception(waiting.error)
