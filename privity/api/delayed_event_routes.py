"""The routes of delayed events (MSC4140)."""

from __future__ import annotations

from privity.api import delayed_events
from privity.api.paths import UNSTABLE
from privity.api.router import Needs, Route

OPEN = Needs.NOTHING_IF_OPEN
ALL = f"{UNSTABLE}/org.matrix.msc4140/delayed_events"

ROUTES: tuple[Route, ...] = (
    Route("GET", ALL, delayed_events.get_delayed_events),
    Route("GET", f"{ALL}/{{delayId}}", delayed_events.get_delayed_event),
    Route("POST", f"{ALL}/{{delayId}}", delayed_events.post_delayed_event),
    Route("POST", f"{ALL}/{{delayId}}/{{action}}", delayed_events.post_action, OPEN),
)
