"""Filters that are kept for a person (client-server API, "Filtering")."""

from __future__ import annotations

from privity.accounts.keep_filter import keep_filter
from privity.api import ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import not_found
from privity.store import filters


async def post_filter(request: Request) -> Response:
    """`POST /_matrix/client/v3/user/{userId}/filter`."""
    user_id = ids.own_user_id(request)
    number = await keep_filter(request.house, user_id, await request.json(is_required=True))
    return json({"filter_id": str(number)})


async def get_filter(request: Request) -> Response:
    """`GET /_matrix/client/v3/user/{userId}/filter/{filterId}`."""
    user_id = ids.own_user_id(request)
    filter_id = request.params["filterId"]
    kept = await request.house.store.read(lambda tx: filters.by_id(tx, user_id, filter_id))
    if kept is None:
        raise not_found("There is no such filter.")
    return Response(kept)
