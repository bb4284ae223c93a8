"""The roads that are measured: one file each, the same load for every server."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from bench.load import percentile
from bench.process import ServerProcess
from bench.profile import Profiler
from bench.servers import Homeserver


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a measurement takes, and how large it is."""

    load_s: float
    warm_up_s: float
    idle_s: float
    starts: int
    most_clients: int
    most_members: int


FULL = Scale(
    load_s=6.0, warm_up_s=1.5, idle_s=30.0, starts=5, most_clients=10_000, most_members=1000
)
BUSY_SHARE = 0.9
QUICK = Scale(load_s=2.0, warm_up_s=0.5, idle_s=5.0, starts=2, most_clients=200, most_members=50)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure of one server. `key` is the same for all servers."""

    key: str
    says: str
    unit: str
    value: float
    good: Literal["high", "low", ""] = ""
    aim: float | None = None


class Window:
    """A stretch of load: the CPU time of the server in it, and the clock.

    Where the load, not the server, set the pace, the reader is told.
    """

    def __init__(self, run: Run, process: ServerProcess, what: str) -> None:
        self._run = run
        self._process = process
        self._what = what
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> Self:
        if self._run.profiler is not None:
            self._run.profiler.begin(self._process.pid, self._what)
        self._started = time.perf_counter(), self._process.cpu_s(), _own_cpu_s()
        return self

    def __exit__(self, *_: object) -> None:
        wall_s, cpu_s, own_s = self._started
        self.wall_s = time.perf_counter() - wall_s
        self.cpu_s = self._process.cpu_s() - cpu_s
        load_share = (_own_cpu_s() - own_s) / self.wall_s
        if load_share > BUSY_SHARE:
            server, share = self._run.server.name, round(100 * load_share)
            self._run.note(f"{server}, {self._what}: the load was busy for {share} % of its core")
        if self._run.profiler is not None:
            self._run.profiler.end()


def per_core_second(
    key: str, says: str, count: int, window: Window, aim: float | None = None
) -> Figure:
    """How many for each second of the server's CPU time."""
    return Figure(f"{key}.per_core_s", says, "/core-s", count / window.cpu_s, "high", aim)


def per_second(key: str, says: str, count: int, window: Window) -> Figure:
    """How many for each second of the clock."""
    return Figure(f"{key}.per_s", says, "/s", count / window.wall_s, "high")


def cpu_ms_each(
    key: str, says: str, count: int, window: Window, aim: float | None = None
) -> Figure:
    """Milliseconds of the server's CPU time for each."""
    return Figure(f"{key}.cpu_ms", says, "CPU ms", 1000 * window.cpu_s / count, "low", aim)


def latency(
    key: str, says: str, latencies_s: Sequence[float], percent: int, aim: float | None = None
) -> Figure:
    """What `percent` of them do not exceed, in milliseconds."""
    value = percentile(latencies_s, percent) * 1000
    name = "median" if percent == 50 else f"p{percent}"
    return Figure(f"{key}.p{percent}", f"{says}, {name}", "ms", value, "low", aim)


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class Run:
    """What a road is given: a server with an empty data folder, not started, and how large to be.

    `note` prints and keeps a sentence that a reader of the figures must know.
    """

    server: Homeserver
    scale: Scale
    profiler: Profiler | None
    note: Callable[[str], None]

    def window(self, process: ServerProcess, what: str) -> Window:
        """A stretch to measure; profiled, if that was asked for."""
        return Window(self, process, what)


Road = Callable[[Run], Coroutine[Any, Any, list[Figure]]]
"""What a road's file holds: `measure`."""
