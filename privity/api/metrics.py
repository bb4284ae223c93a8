"""`GET /metrics` for Prometheus, on a port of its own that only this machine reaches.

Numbers only: routes by their pattern, statuses, errcodes, sizes of what is in memory. No id of a
person or a room, no address, no content. Imported only where `metrics_listen` is set.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from privity import __version__
from privity.api.door import Door, Scope, Send
from privity.api.http import Receive
from privity.api.traffic import BOUNDS_S, Answered
from privity.follow.followers import Followers
from privity.house import House

PATH = "/metrics"
_CLASSES = (*map(str, BOUNDS_S), "+Inf")
_ROUTE = ("method", "route")


class Numbers(Collector):
    """What this process knows of itself, read when it is asked for."""

    def __init__(self, house: House, followers: Followers, door: Door) -> None:
        self._house = house
        self._followers = followers
        self._traffic = door.traffic

    def collect(self) -> Iterable[Metric]:
        """Every family of numbers but the process's own."""
        store = self._house.store
        yield InfoMetricFamily("privity", "This release.", {"version": __version__})
        yield from self._requests()
        refusals = CounterMetricFamily("privity_refusals", "Requests refused.", labels=["errcode"])
        for errcode, count in self._traffic.refusals.items():
            refusals.add_metric((errcode,), count)
        yield refusals
        yield _gauge("stream_position", "The newest position that is published here.", store.pos)
        pushes = CounterMetricFamily(
            "privity_notifications", "Notifications to push gateways.", labels=["outcome"]
        )
        for outcome, count in self._followers.pushing.sending.count.items():
            pushes.add_metric((outcome,), count)
        yield pushes
        waiting = self._followers.waiting.count()
        yield _gauge("waiting_syncs", "Requests that wait for something to happen.", waiting)
        yield _gauge("rooms_in_memory", "Rooms whose state is in memory.", len(store.heads))
        yield _gauge("people_in_memory", "People whose rooms are in memory.", len(store.people))
        yield _gauge("sessions_in_memory", "Access tokens known in memory.", len(store.sessions))

    def _requests(self) -> Iterable[Metric]:
        count = CounterMetricFamily(
            "privity_requests", "Requests answered.", labels=[*_ROUTE, "status"]
        )
        time = HistogramMetricFamily(
            "privity_request_seconds", "From the head of a request to its answer.", labels=_ROUTE
        )
        for route, answered in list(self._traffic.routes.items()):
            for status, requests in answered.by_status.items():
                count.add_metric((*route, str(status)), requests)
            time.add_metric(route, _buckets(answered), answered.sum_s)
        return count, time


def _buckets(answered: Answered) -> list[tuple[str, float]]:
    return list(zip(_CLASSES, accumulate(answered.by_time), strict=True))


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"privity_{name}", says, value)


class MetricsPage:
    """The ASGI application of the metrics port."""

    def __init__(self, house: House, door: Door) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(Numbers(house, door.followers, door))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: the page, or 404."""
        del receive
        if scope["type"] != "http":
            return
        is_page = scope["path"] == PATH and scope["method"] == "GET"
        body = generate_latest(self._registry) if is_page else b""
        headers = [
            (b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        status = 200 if is_page else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
