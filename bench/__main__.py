"""`python -m bench`: every road on every server, and the table, the results and the plot.

`--only` and `--servers` take a part of it, `--quick` makes it short; what was asked for in part or
in short is printed and not kept. `--profile ROAD` samples Privity instead of comparing,
and says where it put what it saw.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import report
from bench.environment import CACHE, ROOT
from bench.machine import allow_many_files, keep_to_load_core, this_machine
from bench.profile import Profiler
from bench.roads import (
    FULL,
    QUICK,
    Figure,
    Road,
    Run,
    Scale,
    deliveries,
    first_sync,
    idle,
    joins,
    keys,
    logins,
    media,
    processes,
    rest,
    sends,
    sliding,
)
from bench.servers import Server
from bench.servers.privity import Privity
from bench.servers.synapse import Synapse

ROADS: dict[str, Road] = {
    "sends": sends.measure,
    "deliveries": deliveries.measure,
    "sliding": sliding.measure,
    "first_sync": first_sync.measure,
    "joins": joins.measure,
    "keys": keys.measure,
    "logins": logins.measure,
    "media": media.measure,
    "idle": idle.measure,
    "rest": rest.measure,
    "processes": processes.measure,
}
DATABASES = {
    "sqlite": [road for road in ROADS if road != "processes"],
    "postgresql": ["sends", "deliveries", "first_sync", "joins", "keys", "processes"],
}
LOADED = tuple(road for road in ROADS if road not in {"rest", "processes"})
SERVERS: dict[str, Server] = {"privity": Privity, "synapse": Synapse}
RESULTS = ROOT / "bench" / "results"
LOG_TAIL_CHARACTERS = 4000
PROFILES = CACHE / "bench-profiles"


def main() -> None:
    """Measure, print, keep."""
    asked = _arguments()
    allow_many_files()
    keep_to_load_core()
    CACHE.mkdir(exist_ok=True)
    scale = QUICK if asked.quick else FULL
    results = report.Results(_now(), this_machine())
    started = time.monotonic()
    profiler = Profiler(PROFILES) if asked.profile else None
    for database in asked.databases:
        part = results.part(database)
        for road in (road for road in DATABASES[database] if road in asked.only):
            for server in asked.servers:
                measured = Measured(road, server, database)
                part.add(server, *_measure(measured, scale, profiler, part.notes))
    results.took_s = round(time.monotonic() - started)
    print(f"\n{report.table(results)}")
    if not asked.profile and not asked.quick and _is_whole(asked):
        report.write(results, RESULTS)


class Measured(NamedTuple):
    """One road of one server on one database."""

    road: str
    server: str
    database: str


def _measure(
    measured: Measured, scale: Scale, profiler: Profiler | None, notes: list[str]
) -> tuple[str, list[Figure]]:
    """The server's version, and the figures of one road on an empty database."""

    def note(sentence: str) -> None:
        print(f"  {sentence}", flush=True)
        notes.append(sentence)

    print(f"{measured.road}: {measured.server} on {measured.database}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-data-", dir=CACHE) as folder:
        running = SERVERS[measured.server](Path(folder), measured.database)
        try:
            figures = uvloop.run(ROADS[measured.road](Run(running, scale, profiler, note)))
            version = running.version()
        except Exception:
            print(_tail(running.log), flush=True)
            raise
        finally:
            running.close()
        for figure in figures:
            print(f"  {figure.says}: {report.rounded(figure.value)} {figure.unit}", flush=True)
        return version, figures


def _tail(log: Path) -> str:
    text = log.read_text("utf-8", errors="replace") if log.exists() else ""
    return text[-LOG_TAIL_CHARACTERS:]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ROADS, default=list(ROADS))
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--quick", action="store_true", help="short, for development")
    parser.add_argument("--profile", choices=LOADED, help="sample Privity on this road")
    asked = parser.parse_args()
    if asked.profile:
        asked.only, asked.servers = [asked.profile], ["privity"]
        asked.databases = [name for name in asked.databases if asked.profile in DATABASES[name]]
    return asked


def _is_whole(asked: argparse.Namespace) -> bool:
    return (
        set(asked.only) == set(ROADS)
        and set(asked.servers) == set(SERVERS)
        and set(asked.databases) == set(DATABASES)
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


if __name__ == "__main__":
    main()
