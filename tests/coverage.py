"""docs/coverage.md: every operation of the client-server API, and what becomes of it here.

`make coverage` writes the page: the operations are read from the specification's OpenAPI files,
what is served from the route table, what is refused or later from docs/coverage.toml.

1. An operation that `refused` or `later` names is what they say; it is named once.
2. Any other has a route.
3. What is refused may have a route, that refuses in its own words; what is later has none.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from privity.api.app import ROUTES
from privity.api.router import Route

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "coverage.md"
DECISIONS = DOCS / "coverage.toml"
CLIENT_SERVER = Path(__file__).parents[2] / "shared" / "spec" / "data" / "api" / "client-server"
METHODS = ("get", "put", "post", "delete")
STATES = ("served", "refused by design", "later")
UNTAGGED = {"pingAppservice": "Application services", "refresh": "Session management"}

HEAD = """# What of the client-server API is served

Made by `make coverage` from the OpenAPI files of the specification (1.19), the route table
(`privity/api`) and `docs/coverage.toml`; a test holds it to the code.

- **Served** names the function that answers.
- **Refused by design** says why. Where no error is named, the answer is `404 M_UNRECOGNIZED`, as of
  any path that is not known; a known path by another method is `405 M_UNRECOGNIZED`.
- **Later** says with what.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the specification."""

    name: str
    area: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of an operation: one of `STATES`, and a word on it."""

    operation: Operation
    state: str
    says: str


class Undecided(ValueError):  # noqa: N818 - named for what is wrong
    """An operation is neither routed nor decided on, or both."""


def operations(folder: Path = CLIENT_SERVER) -> list[Operation]:
    """Every operation in the OpenAPI files of `folder`."""
    return [
        _operation(method, f"{base}{path.strip()}", methods[method])
        for base, paths in map(_paths, sorted(folder.glob("*.yaml")))
        for path, methods in paths.items()
        for method in METHODS
        if method in methods
    ]


def _paths(file: Path) -> tuple[str, dict[str, Any]]:
    document = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return document["servers"][0]["variables"]["basePath"]["default"], document["paths"]


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    name = described["operationId"]
    area = described.get("tags", [UNTAGGED.get(name, "Room discovery")])[0]
    return Operation(name, area, method.upper(), path)


def routes() -> dict[tuple[str, str], Route]:
    """Every route by its method and its path without the names of its parameters."""
    return {(route.method, _unnamed(route.path)): route for route in ROUTES}


def _unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def lines(described: Iterable[Operation]) -> list[Line]:
    """What becomes of each operation. Raises `Undecided` if a rule does not hold."""
    decisions = tomllib.loads(DECISIONS.read_text("utf-8"))
    known = routes()
    told = [
        _line(operation, known.get((operation.method, _unnamed(operation.path))), decisions)
        for operation in described
    ]
    names = {line.operation.name for line in told}
    strange = [name for named in decisions.values() for name in named if name not in names]
    if strange:
        raise Undecided(f"coverage.toml names what is no operation: {strange}")
    return told


def _line(operation: Operation, route: Route | None, decisions: dict[str, dict[str, str]]) -> Line:
    name = operation.name
    named = [kind for kind, words in decisions.items() if name in words]
    if len(named) > 1:  # 1
        raise Undecided(f"{name} stands in {named} of coverage.toml")
    if named == ["refused"]:
        return Line(operation, STATES[1], decisions["refused"][name])
    if named == ["later"]:
        if route is not None:  # 3
            raise Undecided(f"{name} has a route: take it out of 'later' in coverage.toml")
        return Line(operation, STATES[2], decisions["later"][name])
    if route is None:  # 2
        raise Undecided(f"{operation.method} {operation.path} ({name}) has no route and no reason")
    module = route.door.__module__.removeprefix("privity.")
    says = f"`{module}.{route.door.__name__}`"
    return Line(operation, STATES[0], " ".join([says, decisions["partly"].get(name, "")]).strip())


def page(told: list[Line]) -> str:
    """The whole page."""
    counts = [sum(line.state == state for line in told) for state in STATES]
    counted = ", ".join(f"{n} {state}" for n, state in zip(counts, STATES, strict=True))
    parts = [HEAD, f"{len(told)} operations: {counted}.\n"]
    by_area = sorted(told, key=lambda line: (line.operation.area, line.operation.path))
    for area, those in groupby(by_area, key=lambda line: line.operation.area):
        rows = (
            f"| `{line.operation.method} {line.operation.path}` | {line.state} | {line.says} |"
            for line in those
        )
        table = "\n".join(["| operation | | |", "|---|---|---|", *rows])
        parts.append(f"## {area}\n\n{table}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if not CLIENT_SERVER.is_dir():
        sys.exit(
            "The specification's OpenAPI files are not beside this repository (../shared/spec)."
        )
    PAGE.write_text(page(lines(operations())), "utf-8")
