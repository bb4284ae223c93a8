"""The bus over PostgreSQL: LISTEN and NOTIFY, for a cluster that has no NATS.

1. That the clock moved is said by the commit that moves it: it costs no
   message of its own, and nobody hears of what was rolled back.
2. Asides go over the connection that listens, one statement at a time, many asides in each.
3. The loop itself reads the connection: no thread waits for news.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import psycopg
from psycopg.pq import Escaping

from privity.log import log
from privity.store.bus import COME_BACK_AFTER_S, MOST_ASIDE_BYTES, MOST_UNSAID, Ears
from privity.store.engine import DatabaseAway
from privity.store.engine.postgres_connection import (
    NEWS_CHANNEL,
    Connection,
    connect,
    named_errors,
)

ASIDES_CHANNEL = "privity_asides"
MOST_AT_ONCE = 50


def _listening(url: str) -> Connection:
    connection = connect(url)
    try:
        with named_errors():
            words = f"LISTEN {NEWS_CHANNEL}; LISTEN {ASIDES_CHANNEL}"
            connection.execute(words.encode(), prepare=False)
    except BaseException:
        connection.close()
        raise
    return connection


class PostgresBus:
    """One connection that listens. `origin` is what this process signs its own words with."""

    needs_secret = False

    def __init__(self, url: str, origin: str) -> None:
        self.is_up = False
        self._url = url
        self._origin = origin.encode()
        self._unsaid: deque[bytes] = deque(maxlen=MOST_UNSAID)
        self._is_speaking = False
        self._connection: Connection | None = None
        self._socket = -1
        self._ears: Ears | None = None
        self._lost = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self, ears: Ears, secret: bytes) -> None:
        """Listen; if that fails, try again in the background."""
        del secret  # only who has the database's own password is heard
        self._ears = ears
        await self._connect()
        self._keeping = asyncio.create_task(self._keep_listening())

    async def stop(self) -> None:
        """Hang up."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        self._hang_up()

    def tell_news(self, pos: int) -> None:
        """The commit has said it (rule 1)."""

    def tell_aside(self, aside: bytes) -> None:
        """Say this to the other processes."""
        if self.is_up and len(aside) <= MOST_ASIDE_BYTES:
            self._unsaid.append(aside)
            self._speak()

    def describe(self) -> str:
        """For people."""
        return "PostgreSQL's LISTEN and NOTIFY"

    async def _keep_listening(self) -> None:
        while True:
            if self._connection is None:
                await asyncio.sleep(COME_BACK_AFTER_S)
                await self._connect()
            else:
                self._lost.clear()
                await self._lost.wait()
                log.warning("bus.away", because="the listening connection was lost")

    async def _connect(self) -> None:
        try:
            self._connection = await asyncio.to_thread(_listening, self._url)
        except DatabaseAway as error:
            log.warning("bus.away", because=str(error))
            return
        self._socket = self._connection.fileno()
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        self.is_up = True
        if self._ears is not None:
            self._ears.hint(None)

    def _hang_up(self) -> None:
        self.is_up = self._is_speaking = False
        self._unsaid.clear()
        if self._connection is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._connection.close()
            self._connection = None

    def _read(self) -> None:  # 3
        if self._connection is None:
            return
        wire = self._connection.pgconn
        try:
            wire.consume_input()
            while (notified := wire.notifies()) is not None:
                self._hear(notified.relname.decode(), notified.extra)
            while self._is_speaking and not wire.is_busy():
                self._is_speaking = wire.get_result() is not None
            self._speak()
        except psycopg.Error:
            self._lose()

    def _lose(self) -> None:
        self._hang_up()  # at once: a dead socket is readable for ever
        self._lost.set()

    def _hear(self, channel: str, said: bytes) -> None:
        origin, _, words = said.partition(b" ")
        if origin == self._origin or self._ears is None:
            return
        if channel == ASIDES_CHANNEL:
            self._ears.hear(words)
        elif words.isdigit():
            self._ears.hint(int(words))

    def _speak(self) -> None:  # 2
        if self._connection is None or self._is_speaking or not self._unsaid:
            return
        wire = self._connection.pgconn
        escape = Escaping(wire).escape_literal
        several = [self._unsaid.popleft() for _ in range(min(len(self._unsaid), MOST_AT_ONCE))]
        try:
            literals = [bytes(escape(self._origin + b" " + aside)) for aside in several]
            calls = [b"pg_notify('%s', %s)" % (ASIDES_CHANNEL.encode(), text) for text in literals]
            wire.send_query(b"SELECT " + b", ".join(calls))
            self._is_speaking = True
        except psycopg.Error:
            self._lose()
