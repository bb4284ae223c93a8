"""What somebody was notified of (client-server API, "Listing Notifications")."""

from __future__ import annotations

import orjson

from privity.api.events import pos_of, viewer_of
from privity.api.http import Request, Response
from privity.follow.notified import Notified, notified_of
from privity.matrix.tokens import history_token
from privity.rooms.as_seen import Viewer, array, render

DEFAULT_LIMIT = 50
MOST = 100


async def get_notifications(request: Request) -> Response:
    """`GET /_matrix/client/v3/notifications`."""
    viewer = viewer_of(request)
    limit = request.query_int("limit", DEFAULT_LIMIT, least=1, most=MOST)
    only = request.query("only") == "highlight"
    upto = pos_of(request, "from")
    page = await notified_of(request.house, viewer, upto, limit, highlights_only=only)
    members = [b'"notifications":%s' % array([_told(one, viewer) for one in page.chunk])]
    if page.end is not None:
        members.append(b'"next_token":"%s"' % history_token(page.end).encode())
    return Response(b"{%s}" % b",".join(members))


def _told(one: Notified, viewer: Viewer) -> bytes:
    event = one.placed.event
    # No rule has a tag any more; some look whether there is one.
    told = b'{"actions":%s,"event":%s,"profile_tag":"","read":%s,"room_id":%s,"ts":%d}'
    return told % (
        orjson.dumps(one.actions.raw),
        render(one.placed, viewer, one.membership, with_room_id=False),
        orjson.dumps(one.is_read),
        orjson.dumps(event.room_id),
        event.origin_server_ts,
    )
