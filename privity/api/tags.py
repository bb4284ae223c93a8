"""Tags of rooms (client-server API, "Room Tagging")."""

from __future__ import annotations

from privity.accounts.tag_room import tag, tags_of, untag
from privity.api import ids
from privity.api.http import Request, Response, json


async def get_tags(request: Request) -> Response:
    """`GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags`."""
    user_id, room_id = ids.own_user_id(request), ids.room_id(request.params["roomId"])
    return json({"tags": await tags_of(request.house, user_id, room_id)})


async def put_tag(request: Request) -> Response:
    """`PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}`."""
    user_id, room_id = ids.own_user_id(request), ids.room_id(request.params["roomId"])
    await tag(request.house, user_id, room_id, request.params["tag"], await request.json())
    return json({})


async def delete_tag(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}`."""
    user_id, room_id = ids.own_user_id(request), ids.room_id(request.params["roomId"])
    await untag(request.house, user_id, room_id, request.params["tag"])
    return json({})
