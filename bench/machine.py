"""The machine under the measurements: which core is whose, and what to say about it."""

from __future__ import annotations

import os
import platform
import resource
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader has to know before comparing figures."""

    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str

    def as_json(self) -> dict[str, str | int | float]:
        """For the file of results."""
        return asdict(self)


def this_machine() -> Machine:
    """The machine that runs this."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cpu=_cpu_model(),
        cores=len(all_cores()),
        memory_gib=round(memory_bytes / 2**30, 1),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


_ALL_CORES = frozenset(os.sched_getaffinity(0))


def all_cores() -> frozenset[int]:
    """The cores that this process was given."""
    return _ALL_CORES


def server_core() -> int:
    """The one core of the measured server, all its threads and children."""
    return min(all_cores())


def load_core() -> int:
    """The one core of the load. On a machine with a single core, the server's too."""
    return max(all_cores())


def keep_to_load_core() -> None:
    """Leave the server's core alone."""
    os.sched_setaffinity(0, {load_core()})


def allow_many_files() -> None:
    """As many open sockets as the system gives without asking; children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
