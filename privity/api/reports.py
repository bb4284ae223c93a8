"""Reports to the administrator (client-server API, "Reporting Content")."""

from __future__ import annotations

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.rooms.report import report_event, report_room, report_user


async def post_room(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/report`."""
    reason = fields.required_str(await request.json(is_required=True), "reason")
    room_id = ids.room_id(request.params["roomId"])
    await report_room(request.house, request.session.user_id, room_id, reason)
    return json({})


async def post_event(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/report/{eventId}`."""
    reason = fields.optional_str(await request.json(is_required=True), "reason") or ""
    room_id = ids.room_id(request.params["roomId"])
    event_id = ids.event_id(request.params["eventId"])
    await report_event(request.house, request.session.user_id, room_id, event_id, reason)
    return json({})


async def post_user(request: Request) -> Response:
    """`POST /_matrix/client/v3/users/{userId}/report`."""
    reason = fields.required_str(await request.json(is_required=True), "reason")
    user_id = ids.user_id(request.params["userId"])
    await report_user(request.house, request.session.user_id, user_id, reason)
    return json({})
