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
its threads and children, as the system counts it. Both keep their data in SQLite, write-ahead log,
`synchronous=FULL`: what was acknowledged is on the disk."""


@dataclass(slots=True)
class Results:
    """One invocation: figures by key and server, in the order in which they were measured."""

    date: str
    machine: Machine
    took_s: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict[str, Figure]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, server: str, version: str, figures: list[Figure]) -> None:
        """The figures of one road on one server."""
        self.versions[server] = version
        for figure in figures:
            self.figures.setdefault(figure.key, {})[server] = figure


def table(results: Results) -> str:
    """The table in Markdown, with what a reader must know before comparing."""
    machine = results.machine
    servers = list(results.versions)
    peers = [server for server in servers if server != OURS]
    where = f"{machine.cpu}, {machine.cores} cores, {machine.memory_gib} GiB, {machine.kernel}"
    columns = [*servers, "aim", *(f"against {peer}" for peer in peers)]
    lines = [
        f"Measured {results.date}, in one run of {results.took_s} s, on {where}.",
        "",
        *(f"- {server} {version}" for server, version in results.versions.items()),
        f"- the load: Python {machine.python}",
        "",
        CORES,
        "",
        f"| | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for by_server in results.figures.values():
        any_of = next(iter(by_server.values()))
        cells = [_value(by_server.get(server)) for server in servers]
        cells.append("" if any_of.aim is None else rounded(any_of.aim))
        cells += [ratio(by_server, peer) for peer in peers]
        lines.append(f"| {any_of.says}, {any_of.unit} | " + " | ".join(cells) + " |")
    lines += ["", *(f"- {note}" for note in results.notes)]
    return "\n".join(lines) + "\n"


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
    """`table.md`, `results.json` and `plot.svg` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(f"# Ours and a peer's\n\n{table(results)}", "utf-8")
    as_json = {
        "date": results.date,
        "machine": results.machine.as_json(),
        "took_s": results.took_s,
        "versions": results.versions,
        "figures": {
            key: {
                **asdict(next(iter(by_server.values()))),
                "value": {server: figure.value for server, figure in by_server.items()},
            }
            for key, by_server in results.figures.items()
        },
        "notes": results.notes,
    }
    (folder / "results.json").write_text(json.dumps(as_json, indent=1) + "\n", "utf-8")
    rows = [_row(by_server, results) for by_server in results.figures.values()]
    title = f"{results.machine.cpu}, one core for the server, {results.date}"
    draw([row for row in rows if row is not None], title, folder / "plot.svg")


def _row(by_server: dict[str, Figure], results: Results) -> Row | None:
    """A row of the picture: what is counted by core-second, and what a server takes by being."""
    figure = next(iter(by_server.values()))
    is_shown = figure.unit == "/core-s" or figure.aim is not None
    if not is_shown or not all(f.value > 0 for f in by_server.values()):
        return None
    values = {server: by_server[server].value for server in results.versions if server in by_server}
    peers = [server for server in values if server != OURS]
    ratios = ", ".join(ratio(by_server, peer) for peer in peers)
    return Row(figure.says, figure.unit, figure.good == "high", values, ratios, figure.aim)
