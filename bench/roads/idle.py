"""Idle clients: what one that waits in `/sync` takes of memory, and what its empty polls cost.

The accounts are members of encrypted rooms of fifty, have synced once, and the server has been
started again since, so that nothing of their making is left in its memory. Fifty of them sync to
warm it up, then more and more of the others connect and wait. When all do, nothing happens for
30 s: each poll ends once, empty, and is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bench import matrix
from bench.load import Connection, connect_many, expect_ok, gather_or_fail
from bench.process import ServerProcess
from bench.roads import Figure, Run

ROOM_SIZE = 50
WAIT_MS = 30_000
CONNECTIONS_OF_SETUP = 4
SETTLE_S = 2.0
CALM_CPU_S = 0.15
AIM_KIB = 20.0


@dataclass(slots=True)
class _Client:
    """An account with its place in the stream."""

    person: matrix.Person
    filter_id: str
    since: str

    def poll(self, wait_ms: int) -> bytes:
        return matrix.sync_request(
            self.person, filter_id=self.filter_id, since=self.since, wait_ms=wait_ms
        )


async def measure(run: Run) -> list[Figure]:
    """Memory a client, and CPU time while all of them wait."""
    count = max(_counts(run))
    with run.server.start() as process:
        clients = await _make(run, count + ROOM_SIZE)
        process.terminate()
    with run.server.start() as process:
        await _warm_up(run, clients[:ROOM_SIZE])
        return await _wait(run, process, clients[ROOM_SIZE:])


async def _make(run: Run, count: int) -> list[_Client]:
    """Accounts that have joined their rooms and synced once."""
    connections = await connect_many(run.server.port, CONNECTIONS_OF_SETUP)
    names = [f"idle{number}" for number in range(count)]
    people = await matrix.register_many(connections, names)
    for first in range(0, count, ROOM_SIZE):
        owner, *others = people[first : first + ROOM_SIZE]
        await matrix.create_room(connections[0], owner, others)
    clients: list[_Client] = []
    rest = iter(people)

    async def sync_some(connection: Connection) -> None:
        for person in rest:
            filter_id = await matrix.make_filter(connection, person)
            clients.append(_Client(person, filter_id, ""))
            await _sync(connection, clients[-1], 0)

    await gather_or_fail([sync_some(connection) for connection in connections])
    for connection in connections:
        connection.close()
    return clients


async def _sync(connection: Connection, client: _Client, wait_ms: int) -> None:
    answer = expect_ok(await connection.request(client.poll(wait_ms)))
    client.since = matrix.next_batch_of(answer)


async def _warm_up(run: Run, clients: Sequence[_Client]) -> None:
    connections = await connect_many(run.server.port, len(clients))
    for connection, client in zip(connections, clients, strict=True):
        await _sync(connection, client, 0)
        await _sync(connection, client, 1)
    for connection in connections:
        connection.close()


async def _wait(run: Run, process: ServerProcess, clients: Sequence[_Client]) -> list[Figure]:
    """Let more and more of them wait, up to all; the memory at each count, then the CPU time."""
    await asyncio.sleep(SETTLE_S)
    before = process.memory()
    crowd = _Crowd(run)
    figures: list[Figure] = []
    for count in _counts(run):
        await crowd.grow(clients[:count])
        await _until_calm(process)
        grown = process.memory() - before
        kib = grown.pss_bytes / count / 1024
        says = f"memory of an idle waiting client, {count:,} of them"
        figures.append(Figure(f"idle.{count}.kib", says, "KiB", kib, "low", AIM_KIB))
    crowd.ended = 0
    with run.window(process, "idle clients") as window:
        await asyncio.sleep(run.scale.idle_s)
    polls = crowd.ended
    await crowd.leave()
    run.note(
        f"{run.server.name}: {len(clients):,} idle clients, {polls:,} empty polls in"
        f" {window.wall_s:.0f} s"
    )
    share = 100 * window.cpu_s / window.wall_s * 1000 / len(clients)
    cpu = Figure("idle.cpu", "1,000 idle clients, 30 s polls", "% of a core", share, "low")
    return [*figures, cpu]


class _Crowd:
    """Clients that wait, each on a connection of its own, and ask again when their poll ends."""

    def __init__(self, run: Run) -> None:
        self.ended = 0
        self._run = run
        self._connections: list[Connection] = []
        self._waiting: list[asyncio.Task[None]] = []

    async def grow(self, clients: Sequence[_Client]) -> None:
        """Have all of `clients` wait; the first ones do already."""
        more = clients[len(self._waiting) :]
        connections = await connect_many(self._run.server.port, len(more))
        self._connections += connections
        for connection, client in zip(connections, more, strict=True):
            self._waiting.append(asyncio.create_task(self._keep_waiting(connection, client)))

    async def leave(self) -> None:
        """End. Raises what went wrong with any of them."""
        for task in self._waiting:
            task.cancel()
        for result in await asyncio.gather(*self._waiting, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        for connection in self._connections:
            connection.close()

    async def _keep_waiting(self, connection: Connection, client: _Client) -> None:
        while True:
            await _sync(connection, client, WAIT_MS)
            self.ended += 1


async def _until_calm(process: ServerProcess) -> None:
    """Wait until it has read what was asked."""
    while True:
        before_s = process.cpu_s()
        await asyncio.sleep(1)
        if process.cpu_s() - before_s < CALM_CPU_S:
            await asyncio.sleep(SETTLE_S)
            return


def _counts(run: Run) -> list[int]:
    return [count for count in run.server.idle_clients if count <= run.scale.most_clients]
