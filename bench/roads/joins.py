"""Joins: what it takes the server that one more person comes into a room of up to 500.

The people are there; they join one room on four connections, one after another, and nobody waits.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench import matrix
from bench.load import Connection, connect_many, gather_or_fail
from bench.roads import Figure, Run, cpu_ms_each

SIZES = (100, 500)
CONNECTIONS = 4
AIM_MS = 2.0


async def measure(run: Run) -> list[Figure]:
    """CPU time a join."""
    figures: list[Figure] = []
    with run.server.start() as process:
        connections = await connect_many(run.server.port, CONNECTIONS)
        owner, first = await matrix.register_many(connections, ["owner", "first"])
        await matrix.create_room(connections[0], owner, [first])  # warm
        for size in SIZES:
            count = min(size, run.scale.most_members)
            names = [f"joiner{number}of{size}" for number in range(count)]
            people = await matrix.register_many(connections, names)
            room = await matrix.create_room(connections[0], owner, [])
            with run.window(process, f"{count} joins") as window:
                await _join_all(connections, people, room)
            says = f"a join, {size} into one room"
            figures.append(cpu_ms_each(f"joins.{size}", says, count, window, AIM_MS))
    return figures


async def _join_all(
    connections: Sequence[Connection], people: Sequence[matrix.Person], room: str
) -> None:
    rest = iter(people)

    async def some(connection: Connection) -> None:
        for person in rest:
            await matrix.join(connection, person, room)

    await gather_or_fail([some(connection) for connection in connections])
