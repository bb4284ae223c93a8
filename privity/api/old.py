"""What clients of before `/sync` ask, and who looks into a room from outside.

Source: client-server API, `GET /events`, `GET /initialSync`, `GET /events/{eventId}` (deprecated),
and "Room Previews".
"""

from __future__ import annotations

from privity.api import ids
from privity.api.events import page_events, viewer_of
from privity.api.http import Request, Response, json
from privity.api.sync import LONGEST_WAIT_MS, since_of
from privity.follow.old import snapshot
from privity.follow.old.stream import Listening, listen
from privity.matrix.errors import Errcode, refused
from privity.rooms import read
from privity.rooms.presence import be_here
from privity.store import events

DEFAULT_MESSAGES = 10
MOST_MESSAGES = 100
DEFAULT_WAIT_MS = 30_000


async def get_events(request: Request) -> Response:
    """`GET /_matrix/client/v3/events`, of all one's rooms or of one (`room_id`)."""
    named = request.query("room_id")
    if named is None and request.session.is_guest:
        says = "Guests listen to one room (`room_id`)."
        raise refused(Errcode.GUEST_ACCESS_FORBIDDEN, says)
    _limit(request)  # it is taken, and the stream tells what it can
    listening = Listening(
        await since_of(request, "from"),
        request.query_int("timeout", DEFAULT_WAIT_MS, most=LONGEST_WAIT_MS),
        ids.room_id(named) if named is not None else None,
    )
    request.let_go()
    house, session, waiting = request.house, request.session, request.followers.waiting
    if not house.config.presence or named is not None:
        return Response(await listen(house, waiting, session, listening))
    with house.store.presence.syncing(session.user_id):
        await be_here(house, session.user_id, "online")
        return Response(await listen(house, waiting, session, listening))


async def get_everything(request: Request) -> Response:
    """`GET /_matrix/client/v3/initialSync`."""
    if request.house.config.presence:
        await be_here(request.house, request.session.user_id, "online")
    told = await snapshot.of_everything(
        request.house,
        viewer_of(request),
        _limit(request),
        with_left_rooms=request.query_bool("archived"),
    )
    return json(told)


async def get_room(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/initialSync`."""
    room_id = ids.room_id(request.params["roomId"])
    viewer = viewer_of(request)
    return json(await snapshot.of_room(request.house, viewer, room_id, _limit(request)))


async def get_event(request: Request) -> Response:
    """`GET /_matrix/client/v3/events/{eventId}`. 404 for what is not for their eyes."""
    viewer, event_id = viewer_of(request), ids.event_id(request.params["eventId"])
    placed = await request.house.store.read(lambda tx: events.by_id(tx, event_id))
    if placed is None:
        raise read.no_such_event()
    page = await read.one_event(request.house, viewer, placed.event.room_id, event_id)
    return Response(page_events(page.chunk, viewer, page.sight, page.bundled)[0])


def _limit(request: Request) -> int:
    return request.query_int("limit", DEFAULT_MESSAGES, most=MOST_MESSAGES)
