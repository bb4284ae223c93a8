"""At rest: from exec to the first answer, and the memory of a server that nobody uses.

The database is there already, from a first start that is not counted. Cold means a new process;
the files that it reads are in the memory of the system, as they are after any restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time

from bench.load import Lost, connect, expect_ok, render
from bench.process import NotReady, ServerProcess
from bench.roads import Figure, Run

MOST_START_S = 60.0
RETRY_S = 0.002
REST_S = 3.0
AIM_START_S = 1.0
AIM_MIB = 100.0


async def measure(run: Run) -> list[Figure]:
    """Seconds of a cold start, MiB at rest."""
    with run.server.start() as process:
        await _first_answer(run, process)
        process.terminate()
    starts_s: list[float] = []
    cpu_s: list[float] = []
    for _ in range(run.scale.starts):
        started = time.perf_counter()
        with run.server.start(wait=False) as process:
            await _first_answer(run, process)
            starts_s.append(time.perf_counter() - started)
            cpu_s.append(process.cpu_s())
            await asyncio.sleep(REST_S if len(starts_s) == run.scale.starts else 0)
            memory = process.memory()
            process.terminate()
    best, median, cpu = min(starts_s), statistics.median(starts_s), statistics.median(cpu_s)
    mib = memory.rss_bytes / 2**20
    return [
        Figure("rest.start_best", "cold start, best", "s", best, "low"),
        Figure("rest.start", "cold start, median", "s", median, "low", AIM_START_S),
        Figure("rest.start_cpu", "CPU time of a cold start, median", "s", cpu, "low"),
        Figure("rest.mib", "memory at rest (RSS)", "MiB", mib, "low", AIM_MIB),
    ]


async def _first_answer(run: Run, process: ServerProcess) -> None:
    """Ask for the versions until they are answered. Raises `NotReady`."""
    request = render("GET", "/_matrix/client/versions")
    until = time.monotonic() + MOST_START_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError, Lost):
            connection = await connect(run.server.port)
            expect_ok(await connection.request(request))
            connection.close()
            return
        process.check_running()
        await asyncio.sleep(RETRY_S)
    message = f"no answer after {MOST_START_S} s:\n{process.log_tail()}"
    raise NotReady(message)
