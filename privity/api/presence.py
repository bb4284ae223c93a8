"""Presence (client-server API, "Presence")."""

from __future__ import annotations

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import invalid_param
from privity.rooms.presence import presence_of, set_presence
from privity.store.presence import IDLE, OFFLINE, ONLINE

LONGEST_STATUS = 1000


async def put_status(request: Request) -> Response:
    """`PUT /_matrix/client/v3/presence/{userId}/status`."""
    user_id = ids.own_user_id(request)
    body = await request.json(is_required=True)
    state = fields.required_str(body, "presence")
    if state not in {ONLINE, IDLE, OFFLINE}:
        message = "'presence' is online, offline or unavailable."
        raise invalid_param(message)
    status_msg = fields.optional_str(body, "status_msg")
    if status_msg is not None and len(status_msg) > LONGEST_STATUS:
        raise invalid_param(f"'status_msg' has up to {LONGEST_STATUS} characters.")
    await set_presence(request.house, user_id, state, status_msg)
    return json({})


async def get_status(request: Request) -> Response:
    """`GET /_matrix/client/v3/presence/{userId}/status`."""
    user_id = ids.user_id(request.params["userId"])
    return json(await presence_of(request.house, request.session.user_id, user_id))
