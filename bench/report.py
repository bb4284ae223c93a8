"""What was measured, as a table to read, a file to compute with, and (plot.py) a picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.machine import Machine
from bench.plot import Row, draw
from bench.roads import Figure

OURS = "privity"
CORES = """\
The server has one core and the load another. `/core-s` is per second of the server's CPU time, all
its threads and children and its PostgreSQL, as the system counts it. What was acknowledged is on
the disk: SQLite with a write-ahead log and `synchronous=FULL`, PostgreSQL as it comes."""
TITLES = {"sqlite": "On SQLite", "postgresql": "On PostgreSQL"}


@dataclass(slots=True)
class Part:
    """The figures on one database, by key and server, in the order in which they were measured."""

    database: str
    versions: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict[str, Figure]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, server: str, version: str, figures: list[Figure]) -> None:
        """The figures of one road on one server."""
        self.versions[server] = version
        for figure in figures:
            self.figures.setdefault(figure.key, {})[server] = figure


@dataclass(slots=True)
class Results:
    """One invocation."""

    date: str
    machine: Machine
    took_s: int = 0
    parts: list[Part] = field(default_factory=list)

    def part(self, database: str) -> Part:
        """A new part."""
        self.parts.append(Part(database))
        return self.parts[-1]


def table(results: Results) -> str:
    """The tables in Markdown, with what a reader must know before comparing."""
    machine = results.machine
    where = f"{machine.cpu}, {machine.cores} cores, {machine.memory_gib} GiB, {machine.kernel}"
    lines = [
        f"Measured {results.date}, in one run of {results.took_s} s, on {where}.",
        f"The load: Python {machine.python}.",
        "",
        CORES,
    ]
    for part in results.parts:
        lines += ["", *_part_table(part)]
    return "\n".join(lines) + "\n"


def _part_table(part: Part) -> list[str]:
    servers = list(part.versions)
    peers = [server for server in servers if server != OURS]
    columns = [*servers, "aim", *(f"against {peer}" for peer in peers)]
    lines = [
        f"## {TITLES[part.database]}",
        "",
        *(f"- {server} {version}" for server, version in part.versions.items()),
        "",
        f"| | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for by_server in part.figures.values():
        any_of = next(iter(by_server.values()))
        cells = [_value(by_server.get(server)) for server in servers]
        cells.append("" if any_of.aim is None else rounded(any_of.aim))
        cells += [ratio(by_server, peer) for peer in peers]
        lines.append(f"| {any_of.says}, {any_of.unit} | " + " | ".join(cells) + " |")
    return [*lines, "", *(f"- {note}" for note in part.notes)]


def _value(figure: Figure | None) -> str:
    return "" if figure is None else rounded(figure.value)


def rounded(value: float) -> str:
    """Three figures that mean something, not more."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(by_server: dict[str, Figure], peer: str) -> str:
    """How many times better ours is, `x 0.5` for half as good; empty where it has no sense."""
    ours, theirs = by_server.get(OURS), by_server.get(peer)
    if ours is None or theirs is None or not ours.value or not theirs.value:
        return ""
    better = ours.value / theirs.value if ours.good == "high" else theirs.value / ours.value
    return f"x {better:,.0f}" if better >= 10 else f"x {better:.1f}"


def write(results: Results, folder: Path) -> None:
    """`table.md`, `results.json` and a plot for each database in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(f"# Ours and a peer's\n\n{table(results)}", "utf-8")
    as_json = {
        "date": results.date,
        "machine": results.machine.as_json(),
        "took_s": results.took_s,
        **{part.database: _as_json(part) for part in results.parts},
    }
    (folder / "results.json").write_text(json.dumps(as_json, indent=1) + "\n", "utf-8")
    for part in results.parts:
        rows = [_row(by_server, part) for by_server in part.figures.values()]
        title = f"{TITLES[part.database]}, {results.machine.cpu}, {results.date}"
        path = folder / f"plot-{part.database}.svg"
        draw([row for row in rows if row is not None], title, path)


def _as_json(part: Part) -> dict[str, object]:
    figures = {
        key: {
            **asdict(next(iter(by_server.values()))),
            "value": {server: figure.value for server, figure in by_server.items()},
        }
        for key, by_server in part.figures.items()
    }
    return {"versions": part.versions, "figures": figures, "notes": part.notes}


def _row(by_server: dict[str, Figure], part: Part) -> Row | None:
    """A row of the picture: what is counted by core-second, and what a server takes by being."""
    figure = next(iter(by_server.values()))
    is_shown = figure.unit in {"/core-s", "CPU ms"} or figure.aim is not None
    if not is_shown or not all(f.value > 0 for f in by_server.values()):
        return None
    values = {server: by_server[server].value for server in part.versions if server in by_server}
    peers = [server for server in values if server != OURS]
    ratios = ", ".join(ratio(by_server, peer) for peer in peers)
    return Row(figure.says, figure.unit, figure.good == "high", values, ratios, figure.aim)
