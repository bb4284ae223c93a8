"""First syncs: a client that has nothing asks for all of somebody's 50, then 200 rooms.

Rooms of ten members with twenty messages each. The filter is the one of real clients: lazy members,
twenty events of each timeline. Asked cold (the server has been started again since) and three times
more, for which the mean is told.
"""

from __future__ import annotations

import itertools

from bench import matrix
from bench.load import Connection, connect, connect_many, expect_ok, gather_or_fail
from bench.process import ServerProcess
from bench.roads import Figure, Run, cpu_ms_each

SIZES = (50, 200)
MEMBERS = 10
MESSAGES = 20
AGAIN = 3
CONNECTIONS = 4
AIM_MS = {200: 100.0}


async def measure(run: Run) -> list[Figure]:
    """CPU time of a first sync, cold and again."""
    figures: list[Figure] = []
    with run.server.start() as process:
        people = {size: await make_rooms(run, size) for size in SIZES}
        process.terminate()
    with run.server.start() as process:
        for size, person in people.items():
            figures += await _ask(run, process, size, person)
    return figures


async def make_rooms(run: Run, rooms: int) -> matrix.Person:
    """Somebody who is in so many rooms with nine others and a conversation."""
    connections = await connect_many(run.server.port, CONNECTIONS)
    names = [
        f"{'reader' if number == 0 else 'other'}{number}of{rooms}" for number in range(MEMBERS)
    ]
    reader, *others = await matrix.register_many(connections, names)
    marks, rest = itertools.count(), iter(range(rooms))

    async def some(connection: Connection) -> None:
        for _ in rest:
            room = await matrix.create_room(connection, reader, others)
            for number in range(MESSAGES):
                source = matrix.Messages(others[number % len(others)], room, marks)
                expect_ok(await connection.request(source()))

    await gather_or_fail([some(connection) for connection in connections], most_s=900)
    for connection in connections:
        connection.close()
    return reader


async def _ask(run: Run, process: ServerProcess, size: int, person: matrix.Person) -> list[Figure]:
    connection = await connect(run.server.port)
    requests: list[bytes] = []
    for number in range(AGAIN + 1):  # no two alike: one server keeps answers to repeat them
        filter_id = await matrix.make_filter(connection, person, limit=MESSAGES + number)
        requests.append(matrix.sync_request(person, filter_id=filter_id))
    with run.window(process, f"first sync of {size} rooms, cold") as cold:
        answer = expect_ok(await connection.request(requests.pop()))
    with run.window(process, f"first sync of {size} rooms") as again:
        for request in requests:
            answer = expect_ok(await connection.request(request))
    connection.close()
    run.note(
        f"{run.server.name}, first sync of {size} rooms: {len(answer.body) / 1e6:.1f} MB,"
        f" {cold.wall_s * 1000:.0f} ms by the clock when cold"
    )
    key, says = f"first_sync.{size}", f"first sync of {size} rooms"
    return [
        cpu_ms_each(f"{key}.cold", f"{says}, cold", 1, cold),
        cpu_ms_each(key, says, AGAIN, again, AIM_MS.get(size)),
    ]
