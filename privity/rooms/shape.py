"""Events in the form that a filter asks for: as servers see them, or only some of their fields.

Source: client-server API, "Filtering": `event_format` and `event_fields`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from privity.matrix.filters import Filter
from privity.store.events import Placed


def shaped(rendered: Sequence[bytes], events: Sequence[Placed], wanted: Filter) -> list[bytes]:
    """Rendered events, brought into that form. Dearer than the form that all share, and rare."""
    told = [orjson.loads(one) for one in rendered]
    if wanted.event_format == "federation":
        told = [
            {
                **orjson.loads(placed.event.pdu),
                "event_id": placed.event.event_id,
                "unsigned": one["unsigned"],
            }
            for one, placed in zip(told, events, strict=True)
        ]
    if wanted.event_fields is not None:
        told = [_only(one, wanted.event_fields) for one in told]
    return [orjson.dumps(one) for one in told]


def _only(event: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for path in paths:
        at: Any = event
        for name in path:
            at = at.get(name) if isinstance(at, dict) else None
            if at is None:
                break
        else:
            inner = kept
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            if isinstance(inner, dict):
                inner[path[-1]] = at
    return kept
