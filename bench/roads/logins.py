"""Log-ins by password, each a new device, at the least cost of a hash: what is left is the server.

With Argon2id as it comes each would take what it is meant to take, some 30 ms, on any server.
"""

from __future__ import annotations

import json

from bench import matrix
from bench.load import connect_many, drive, render
from bench.roads import Figure, Run, cpu_ms_each

PEOPLE = 20
CONNECTIONS = 4


async def measure(run: Run) -> list[Figure]:
    """CPU time a log-in."""
    with run.server.start() as process:
        connections = await connect_many(run.server.port, CONNECTIONS)
        names = [f"person{number}" for number in range(PEOPLE)]
        people = await matrix.register_many(connections, names)
        requests = [_log_in(person) for person in people] * 5
        rest = iter(requests)
        with run.window(process, "log-ins") as window:
            done = await drive(connections, lambda: next(rest, None), run.scale.load_s * 4)
    return [cpu_ms_each("logins", "a log-in", done.count, window)]


def _log_in(person: matrix.Person) -> bytes:
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": person.user_id},
        "password": matrix.PASSWORD,
    }
    return render("POST", f"{matrix.V3}/login", body=json.dumps(body).encode())
