"""The client of the load: HTTP/1.1 on kept connections, as little of it as a measurement needs.

Requests are rendered beforehand (`render`), one is in flight on a connection, and answers are read
by hand: `Content-Length` or chunked, nothing else. It reaches several times the rate of any server
measured with it (`python -m bench.http_layers` shows what it reaches here).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

HOST = "127.0.0.1"
MOST_WAIT_S = 120.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"


class Answer(NamedTuple):
    """A response, and when its last byte was read (`time.perf_counter`)."""

    status: int
    body: bytes
    at: float


class Lost(Exception):  # noqa: N818 - named for what happened
    """The server closed the connection before it had answered."""


class Unexpected(Exception):  # noqa: N818 - named for what happened
    """An answer that the load cannot go on from."""


def render(method: str, path: str, *, token: str = "", body: bytes = b"") -> bytes:
    """The bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench.test\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body or method in {"PUT", "POST"}:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One kept connection. One request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._buffer = b""
        self._head_length = 0
        self._needed = 0  # bytes of the whole answer, 0 while the head is not read
        self._had = 0  # of them, when some are still to come
        self._parts: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Lost(str(exc)))

    def request(self, payload: bytes) -> asyncio.Future[Answer]:
        """Send a rendered request. Raises `Lost` at once or later."""
        if self._transport is None:
            message = "the connection was closed between requests"
            raise Lost(message)
        waiting = self._waiting = self._loop.create_future()
        self._transport.write(payload)
        return waiting

    def close(self) -> None:
        """Leave, whatever is in flight."""
        if self._waiting is not None:
            self._waiting.cancel()
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        if self._needed > 0:
            self._parts.append(data)
            self._had += len(data)
            if self._had < self._needed:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        buffer = self._buffer = self._buffer + data if self._buffer else data
        if not self._needed and not self._read_head(buffer):
            return
        if self._needed < 0:
            self._read_chunks(buffer)
        elif len(buffer) >= self._needed:
            self._answer(buffer[self._head_length :])
        else:
            self._had = len(buffer)

    def _read_head(self, buffer: bytes) -> bool:
        end = buffer.find(_HEAD_END)
        if end < 0:
            return False
        head = buffer[:end].lower()
        self._head_length = end + 4
        at = head.find(_LENGTH)
        if at >= 0:
            stop = head.find(b"\r\n", at + 2)
            length = int(head[at + len(_LENGTH) : stop if stop >= 0 else end])
            self._needed = self._head_length + length
        elif _CHUNKED in head:
            self._needed = -1
        else:
            self._needed = self._head_length
        return True

    def _read_chunks(self, buffer: bytes) -> None:
        at = self._head_length
        parts: list[bytes] = []
        while (stop := buffer.find(b"\r\n", at)) >= 0:
            length = int(buffer[at:stop], 16)
            if len(buffer) < stop + length + 4:
                return
            if length == 0:
                self._answer(b"".join(parts))
                return
            parts.append(buffer[stop + 2 : stop + 2 + length])
            at = stop + length + 4

    def _answer(self, body: bytes) -> None:
        answer = Answer(int(self._buffer[9:12]), body, time.perf_counter())
        self._buffer, self._needed = b"", 0
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


async def connect(port: int) -> Connection:
    """A connection to loopback."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, HOST, port)
    return connection


async def connect_many(port: int, count: int) -> list[Connection]:
    """`count` connections, not all at once: a listen queue is short."""
    connections: list[Connection] = []
    while len(connections) < count:
        some = min(100, count - len(connections))
        connections += await asyncio.gather(*(connect(port) for _ in range(some)))
    return connections


@dataclass(slots=True)
class Outcome:
    """What a load did: answers by status and seconds from request to answer."""

    wall_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Requests that were answered as expected."""
        return len(self.latencies_s)


async def drive(
    connections: Sequence[Connection],
    next_request: Callable[[], bytes | None],
    seconds: float,
    *,
    keep_answers: bool = False,
) -> Outcome:
    """Keep every connection busy for `seconds`, or until `next_request` has no more.

    Raises `Unexpected` for any answer but 200, `Lost` for a closed connection.
    """
    outcome = Outcome()
    started = time.perf_counter()
    until = started + seconds

    async def one(connection: Connection) -> None:
        while (asked := time.perf_counter()) < until and (payload := next_request()) is not None:
            answer = expect_ok(await connection.request(payload))
            outcome.latencies_s.append(answer.at - asked)
            if keep_answers:
                outcome.answers.append(answer)

    await gather_or_fail([one(connection) for connection in connections])
    outcome.wall_s = time.perf_counter() - started
    return outcome


async def gather_or_fail(
    work: Sequence[Coroutine[object, object, object]], *, most_s: float = MOST_WAIT_S
) -> None:
    """Run all of it; the first failure ends the rest and is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        async with asyncio.timeout(most_s):
            await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def expect_ok(answer: Answer) -> Answer:
    """The answer, if it is a 200. Raises `Unexpected`."""
    if answer.status != 200:
        message = f"{answer.status}: {answer.body[:300]!r}"
        raise Unexpected(message)
    return answer


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the others do not exceed; 0 when there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
