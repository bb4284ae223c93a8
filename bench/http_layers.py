"""What each HTTP layer for Python costs: `python -m bench.http_layers`, for docs/decisions/0002.

Requests per second of the server's CPU time, and memory per request that waits for an answer, all
in one run on one machine: compare the lines with one another, not with another machine's.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.environment import ROOT, environment
from bench.http_apps import SERVERS
from bench.load import connect, connect_many, drive, expect_ok, percentile, render
from bench.machine import allow_many_files, keep_to_load_core, this_machine
from bench.process import ServerProcess, free_port, wait_for_port

CONNECTIONS = 64
WARM_UP_S = 1.0
LOAD_S = 4.0
WAITING = 5000
MOST_START_S = 20.0
BODY = b'{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"%s"}' % (b"A" * 700)


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of the table."""

    name: str
    requests_per_core_s: float
    wall_per_s: float
    p99_ms: float
    waiting_bytes: float


async def measure(name: str, port: int, process: ServerProcess, waiting: int) -> Layer:
    """Load, then waiters, on the same process."""
    put = render("PUT", "/send", token="syt_0123456789", body=BODY)
    connections = await connect_many(port, CONNECTIONS)
    await drive(connections, lambda: put, WARM_UP_S)
    before_s = process.cpu_s()
    outcome = await drive(connections, lambda: put, LOAD_S)
    cpu_s = process.cpu_s() - before_s
    idle = await memory_per_waiter(port, process, waiting)
    for connection in connections:
        connection.close()
    return Layer(
        name,
        outcome.count / cpu_s,
        outcome.count / outcome.wall_s,
        percentile(outcome.latencies_s, 99) * 1000,
        idle,
    )


async def memory_per_waiter(port: int, process: ServerProcess, count: int) -> float:
    """Bytes of private memory that a request takes which has no answer yet."""
    before = process.memory()
    connections = await connect_many(port, count)
    wait = render("GET", "/wait", token="syt_0123456789")
    for connection in connections:
        connection.request(wait)
    other = await connect(port)
    await asyncio.sleep(1)
    expect_ok(await other.request(render("PUT", "/send", body=BODY)))  # it has read all the others
    grown = process.memory() - before
    for connection in [*connections, other]:
        connection.close()
    return grown.pss_bytes / count


def run(name: str, waiting: int) -> Layer:
    """Start it, measure it, kill it."""
    python = environment("http")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command: list[str | Path] = [python, "-m", "bench.http_apps", name, str(port)]
        with ServerProcess(command, log, cwd=ROOT) as process:
            wait_for_port(port, process, MOST_START_S)
            return uvloop.run(measure(name, port, process, waiting))


def main(names: list[str]) -> None:
    """The table, on standard output. `names`: only layers whose names contain one of them."""
    allow_many_files()
    keep_to_load_core()
    machine = this_machine()
    print(f"{machine.cpu}, {machine.cores} cores, Python {machine.python}, {machine.kernel}\n")
    print("| layer | requests per core-second | per second of the clock | p99 | waiting request |")
    print("|---|---:|---:|---:|---:|")
    for name in SERVERS:
        if names and not any(part in name for part in names):
            continue
        layer = run(name, WAITING)
        print(
            f"| {layer.name} | {layer.requests_per_core_s:,.0f} | {layer.wall_per_s:,.0f}"
            f" | {layer.p99_ms:.1f} ms | {layer.waiting_bytes / 1024:.1f} KiB |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
