"""Receipts, read markers, typing.

Source: client-server API, "Receipts", "Read and unread markers", "Typing notifications".
"""

from __future__ import annotations

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import invalid_param
from privity.rooms.presence import be_active
from privity.rooms.receipt import FULLY_READ, READ_TYPES, Reading, move_receipts
from privity.rooms.typing import DEFAULT_MS, set_typing


async def post_receipt(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}`."""
    params = request.params
    kind, event_id = params["receiptType"], ids.event_id(params["eventId"])
    if kind not in (*READ_TYPES, FULLY_READ):
        raise invalid_param(f"A receipt is one of {', '.join((*READ_TYPES, FULLY_READ))}.")
    thread_id = (await request.json()).get("thread_id")
    if thread_id is not None and (not isinstance(thread_id, str) or not thread_id):
        raise invalid_param("'thread_id' is the id of an event, or main.")
    reading = Reading(kind, event_id, thread_id or "")
    room_id = ids.room_id(params["roomId"])
    await move_receipts(request.house, request.session.user_id, room_id, [reading])
    if request.house.config.presence:
        await be_active(request.house, request.session.user_id)
    return json({})


async def post_read_markers(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/read_markers`."""
    body = await request.json()
    readings = [
        Reading(kind, ids.event_id(event_id))
        for kind in (FULLY_READ, *READ_TYPES)
        if (event_id := fields.optional_str(body, kind)) is not None
    ]
    room_id = ids.room_id(request.params["roomId"])
    await move_receipts(request.house, request.session.user_id, room_id, readings)
    if request.house.config.presence:
        await be_active(request.house, request.session.user_id)
    return json({})


async def put_typing(request: Request) -> Response:
    """`PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}`."""
    user_id = ids.own_user_id(request)
    body = await request.json(is_required=True)
    is_typing = fields.required_bool(body, "typing")
    timeout_ms = fields.optional_int(body, "timeout")
    await set_typing(
        request.house,
        user_id,
        ids.room_id(request.params["roomId"]),
        is_typing=is_typing,
        timeout_ms=DEFAULT_MS if timeout_ms is None else timeout_ms,
    )
    return json({})
