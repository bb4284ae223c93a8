"""A measured server: started on its core, its CPU time and memory read from the system."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.machine import all_cores, server_core

MOST_STOP_S = 10.0
LOG_TAIL_CHARACTERS = 2000
_NS_PER_S = 1_000_000_000
_CPUCLOCK_SCHED = 2


class NotReady(Exception):  # noqa: N818 - named for what happened
    """A server did not start, or ended too early. The text has the end of its log."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a server and its children: `rss` counts shared pages whole, `pss` its share."""

    rss_bytes: int
    pss_bytes: int

    def __sub__(self, other: Memory) -> Memory:
        return Memory(self.rss_bytes - other.rss_bytes, self.pss_bytes - other.pss_bytes)


class ServerProcess:
    """A process and its children, pinned to the server's core. Leaving the context kills it."""

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        self.counted: list[ServerProcess] = []  # whose CPU time is this one's too: its database
        here = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {server_core()})  # children inherit it, and all their threads
        try:
            with log.open("ab") as out:
                self._popen = subprocess.Popen(
                    [str(word) for word in command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                )
        finally:
            os.sched_setaffinity(0, here & all_cores())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id of the one that was started."""
        return self._popen.pid

    def check_running(self) -> None:
        """Raises `NotReady` when it has ended."""
        if self._popen.poll() is not None:
            message = f"the server ended with {self._popen.returncode}:\n{self.log_tail()}"
            raise NotReady(message)

    def log_tail(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text("utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]

    def cpu_s(self) -> float:
        """CPU seconds used so far by every thread, of children too, to the nanosecond.

        Those of `counted` are in it. A child that ended is not, so what is measured keeps its own.
        """
        own_s = sum(_cpu_ns(pid) for pid in self._tree()) / _NS_PER_S
        return own_s + sum(other.cpu_s() for other in self.counted)

    def peak_bytes(self) -> int:
        """The most memory that it held since it began, or since `forget_peak`."""
        return sum(_status_kib(pid, "VmHWM") for pid in self._tree()) * 1024

    def forget_peak(self) -> None:
        """Begin anew with what it holds now."""
        for pid in self._tree():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory(self) -> Memory:
        """What it holds now, children included."""
        both = [_memory(pid) for pid in self._tree()]
        return Memory(sum(m.rss_bytes for m in both), sum(m.pss_bytes for m in both))

    def _tree(self) -> list[int]:
        pids = [self.pid]
        for pid in pids:  # grows while it is read: children of children
            pids += _children(pid)
        return pids

    def terminate(self) -> None:
        """SIGTERM, then wait; SIGKILL if it takes more than `MOST_STOP_S`."""
        self._popen.terminate()
        try:
            self._popen.wait(MOST_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut would, to children too."""
        for pid in self._tree()[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self._popen.kill()
        self._popen.wait()


def wait_for_port(port: int, process: ServerProcess, most_s: float) -> None:
    """Wait until `port` on loopback takes connections. Raises `NotReady`."""
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        process.check_running()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    message = f"nothing listens on {port} after {most_s} s:\n{process.log_tail()}"
    raise NotReady(message)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def _cpu_ns(pid: int) -> int:
    """The clock of another process, as clock_getcpuclockid(3) names it; ended threads count."""
    try:
        return time.clock_gettime_ns((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:
        return 0


def _status_kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _memory(pid: int) -> Memory:
    sizes = {"Rss": 0, "Pss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name in sizes:
            sizes[name] = int(value.split()[0]) * 1024
    return Memory(sizes["Rss"], sizes["Pss"])
