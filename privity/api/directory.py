"""Aliases, and the directory of published rooms.

Source: client-server API, "Room aliases", "Published room directory".
"""

from __future__ import annotations

import re
from typing import Any

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import bad_json, forbidden, invalid_param
from privity.rooms import alias, directory
from privity.rooms.directory import Search

DEFAULT_ROOMS = 50
MOST_ROOMS = 200
_TOKEN = re.compile(r"p([0-9]{1,7})")


async def put_alias(request: Request) -> Response:
    """`PUT /_matrix/client/v3/directory/room/{roomAlias}`."""
    body = await request.json(is_required=True)
    named = ids.room_alias(request.params["roomAlias"])
    room_id = ids.room_id(fields.required_str(body, "room_id"))
    await alias.give_alias(request.house, request.session, named, room_id)
    return json({})


async def delete_alias(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/directory/room/{roomAlias}`."""
    named = ids.room_alias(request.params["roomAlias"])
    await alias.take_alias(request.house, request.session, named)
    return json({})


async def get_aliases(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/aliases`."""
    room_id = ids.room_id(request.params["roomId"])
    found = await alias.aliases_of(request.house, request.session.user_id, room_id)
    return json({"aliases": found})


async def get_visibility(request: Request) -> Response:
    """`GET /_matrix/client/v3/directory/list/room/{roomId}`."""
    asker = request.authenticated.user_id if request.authenticated else None
    room_id = ids.room_id(request.params["roomId"])
    published = await directory.is_published(request.house, asker, room_id)
    return json({"visibility": "public" if published else "private"})


async def put_visibility(request: Request) -> Response:
    """`PUT /_matrix/client/v3/directory/list/room/{roomId}`."""
    visibility = fields.optional_str(await request.json(), "visibility") or "public"
    if visibility not in {"public", "private"}:
        message = "'visibility' is public or private."
        raise invalid_param(message)
    await directory.publish(
        request.house,
        request.session.user_id,
        ids.room_id(request.params["roomId"]),
        is_published=visibility == "public",
    )
    return json({})


async def get_public_rooms(request: Request) -> Response:
    """`GET /_matrix/client/v3/publicRooms`."""
    limit = request.query_int("limit", DEFAULT_ROOMS, most=MOST_ROOMS)
    return await _found(request, Search(limit=limit, skip=_skipped(request.query("since"))))


async def post_public_rooms(request: Request) -> Response:
    """`POST /_matrix/client/v3/publicRooms`."""
    body = await request.json()
    limit = fields.optional_int(body, "limit")
    if limit is not None and limit < 0:
        message = "'limit' is less than 0."
        raise invalid_param(message)
    asked = fields.optional_dict(body, "filter")
    wanted = Search(
        (fields.optional_str(asked, "generic_search_term") or "").casefold(),
        _kinds(asked),
        fields.optional_str(body, "third_party_instance_id"),
        fields.optional_bool(body, "include_all_networks"),
        _skipped(fields.optional_str(body, "since")),
        min(DEFAULT_ROOMS if limit is None else limit, MOST_ROOMS),
    )
    return await _found(request, wanted)


def _kinds(asked: dict[str, Any]) -> frozenset[str | None] | None:
    if asked.get("room_types") is None:
        return None
    kinds = fields.optional_list(asked, "room_types")
    if not all(kind is None or isinstance(kind, str) for kind in kinds):
        message = "'room_types' is a list of strings and nulls."
        raise bad_json(message)
    return frozenset(kinds)


def _skipped(token: str | None) -> int:
    if not token:
        return 0
    match = _TOKEN.fullmatch(token)
    if match is None:
        message = "'since' is none of this server's tokens."
        raise invalid_param(message)
    return int(match[1])


async def _found(request: Request, wanted: Search) -> Response:
    server = request.query("server")
    if server is not None and server != request.house.server_name:
        raise forbidden("This server does not speak to other servers.", because="remote directory")
    asker = request.authenticated.user_id if request.authenticated else request.address
    page = await directory.search(request.house, asker, wanted)
    told: dict[str, Any] = {"chunk": page.rooms, "total_room_count_estimate": page.published}
    if page.is_more:
        told["next_batch"] = f"p{wanted.skip + wanted.limit}"
    if wanted.skip:
        told["prev_batch"] = f"p{max(0, wanted.skip - wanted.limit)}"
    return json(told)
