"""Account data: what clients keep on the server (client-server API, "Client Config")."""

from __future__ import annotations

from privity.accounts.change_push_rules import TYPE as PUSH_RULES
from privity.accounts.change_push_rules import push_rules_of
from privity.accounts.set_account_data import set_account_data
from privity.api import ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import not_found
from privity.matrix.ids import RoomId
from privity.store import account_data


def _room(request: Request) -> RoomId | None:
    return ids.room_id(request.params["roomId"]) if "roomId" in request.params else None


async def get_account_data(request: Request) -> Response:
    """`GET /_matrix/client/v3/user/{userId}/account_data/{type}`, and the same of a room."""
    user_id, room_id, kind = ids.own_user_id(request), _room(request), request.params["type"]
    if kind == PUSH_RULES and room_id is None:  # there are some, though nobody ever set any
        return json({"global": await push_rules_of(request.house, user_id)})
    content = await request.house.store.read(
        lambda tx: account_data.get(tx, user_id, room_id, kind)
    )
    if content is None:
        raise not_found("This account data is not set.")
    return Response(content)


async def put_account_data(request: Request) -> Response:
    """`PUT /_matrix/client/v3/user/{userId}/account_data/{type}`, and the same of a room."""
    user_id, room_id = ids.own_user_id(request), _room(request)
    content = await request.json(is_required=True)
    await set_account_data(request.house, user_id, room_id, request.params["type"], content)
    return json({})
