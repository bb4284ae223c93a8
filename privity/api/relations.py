"""Relations of an event, and the threads of a room.

Source: client-server API, "Relationships API" and "Querying threads in a room".
"""

from __future__ import annotations

import orjson

from privity.api import ids
from privity.api.events import (
    DEFAULT_LIMIT,
    MOST_EVENTS,
    is_forward,
    page_events,
    pos_of,
    viewer_of,
)
from privity.api.http import Request, Response
from privity.matrix.errors import invalid_param
from privity.matrix.tokens import history_token
from privity.rooms import related
from privity.rooms.as_seen import Viewer, array
from privity.rooms.read import Page

MOST_THREADS = 100


async def get_relations(request: Request) -> Response:
    """`GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}[/{relType}[/{eventType}]]`."""
    params = request.params
    viewer = viewer_of(request)
    wanted = related.RelationsWanted(
        ids.event_id(params["eventId"]),
        params.get("relType"),
        params.get("eventType"),
        pos_of(request, "from"),
        pos_of(request, "to"),
        is_forward(request.query("dir") or "b"),
        request.query_int("limit", DEFAULT_LIMIT, least=1, most=MOST_EVENTS),
        related.RECURSION_DEPTH if request.query_bool("recurse") else 1,
    )
    room_id = ids.room_id(params["roomId"])
    page = await related.relations_of(request.house, viewer, room_id, wanted)
    members = _members(page, viewer)
    before = request.query("from")
    if before is not None:
        members.append(b'"prev_batch":%s' % orjson.dumps(before))
    if request.query("recurse") is not None:
        members.append(b'"recursion_depth":%d' % wanted.depth)
    return Response(b"{%s}" % b",".join(members))


async def get_threads(request: Request) -> Response:
    """`GET /_matrix/client/v1/rooms/{roomId}/threads`."""
    include = request.query("include", "all")
    if include not in {"all", "participated"}:
        message = "'include' is all or participated."
        raise invalid_param(message)
    viewer = viewer_of(request)
    wanted = related.ThreadsWanted(
        include == "participated",
        pos_of(request, "from"),
        request.query_int("limit", DEFAULT_LIMIT, least=1, most=MOST_THREADS),
    )
    room_id = ids.room_id(request.params["roomId"])
    page = await related.threads_of(request.house, viewer, room_id, wanted)
    return Response(b"{%s}" % b",".join(_members(page, viewer)))


def _members(page: Page, viewer: Viewer) -> list[bytes]:
    members = [b'"chunk":%s' % array(page_events(page.chunk, viewer, page.sight, page.bundled))]
    if page.end is not None:
        members.append(b'"next_batch":"%s"' % history_token(page.end).encode())
    return members
