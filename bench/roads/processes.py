"""One process and two on one PostgreSQL: what a second one brings.

A machine with two cores cannot give each process one. So each gets a tenth of a core (the system's
own accounting holds it to that), the database the rest of the server's core, and the load the
other. What two such tenths send, over what one does, is the figure: in one room, where both build
on each other's events, and in twenty.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import matrix
from bench.load import Connection, connect_many, drive
from bench.process import ServerProcess, free_port
from bench.roads import Figure, Run
from bench.servers.privity import Privity

SHARE = 0.1
GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 10_000
CONNECTIONS = 40
ROOMS = 20
AIM = 1.6


async def measure(run: Run) -> list[Figure]:
    """Sends a second of one and of two processes, and the ratio."""
    if not isinstance(run.server, Privity):
        return []
    if not os.access(GROUPS, os.W_OK):
        run.note(f"processes: not measured, for {GROUPS} cannot be written: each needs its share")
        return []
    figures: list[Figure] = []
    ports = (run.server.port, free_port())
    with ExitStack() as stack:
        processes = [stack.enter_context(run.server.start_at(port)) for port in ports]
        for number, process in enumerate(processes):
            stack.enter_context(held_to(SHARE, process, f"privity-bench-{number}"))
        connections = [await connect_many(port, CONNECTIONS) for port in ports]
        names = [f"sender{number}" for number in range(CONNECTIONS)]
        people = await matrix.register_many(connections[0][:4], names)
        for rooms in (1, ROOMS):
            sources = await _sources(connections[0][0], people, rooms)
            one = await _rate(run, connections[0], sources)
            both = [pair[number % 2] for number, pair in enumerate(zip(*connections, strict=True))]
            two = await _rate(run, both, sources)
            figures += _figures(rooms, one, two)
    return figures


async def _sources(
    connection: Connection, people: Sequence[matrix.Person], rooms: int
) -> list[matrix.Messages]:
    marks = itertools.count()
    sources: list[matrix.Messages] = []
    each = len(people) // rooms
    for first in range(0, len(people), each):
        owner, *others = people[first : first + each]
        room = await matrix.create_room(connection, owner, others)
        sources += [matrix.Messages(person, room, marks) for person in (owner, *others)]
    return sources


async def _rate(
    run: Run, connections: Sequence[Connection], sources: Sequence[matrix.Messages]
) -> float:
    """Sends a second of the clock."""
    requests = matrix.in_turn(sources)
    await drive(connections, requests.__next__, run.scale.warm_up_s)
    outcome = await drive(connections, requests.__next__, run.scale.load_s)
    return outcome.count / outcome.wall_s


def _figures(rooms: int, one: float, two: float) -> list[Figure]:
    key = f"processes.{rooms}"
    says = f"sends into {'one room' if rooms == 1 else f'{rooms} rooms'}"
    share = f"with {SHARE:.0%} of a core"
    return [
        Figure(f"{key}.one", f"{says}, one process {share}", "/s", one, "high"),
        Figure(f"{key}.two", f"{says}, two processes {share} each", "/s", two, "high"),
        Figure(f"{key}.ratio", f"{says}, two over one", "times", two / one, "high", AIM),
    ]


@contextmanager
def held_to(share: float, process: ServerProcess, name: str) -> Iterator[None]:
    """Let the process have that share of a core at most, by a control group (version 1)."""
    group = GROUPS / name
    group.mkdir(exist_ok=True)
    try:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(int(share * PERIOD_US)))
        (group / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        (GROUPS / "cgroup.procs").write_text(str(process.pid))
        group.rmdir()
