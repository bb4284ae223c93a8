"""Events in the form that clients of before `/sync` read: some members stand at the top too."""

from __future__ import annotations

from typing import Any

import orjson

from privity.rooms.as_seen import Viewer, render
from privity.store.events import Placed

_COPIED = ("age", "prev_content", "replaces_state", "redacted_because")


def old_form(placed: Placed, viewer: Viewer, membership: str | None) -> dict[str, Any]:
    """The event as `viewer` sees it, with its sender as `user_id`."""
    event: dict[str, Any] = orjson.loads(render(placed, viewer, membership))
    unsigned = event["unsigned"]
    copied = {name: unsigned[name] for name in _COPIED if name in unsigned}
    return {**event, **copied, "user_id": event["sender"]}
