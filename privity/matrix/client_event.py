"""An event as clients see it: rendered once to bytes, then spliced for each who receives it.

Source: client-server API, "Room event format" (ClientEvent); room version 11, "Remove most
keys from m.room.redaction" for where `redacts` stands.
"""

from __future__ import annotations

from typing import Any

from privity.matrix.canonical_json import encode
from privity.matrix.events import Event
from privity.matrix.ids import EventId


def core(event: Event, redacts: EventId | None) -> bytes:
    """The parts that are the same for everybody, as a JSON object without its closing brace.

    `redacts` is the target of a redaction. It stands both in the content and beside it, as the
    specification asks of servers for the clients of either kind.
    """
    rendered: dict[str, Any] = {
        "content": event.content,
        "event_id": event.event_id,
        "origin_server_ts": event.origin_server_ts,
        "sender": event.sender,
        "type": event.type,
    }
    if event.state_key is not None:
        rendered["state_key"] = event.state_key
    if redacts is not None:
        rendered["redacts"] = redacts
        rendered["content"] = {**event.content, "redacts": redacts}
    return encode(rendered)[:-1]


def stripped(event: Event) -> dict[str, Any]:
    """A state event as a person sees it who is not in the room: type, key, sender and content."""
    return {
        "content": event.content,
        "sender": event.sender,
        "state_key": event.state_key,
        "type": event.type,
    }
