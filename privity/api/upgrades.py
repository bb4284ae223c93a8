"""Room upgrades.

Source: client-server API, "Room upgrades".
"""

from __future__ import annotations

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.rooms.upgrade import Upgrade, upgrade


async def post_upgrade(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/upgrade`."""
    body = await request.json(is_required=True)
    creators = tuple(ids.user_id(each) for each in fields.strings(body, "additional_creators"))
    asked = Upgrade(
        ids.room_id(request.params["roomId"]), fields.required_str(body, "new_version"), creators
    )
    new_id = await upgrade(request.house, request.session.user_id, asked)
    return json({"replacement_room": new_id})
