"""Account data and filters (client-server API, "Client Config", "Filtering")."""

from __future__ import annotations

import orjson

from privity.api import ids
from privity.api.http import Request, Response, json
from privity.matrix import filters
from privity.matrix.canonical_json import encode
from privity.matrix.errors import Errcode, bad_json, forbidden, not_found, refused
from privity.matrix.filters import BadFilter
from privity.matrix.ids import RoomId, UserId
from privity.rooms.sight import must_be_joined
from privity.store import account_data
from privity.store import filters as kept
from privity.store.account_data import Item

KEPT_BY_THE_SERVER = frozenset({"m.fully_read", "m.push_rules"})
LONGEST_TYPE = 255


def _own(request: Request) -> UserId:
    user_id = ids.user_id(request.params["userId"])
    if user_id != request.session.user_id:
        raise forbidden("This is somebody else's.")
    return user_id


def _room(request: Request) -> RoomId | None:
    return ids.room_id(request.params["roomId"]) if "roomId" in request.params else None


async def get_account_data(request: Request) -> Response:
    """`GET /_matrix/client/v3/user/{userId}/account_data/{type}`, and the same of a room."""
    user_id, room_id, kind = _own(request), _room(request), request.params["type"]
    content = await request.house.store.read(
        lambda tx: account_data.get(tx, user_id, room_id, kind)
    )
    if content is None:
        raise not_found("This account data is not set.")
    return Response(content)


async def put_account_data(request: Request) -> Response:
    """`PUT /_matrix/client/v3/user/{userId}/account_data/{type}`, and the same of a room."""
    user_id, room_id, kind = _own(request), _room(request), request.params["type"]
    if kind in KEPT_BY_THE_SERVER:
        raise refused(Errcode.BAD_JSON, f"{kind} has an endpoint of its own.", status=405)
    if len(kind.encode()) > LONGEST_TYPE:
        raise bad_json(f"A type has at most {LONGEST_TYPE} bytes.")
    item = Item(kind, orjson.dumps(await request.json()))
    if room_id is not None:
        await must_be_joined(request.house, user_id, room_id)
    await request.house.store.write(lambda tx: account_data.put(tx, user_id, room_id, item))
    return json({})


async def post_filter(request: Request) -> Response:
    """`POST /_matrix/client/v3/user/{userId}/filter`."""
    user_id = _own(request)
    raw = await request.event_content()
    try:
        filters.parse(raw)
    except BadFilter as error:
        raise bad_json(f"This is no filter: {error}.") from error
    number = await request.house.store.write(lambda tx: kept.keep(tx, user_id, encode(raw)))
    if number is None:
        raise refused(Errcode.LIMIT_EXCEEDED, "Too many filters are kept already.", status=400)
    return json({"filter_id": str(number)})


async def get_filter(request: Request) -> Response:
    """`GET /_matrix/client/v3/user/{userId}/filter/{filterId}`."""
    user_id, filter_id = _own(request), request.params["filterId"]
    raw = await request.house.store.read(lambda tx: kept.by_id(tx, user_id, filter_id))
    if raw is None:
        raise not_found("There is no such filter.")
    return Response(raw)
