"""Media: files of 1 MB and of 50 MB up and down, and what the server grows by meanwhile.

Random bytes, as ciphertext is. Memory is the highest that the system saw during the transfer, over
what was held before it.
"""

from __future__ import annotations

import json
import os

from bench import matrix
from bench.load import Connection, connect, expect_ok, render
from bench.process import ServerProcess
from bench.roads import Figure, Run, cpu_ms_each

MB = 1_000_000
SIZES_MB = {1: 20, 50: 2}
WARM_MB = 1
AIM_GROWTH_MIB = 8.0


async def measure(run: Run) -> list[Figure]:
    """CPU time a MB up and down, and growth."""
    figures: list[Figure] = []
    with run.server.start() as process:
        connection = await connect(run.server.port)
        person = await matrix.register(connection, "sender")
        await _down(connection, person, await _up(connection, person, os.urandom(WARM_MB * MB)))
        for size, times in SIZES_MB.items():
            figures += await _size(run, process, connection, person, (size, times))
    return figures


async def _size(
    run: Run,
    process: ServerProcess,
    connection: Connection,
    person: matrix.Person,
    size_times: tuple[int, int],
) -> list[Figure]:
    size, times = size_times
    content = os.urandom(size * MB)
    process.forget_peak()
    before = process.peak_bytes()
    with run.window(process, f"{size} MB up") as up:
        where = [await _up(connection, person, content) for _ in range(times)]
    grown_up = process.peak_bytes() - before
    process.forget_peak()
    before = process.peak_bytes()
    with run.window(process, f"{size} MB down") as down:
        for path in where:
            assert await _down(connection, person, path) == len(content)
    grown_down = process.peak_bytes() - before
    figures = [
        cpu_ms_each(f"media.{size}.up", f"a MB up, in files of {size} MB", size * times, up),
        cpu_ms_each(f"media.{size}.down", f"a MB down, in files of {size} MB", size * times, down),
    ]
    for key, what, grown in (("up", "upload", grown_up), ("down", "download", grown_down)):
        mib = max(grown, 0) / 2**20
        says = f"growth by {'an' if key == 'up' else 'a'} {what} of {size} MB"
        aim = AIM_GROWTH_MIB
        figures.append(Figure(f"media.{size}.{key}.grown", says, "MiB", mib, "low", aim))
    return figures


async def _up(connection: Connection, person: matrix.Person, content: bytes) -> str:
    """Upload; where it can be had."""
    head = render("POST", "/_matrix/media/v3/upload", token=person.token, body=b"")
    typed = head.replace(b"application/json", b"application/octet-stream")
    sized = typed.replace(b"Content-Length: 0", b"Content-Length: %d" % len(content))
    answer = expect_ok(await connection.request(sized + content))
    uri = json.loads(answer.body)["content_uri"]
    return f"/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}"


async def _down(connection: Connection, person: matrix.Person, path: str) -> int:
    answer = expect_ok(await connection.request(render("GET", path, token=person.token)))
    return len(answer.body)
