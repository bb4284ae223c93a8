"""Durable sends: how many encrypted messages a core takes, and whether each is there after a kill.

1. Ten members send into one room, on four connections each, as fast as they are answered.
2. Forty members send into twenty rooms, two to a room, on one connection each, likewise.
3. One member sends into that one room, alone, for the time that an answer takes without a queue.
4. While they go on sending, the server is killed (SIGKILL); started again, it is asked for the
   newest messages that it had acknowledged, and for others drawn at random.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from typing import NamedTuple

from bench import matrix
from bench.load import Connection, Lost, connect_many, drive, expect_ok, render
from bench.process import ServerProcess
from bench.roads import Figure, Run, latency, per_core_second, per_second

CONNECTIONS = 40
ROOMS = 20
MEMBERS_OF_ONE = 10
NEWEST_CHECKED = 200
OTHERS_CHECKED = 100
AIM_PER_CORE_S = {"sqlite": 3000.0, "postgresql": 2000.0}


class Acknowledged(NamedTuple):
    """An event that the server said it has."""

    sender: matrix.Person
    room: str
    event_id: str


async def measure(run: Run) -> list[Figure]:
    """The figures of the four parts."""
    marks = itertools.count()
    with run.server.start() as process:
        connections = await connect_many(run.server.port, CONNECTIONS)
        names = [f"sender{number}" for number in range(CONNECTIONS)]
        people = await matrix.register_many(connections[:4], names)
        into_one = await _rooms(connections, people[:MEMBERS_OF_ONE], 1, marks)
        into_many = await _rooms(connections, people, ROOMS, marks)
        figures = await _part(run, process, connections, into_one, "one_room", "one room")
        figures += await _part(run, process, connections, into_many, "rooms", f"{ROOMS} rooms")
        figures += await _alone(run, connections[:1], into_one[:1])
        acknowledged = await _until_killed(run, process, connections, into_many)
        for connection in connections:
            connection.close()
    return [*figures, await _lost(run, acknowledged)]


async def _rooms(
    connections: Sequence[Connection],
    people: Sequence[matrix.Person],
    count: int,
    marks: itertools.count[int],
) -> list[matrix.Messages]:
    """`count` rooms between which the people are divided evenly; what each sends into theirs."""
    sources: list[matrix.Messages] = []
    members = len(people) // count
    for first in range(0, len(people), members):
        owner, *others = people[first : first + members]
        room = await matrix.create_room(connections[0], owner, others)
        sources += [matrix.Messages(person, room, marks) for person in (owner, *others)]
    return sources


async def _part(
    run: Run,
    process: ServerProcess,
    connections: Sequence[Connection],
    sources: Sequence[matrix.Messages],
    key: str,
    says: str,
) -> list[Figure]:
    """Warm up, then measure."""
    requests = matrix.in_turn(sources)
    await drive(connections, requests.__next__, run.scale.warm_up_s)
    with run.window(process, f"sends into {says}") as window:
        outcome = await drive(connections, requests.__next__, run.scale.load_s)
    aim = AIM_PER_CORE_S[run.server.database]
    key, one = f"sends.{key}", f"answer to one of {CONNECTIONS} sends at once into {says}"
    return [
        per_core_second(key, f"sends into {says}", outcome.count, window, aim),
        per_second(key, f"sends into {says}, by the clock", outcome.count, window),
        latency(key, one, outcome.latencies_s, 50),
        latency(key, one, outcome.latencies_s, 99),
    ]


async def _alone(
    run: Run, connection: Sequence[Connection], source: Sequence[matrix.Messages]
) -> list[Figure]:
    outcome = await drive(connection, source[0], run.scale.warm_up_s)
    return [latency("sends.alone", "answer to a send, alone", outcome.latencies_s, 50)]


async def _until_killed(
    run: Run,
    process: ServerProcess,
    connections: Sequence[Connection],
    sources: Sequence[matrix.Messages],
) -> list[Acknowledged]:
    """Send until the server is killed in the midst of it; what it had acknowledged, in order."""
    acknowledged: list[Acknowledged] = []
    there_are_enough = asyncio.Event()

    async def send(connection: Connection, source: matrix.Messages) -> None:
        while True:
            try:
                answer = expect_ok(await connection.request(source()))
            except Lost:
                return
            event_id = matrix.event_id_of(answer)
            acknowledged.append(Acknowledged(source.person, source.room, event_id))
            if len(acknowledged) == NEWEST_CHECKED:
                there_are_enough.set()

    sending = [
        asyncio.create_task(send(connection, source))
        for connection, source in zip(connections, sources, strict=True)
    ]
    enough = asyncio.create_task(there_are_enough.wait())
    await asyncio.wait([enough, *sending], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(run.scale.warm_up_s)
    process.kill()
    await asyncio.gather(*sending)
    enough.cancel()
    return acknowledged


async def _lost(run: Run, acknowledged: Sequence[Acknowledged]) -> Figure:
    """Start again, ask for the newest and for others, and count what is not there."""
    newest = acknowledged[-NEWEST_CHECKED:]
    older = acknowledged[:-NEWEST_CHECKED]
    asked = [*newest, *random.sample(older, min(OTHERS_CHECKED, len(older)))]
    lost = 0
    with run.server.start():
        (connection,) = await connect_many(run.server.port, 1)
        for sender, room, event_id in asked:
            path = f"{matrix.V3}/rooms/{room}/event/{matrix.quoted(event_id)}"
            answer = await connection.request(render("GET", path, token=sender.token))
            lost += answer.status != 200 or event_id.encode() not in answer.body
        connection.close()
    run.note(
        f"{run.server.name} was killed under load after {len(acknowledged):,} acknowledged sends:"
        f" after its restart {len(asked) - lost} of {len(asked)} asked for were there"
    )
    return Figure("sends.lost", "acknowledged sends lost by kill -9", "events", lost, "low", 0)
