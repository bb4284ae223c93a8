"""How much came through the doors, for the metrics page: numbers of routes, no ids, no content."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from privity.api.router import Route

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the classes of answering times, in seconds; above the last is one class more."""

UNKNOWN_PATH = ("", "unknown")


@dataclass(slots=True)
class Answered:
    """What was answered on one route: how often with which status, and how fast."""

    by_status: dict[int, int] = field(default_factory=dict)
    by_time: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0


class Traffic:
    """Every route's numbers since the start. Routes are named by method and pattern."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Answered] = {}
        self.refusals: dict[str, int] = {}

    def answered(self, route: Route | None, status: int, took_s: float) -> None:
        """One request is answered; `route` is None where its path is not known."""
        key = UNKNOWN_PATH if route is None else (route.method, route.path)
        numbers = self.routes.get(key)
        if numbers is None:
            numbers = self.routes[key] = Answered()
        numbers.by_status[status] = numbers.by_status.get(status, 0) + 1
        numbers.by_time[bisect_left(BOUNDS_S, took_s)] += 1
        numbers.sum_s += took_s

    def refused(self, errcode: str | None) -> None:
        """One request was refused, by the specification's name for why."""
        key = errcode or "none"
        self.refusals[key] = self.refusals.get(key, 0) + 1
