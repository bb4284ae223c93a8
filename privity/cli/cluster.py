"""What can be wrong with a cluster, and the command that mends each: more questions of the doctor.

1. each process that did not stop in order was seen just now
2. each hears what the others write, soon
3. all are of one version
4. all wake one another by the same bus, and it carries
5. their clocks agree
6. all were told the same, but for where each listens and keeps its files
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence

from privity.cli.ailments import Finding
from privity.config import Config
from privity.follow.company import MISSED_AFTER_MS
from privity.store import processes
from privity.store.engine import Tx
from privity.store.processes import Process

MOST_BEHIND = 2000
CLOCK_TOLERANCE_MS = 5000


def of_cluster(tx: Tx, config: Config, now_ms: int) -> Iterator[Finding]:
    """The processes on this database; nothing where the database is one process's own."""
    if not config.database:
        return
    found = processes.all_of(tx)
    there = [each for each in found if now_ms - each.seen_ts <= MISSED_AFTER_MS]
    if not there:
        yield Finding("cluster", "no process is running")
    for process in found:
        yield _of_process(process, now_ms)
    versions = sorted({each.version for each in there})
    if len(versions) > 1:  # 3
        says = f"processes of several versions run: {', '.join(versions)}"
        yield Finding("cluster", says, "python3 -m pip install --upgrade privity")
    buses = sorted({each.bus for each in there})
    if len(buses) > 1:  # 4
        says = f"some wake the others by {buses[0]}, some by {', '.join(buses[1:])}"
        yield Finding("cluster", says, "grep nats_url /etc/privity/*.toml")
    if differing := _told_differently(there):  # 6
        says = f"processes were told different things: {', '.join(differing)}"
        yield Finding("cluster", says, f"grep -E '{'|'.join(differing)}' /etc/privity/*.toml")


def _told_differently(there: Sequence[Process]) -> list[str]:
    """The keys whose value is not the same at all processes that name it."""
    values: dict[str, set[str]] = {}
    for process in there:
        for name, value in json.loads(process.settings).items():
            values.setdefault(name, set()).add(json.dumps(value))
    return sorted(name for name, several in values.items() if len(several) > 1)


def _of_process(process: Process, now_ms: int) -> Finding:
    where = f"{process.host}, {process.listen}"
    unseen_ms = now_ms - process.seen_ts
    restart = f"ssh {shlex.quote(process.host)} systemctl restart 'privity*'"
    if unseen_ms > MISSED_AFTER_MS:  # 1
        says = f"{where}: was not stopped, and not seen for {_told(unseen_ms)}"
        return Finding("process", says, restart)
    if process.behind > MOST_BEHIND:  # 2
        return Finding("process", f"{where}: {process.behind} positions behind", restart)
    if unseen_ms < -CLOCK_TOLERANCE_MS:  # 5
        says = f"{where}: its clock is {_told(-unseen_ms)} ahead of this one"
        return Finding("process", says, "sudo timedatectl set-ntp true")
    if not process.is_woken:  # 4
        says = f"{where}: cannot reach its bus, {process.bus}, and looks twice a second instead"
        return Finding("process", says, "systemctl status nats-server postgresql")
    up = _told(now_ms - process.started_ts)
    return Finding(
        "process",
        f"{where}: privity {process.version}, for {up}, {process.behind} positions behind,"
        f" woken by {process.bus}",
    )


def _told(ms: int) -> str:
    """A length of time, for people."""
    seconds = max(0, ms) // 1000
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
