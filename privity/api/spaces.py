"""Rooms as they are seen from outside: spaces, summaries, shared rooms.

Source: client-server API, "Spaces", `GET /room_summary/{roomIdOrAlias}`, "Mutual Rooms".
"""

from __future__ import annotations

import re

from privity.api import ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import invalid_param, missing_param
from privity.rooms.hierarchy import Walk, walk
from privity.rooms.summarise import shared_rooms, summarise

DEFAULT_ROOMS = 50
MOST_ROOMS = 100
MOST_SHARED = 500
_TOKEN = re.compile(r"h([0-9]{1,6})_([0-9]{0,9})_([01])")
_SHARED_TOKEN = re.compile(r"m([0-9]{1,9})")


async def get_hierarchy(request: Request) -> Response:
    """`GET /_matrix/client/v1/rooms/{roomId}/hierarchy`."""
    depth = request.query_int("max_depth", 0) if request.query("max_depth") is not None else None
    suggested_only = request.query_bool("suggested_only")
    wanted = Walk(
        ids.room_id(request.params["roomId"]),
        depth,
        suggested_only,
        _skipped(request, depth, suggested_only=suggested_only),
        request.query_int("limit", DEFAULT_ROOMS, least=1, most=MOST_ROOMS),
    )
    found = await walk(request.house, request.session.user_id, wanted)
    told: dict[str, object] = {"rooms": found.rooms}
    if found.is_more:
        told["next_batch"] = _token(wanted.skip + wanted.limit, depth, suggested_only)
    return json(told)


def _token(skip: int, depth: int | None, suggested_only: bool) -> str:  # noqa: FBT001 - the form
    return f"h{skip}_{'' if depth is None else depth}_{int(suggested_only)}"


def _skipped(request: Request, depth: int | None, *, suggested_only: bool) -> int:
    raw = request.query("from")
    if not raw:
        return 0
    token = _TOKEN.fullmatch(raw)
    if token is None:
        message = "'from' is none of this server's tokens."
        raise invalid_param(message)
    if raw != _token(int(token[1]), depth, suggested_only):
        message = "'max_depth' and 'suggested_only' cannot change from page to page."
        raise invalid_param(message)
    return int(token[1])


async def get_summary(request: Request) -> Response:
    """`GET /_matrix/client/v1/room_summary/{roomIdOrAlias}`."""
    named = request.params["roomIdOrAlias"]
    wanted = ids.room_alias(named) if named.startswith("#") else ids.room_id(named)
    return json(await summarise(request.house, request.session.user_id, wanted))


async def get_mutual_rooms(request: Request) -> Response:
    """`GET /_matrix/client/v1/mutual_rooms`."""
    raw, user_id = request.query("user_id"), request.session.user_id
    if raw is None:
        raise missing_param("user_id")
    other_id = ids.user_id(raw)
    if other_id == user_id:
        message = "'user_id' is your own."
        raise invalid_param(message)
    token = request.query("from") or "m0"
    match = _SHARED_TOKEN.fullmatch(token)
    if match is None:
        message = "'from' is none of this server's tokens."
        raise invalid_param(message)
    shared = await shared_rooms(request.house, user_id, other_id)
    start = int(match[1])
    end = start + MOST_SHARED
    told: dict[str, object] = {"joined": shared[start:end], "count": len(shared)}
    if end < len(shared):
        told["next_batch"] = f"m{end}"
    return json(told)
