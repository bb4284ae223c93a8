"""Simplified sliding sync: the first answer to somebody with 200 rooms, and an event that comes.

The request is that of today's mobile clients: the twenty newest rooms with one event and the state
that a list of rooms shows, and the extensions. Then ten such clients wait while one sends.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from bench import matrix
from bench.load import Connection, connect, connect_many, expect_ok, render
from bench.process import ServerProcess
from bench.roads import Figure, Run, Window, cpu_ms_each, latency, per_core_second
from bench.roads.first_sync import make_rooms

ROOMS = 200
CLIENTS = 10
AGAIN = 5
WAIT_MS = 30_000
PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
STATE = ("create", "name", "avatar", "canonical_alias", "encryption", "member/$LAZY", "member/$ME")
LISTS = {
    "all": {
        "ranges": [[0, 19]],
        "timeline_limit": 1,
        "required_state": [
            [f"m.room.{kind}", key] for kind, _, key in (name.partition("/") for name in STATE)
        ],
    }
}
EXTENSIONS: dict[str, dict[str, object]] = {
    name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts", "typing")
}


async def measure(run: Run) -> list[Figure]:
    """CPU time of a first answer; deliveries."""
    with run.server.start() as process:
        person = await make_rooms(run, ROOMS)
        figures = await _first(run, process, person)
        return figures + await _deliveries(run, process)


def request_of(
    person: matrix.Person, conn_id: str, pos: str = "", wait_ms: int = 0, messages_upto: str = ""
) -> bytes:
    """A request as today's mobile clients make it."""
    query = urlencode({"timeout": wait_ms, **({"pos": pos} if pos else {})})
    extensions: dict[str, dict[str, object]] = {**EXTENSIONS}
    if messages_upto:
        extensions["to_device"] = {"enabled": True, "since": messages_upto}
    body = {"conn_id": conn_id, "lists": LISTS, "extensions": extensions}
    raw = json.dumps(body, separators=(",", ":")).encode()
    return render("POST", f"{PATH}?{query}", token=person.token, body=raw)


async def _first(run: Run, process: ServerProcess, person: matrix.Person) -> list[Figure]:
    connection = await connect(run.server.port)
    requests = [request_of(person, f"bench{number}") for number in range(AGAIN + 1)]
    expect_ok(await connection.request(requests.pop()))
    with run.window(process, f"sliding sync, first answer of {ROOMS} rooms") as window:
        for request in requests:
            expect_ok(await connection.request(request))
    connection.close()
    return [cpu_ms_each("sliding.first", f"sliding sync, first of {ROOMS} rooms", AGAIN, window)]


async def _deliveries(run: Run, process: ServerProcess) -> list[Figure]:
    sending = await connect(run.server.port)
    names = [f"slider{number}" for number in range(CLIENTS + 1)]
    sender, *people = await matrix.register_many([sending], names)
    room = await matrix.create_room(sending, sender, people)
    audience = _Audience(await connect_many(run.server.port, CLIENTS))
    await audience.take_seats(people)
    source = matrix.Messages(sender, room, itertools.count(1))
    await audience.hear(sending, source, run.scale.warm_up_s)
    window: Window
    with run.window(process, "sliding sync, deliveries") as window:
        latencies_s = await audience.hear(sending, source, run.scale.load_s)
    audience.leave()
    key, says = "sliding.deliveries", f"sliding sync, deliveries to {CLIENTS}, one by one"
    return [
        per_core_second(key, says, len(latencies_s), window),
        latency(key, f"sliding sync, send to receipt, to {CLIENTS}", latencies_s, 50),
        latency(key, f"sliding sync, send to receipt, to {CLIENTS}", latencies_s, 99),
    ]


class _Audience:
    """Clients with a connection (`pos`) each, who wait for the next message."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._people: Sequence[matrix.Person] = ()
        self._at: list[str] = []

    async def take_seats(self, people: Sequence[matrix.Person]) -> None:
        """The first answers."""
        self._people = people
        for connection, person in zip(self._connections, people, strict=True):
            answer = expect_ok(await connection.request(request_of(person, "")))
            self._at.append(json.loads(answer.body)["pos"])

    async def hear(
        self, sending: Connection, source: matrix.Messages, seconds: float
    ) -> list[float]:
        """Wait all, send one, until all have it; and again. Seconds from send to receipt."""
        latencies_s: list[float] = []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            mark = source.next_mark()
            waits = [asyncio.ensure_future(self._until(number, mark)) for number in range(CLIENTS)]
            await asyncio.sleep(0.01)
            sent_at = time.perf_counter()
            expect_ok(await sending.request(source.marked(mark)))
            latencies_s += [at - sent_at for at in await asyncio.gather(*waits)]
        return latencies_s

    async def _until(self, number: int, mark: int) -> float:
        while True:
            request = request_of(self._people[number], "", self._at[number], WAIT_MS)
            answer = expect_ok(await self._connections[number].request(request))
            self._at[number] = json.loads(answer.body)["pos"]
            if mark in matrix.marks_of(answer):
                return answer.at

    def leave(self) -> None:
        """End."""
        for connection in self._connections:
            connection.close()
