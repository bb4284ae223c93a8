"""An event as one person sees it: the shared rendering, with their own `unsigned` part behind it.

Bytes are spliced, not encoded again: the event is rendered once for all who receive it.
Source: client-server API, "ClientEvent" and its UnsignedData.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from privity.matrix import client_event
from privity.matrix.canonical_json import encode
from privity.matrix.ids import DeviceId, UserId
from privity.store.events import Placed


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, through which device, and when (milliseconds)."""

    user_id: UserId
    device_id: DeviceId
    now_ms: int


def render(
    placed: Placed,
    viewer: Viewer,
    membership: str | None = "join",
    relations: bytes | None = None,
    *,
    with_room_id: bool = True,
) -> bytes:
    """The event as a JSON object for `viewer`, whose membership at the event was `membership`.

    `relations` is the rendered `m.relations` of its unsigned part.
    """
    event = placed.event
    unsigned = [b'"age":%d' % max(0, viewer.now_ms - event.origin_server_ts)]
    if membership is not None:
        unsigned.append(b'"membership":"%s"' % membership.encode())
    if placed.replaced is not None:
        unsigned.append(
            b'"prev_content":%s,"replaces_state":"%s","prev_sender":%s'
            % (
                encode(placed.replaced.content),
                placed.replaced.event_id.encode(),
                orjson.dumps(placed.replaced.sender),
            )
        )
    if placed.redaction is not None:
        because = client_event.core(placed.redaction, event.event_id)
        room_id = orjson.dumps(event.room_id)
        unsigned.append(b'"redacted_because":%s,"room_id":%s}' % (because, room_id))
    sent = placed.sent
    if sent is not None and sent.device_id == viewer.device_id and event.sender == viewer.user_id:
        unsigned.append(b'"transaction_id":%s' % orjson.dumps(sent.txn_id))
    if relations is not None:
        unsigned.append(b'"m.relations":%s' % relations)
    room = b',"room_id":%s' % orjson.dumps(event.room_id) if with_room_id else b""
    return b'%s%s,"unsigned":{%s}}' % (placed.core(), room, b",".join(unsigned))


def array(rendered: list[bytes]) -> bytes:
    """A JSON array of rendered values."""
    return b"[%s]" % b",".join(rendered)
