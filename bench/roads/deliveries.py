"""Delivery: members of a room wait in `/sync`, one sends, and each event at each member counts.

1. One by one: the next message goes out when all have the last one and wait again, and not before
   its time in a set rate. Every wake delivers one event.
2. At full rate: four connections send as fast as they are answered.
3. At half of that rate: messages go out at their times, whatever the answers do.

Each to 10 members, and to more, each on a connection of its own, with a filter and `since` as real
clients have them. Time is taken from before the send to the last byte of the answer to the sync.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence

from bench import matrix
from bench.load import Connection, connect_many, drive, expect_ok, gather_or_fail
from bench.process import ServerProcess
from bench.roads import Figure, Run, Window, latency, per_core_second

WAIT_MS = 30_000
ONE_BY_ONE_PER_S = 2000  # deliveries: 50 messages to 10 members would be 500
SENDING_CONNECTIONS = 4
FEWEST_MESSAGES = 5
MOST_DRAIN_S = 60.0
AIM_PER_CORE_S = 8000.0
AIM_P99_MS = 50.0


async def measure(run: Run) -> list[Figure]:
    """The figures for every size, one by one and at full rate."""
    figures: list[Figure] = []
    with run.server.start() as process:
        sending = await connect_many(run.server.port, SENDING_CONNECTIONS)
        sender = await matrix.register(sending[0], "sender")
        for size in run.server.audiences:
            if size > run.scale.most_members:
                continue
            names = [f"member{number}of{size}" for number in range(size)]
            people = await matrix.register_many(sending, names)
            room = await matrix.create_room(sending[0], sender, people)
            messages = matrix.Messages(sender, room, itertools.count())
            audience = Audience(people, await connect_many(run.server.port, size))
            await audience.take_seats()
            figures += await _one_by_one(run, process, sending, messages, audience)
            whole, full_per_s = await _at_full_rate(run, process, sending, messages, audience)
            half = await _at_half_rate(run, sending, messages, audience, full_per_s / 2)
            figures += [*whole, *half]
            await audience.leave()
        for connection in sending:
            connection.close()
    return figures


class Audience:
    """Members who wait, and when each message was at each of them."""

    def __init__(self, people: Sequence[matrix.Person], connections: Sequence[Connection]) -> None:
        self.size = len(people)
        self.arrivals: dict[int, list[float]] = {}
        self.wakes = 0
        self._people = people
        self._connections = connections
        self._waited_for = -1
        self._have_it = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def take_seats(self) -> None:
        """First syncs, then everybody waits."""
        first: list[tuple[str, str]] = []
        for person, connection in zip(self._people, self._connections, strict=True):
            filter_id = await matrix.make_filter(connection, person)
            request = matrix.sync_request(person, filter_id=filter_id)
            answer = expect_ok(await connection.request(request))
            first.append((filter_id, matrix.next_batch_of(answer)))
        for person, connection, (filter_id, since) in zip(
            self._people, self._connections, first, strict=True
        ):
            seat = self._wait(person, connection, filter_id, since)
            self._tasks.append(asyncio.create_task(seat))

    async def leave(self) -> None:
        """Stop to wait. Raises what went wrong with any of them."""
        for task in self._tasks:
            task.cancel()
        for connection in self._connections:
            connection.close()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def all_have(self, mark: int, most_s: float) -> None:
        """Wait until the message with this mark is at all of them. Raises `TimeoutError`."""
        async with asyncio.timeout(most_s):
            while len(self.arrivals.get(mark, ())) < self.size:
                self._waited_for = mark
                self._have_it.clear()
                await self._have_it.wait()

    async def _wait(
        self, person: matrix.Person, connection: Connection, filter_id: str, since: str
    ) -> None:
        while True:
            request = matrix.sync_request(person, filter_id=filter_id, since=since, wait_ms=WAIT_MS)
            answer = expect_ok(await connection.request(request))
            since = matrix.next_batch_of(answer)
            marks = matrix.marks_of(answer)
            self.wakes += bool(marks)
            for mark in marks:
                arrived = self.arrivals.setdefault(mark, [])
                arrived.append(answer.at)
                if mark == self._waited_for and len(arrived) == self.size:
                    self._have_it.set()


async def _one_by_one(
    run: Run,
    process: ServerProcess,
    sending: Sequence[Connection],
    messages: matrix.Messages,
    audience: Audience,
) -> list[Figure]:
    interval_s = max(0.02, audience.size / ONE_BY_ONE_PER_S)
    latencies_s: list[float] = []

    async def send_for(seconds: float) -> None:
        until = time.perf_counter() + seconds
        for count in itertools.count():
            sent_at = time.perf_counter()
            if sent_at > until and count >= FEWEST_MESSAGES:
                return
            mark = messages.next_mark()
            expect_ok(await sending[0].request(messages.marked(mark)))
            await audience.all_have(mark, MOST_DRAIN_S)
            latencies_s.extend(at - sent_at for at in audience.arrivals[mark])
            await asyncio.sleep(max(0.0, sent_at + interval_s - time.perf_counter()))

    await send_for(run.scale.warm_up_s)
    latencies_s.clear()
    says = f"to {audience.size}, one by one"
    with run.window(process, f"deliveries {says}") as window:
        await send_for(run.scale.load_s)
    key = f"deliveries.{audience.size}.one_by_one"
    return _figures(key, says, latencies_s, window)


async def _at_full_rate(
    run: Run,
    process: ServerProcess,
    sending: Sequence[Connection],
    messages: matrix.Messages,
    audience: Audience,
) -> tuple[list[Figure], float]:
    """The figures, and how many messages a second it took."""
    await _send_and_drain(sending, messages, audience, run.scale.warm_up_s)
    wakes = audience.wakes
    says = f"to {audience.size}, at full rate"
    with run.window(process, f"deliveries {says}") as window:
        sent_at = await _send_and_drain(sending, messages, audience, run.scale.load_s)
    arrivals = audience.arrivals
    latencies_s = [at - sent for mark, sent in sent_at.items() for at in arrivals.get(mark, ())]
    missed = len(sent_at) * audience.size - len(latencies_s)
    each = len(latencies_s) / (audience.wakes - wakes)
    run.note(
        f"{run.server.name}, deliveries {says}: {len(sent_at):,} messages,"
        f" {each:.1f} events an answer, {missed:,} deliveries in gaps (not counted)"
    )
    key = f"deliveries.{audience.size}.full_rate"
    return _figures(key, says, latencies_s, window), len(sent_at) / window.wall_s


async def _at_half_rate(
    run: Run,
    sending: Sequence[Connection],
    messages: matrix.Messages,
    audience: Audience,
    rate_per_s: float,
) -> list[Figure]:
    """Send at that rate, on whichever connection is free."""
    sent_at: dict[int, float] = {}
    began = time.perf_counter()
    times = itertools.count()

    async def some(connection: Connection) -> None:
        while (at := began + next(times) / rate_per_s) < began + run.scale.load_s:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            mark = messages.next_mark()
            sent_at[mark] = at  # when it was due: a server that lags does not hide it
            expect_ok(await connection.request(messages.marked(mark)))

    await gather_or_fail([some(connection) for connection in sending])
    await audience.all_have(max(sent_at), MOST_DRAIN_S)
    arrivals = audience.arrivals
    latencies_s = [at - sent for mark, sent in sent_at.items() for at in arrivals.get(mark, ())]
    says = f"send to receipt, to {audience.size}, at half of the full rate"
    key = f"deliveries.{audience.size}.half_rate"
    return [latency(key, says, latencies_s, 50), latency(key, says, latencies_s, 99, AIM_P99_MS)]


async def _send_and_drain(
    sending: Sequence[Connection],
    messages: matrix.Messages,
    audience: Audience,
    seconds: float,
) -> dict[int, float]:
    """Send for a while, wait until the last message is at everybody; when each was sent."""
    sent_at: dict[int, float] = {}

    def following() -> bytes:
        mark = messages.next_mark()
        sent_at[mark] = time.perf_counter()
        return messages.marked(mark)

    await drive(sending, following, seconds)
    last = messages.next_mark()
    sent_at[last] = time.perf_counter()
    expect_ok(await sending[0].request(messages.marked(last)))
    await audience.all_have(last, MOST_DRAIN_S)
    return sent_at


def _figures(key: str, says: str, latencies_s: list[float], window: Window) -> list[Figure]:
    one = f"send to receipt, {says}"
    return [
        per_core_second(key, f"deliveries {says}", len(latencies_s), window, AIM_PER_CORE_S),
        latency(key, one, latencies_s, 50),
        latency(key, one, latencies_s, 99),
    ]
