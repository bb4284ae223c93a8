"""Idle clients: what one that waits in `/sync` takes of memory, and what its empty polls cost.

The accounts are members of encrypted rooms of fifty, have synced once, and the server has been
started again since, so that nothing of their making is left in its memory. Fifty of them sync to
warm it up, then the others connect and wait. After that, for 30 s, nothing happens: each poll ends
once, empty, and is asked again.
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
    count = min(run.server.idle_clients, run.scale.most_clients)
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
    await asyncio.sleep(SETTLE_S)
    before = process.memory()
    connections = await connect_many(run.server.port, len(clients))
    ended = 0

    async def keep_waiting(connection: Connection, client: _Client) -> None:
        nonlocal ended
        while True:
            await _sync(connection, client, WAIT_MS)
            ended += 1

    waiting = [
        asyncio.create_task(keep_waiting(connection, client))
        for connection, client in zip(connections, clients, strict=True)
    ]
    await asyncio.sleep(SETTLE_S + len(clients) / 100)  # a slow server reads all of them by then
    grown = process.memory() - before
    ended = 0
    with run.window(process, "idle clients") as window:
        await asyncio.sleep(run.scale.idle_s)
    polls = ended
    for task in waiting:
        task.cancel()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
    for connection in connections:
        connection.close()
    run.note(
        f"{run.server.name}: {len(clients):,} idle clients, {polls:,} empty polls in"
        f" {window.wall_s:.0f} s"
    )
    share = 100 * window.cpu_s / window.wall_s * 1000 / len(clients)
    kib = grown.pss_bytes / len(clients) / 1024
    return [
        Figure("idle.kib", "memory of an idle waiting client", "KiB", kib, "low", AIM_KIB),
        Figure("idle.cpu", "1,000 idle clients, 30 s polls", "% of a core", share, "low"),
    ]
