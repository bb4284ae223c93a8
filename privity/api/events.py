"""Events: send them, set state, and read them back.

Source: client-server API, "Sending events to a room", "Getting events for a room", "Redactions".
"""

from __future__ import annotations

import secrets

import orjson

from privity.api import ids
from privity.api.bearer import timestamp
from privity.api.delayed_events import delay_of, keep
from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, invalid_param, missing_param, refused
from privity.matrix.filters import EventFilter, parse_event_filter
from privity.matrix.ids import RoomId
from privity.matrix.tokens import BadToken, history_token, parse_pos
from privity.rooms import read
from privity.rooms.as_seen import Viewer, array, render
from privity.rooms.at_time import Moment, event_at
from privity.rooms.place import Wanted
from privity.rooms.presence import be_active
from privity.rooms.send import Sending, send
from privity.rooms.set_state import set_state
from privity.rooms.sight import Sight, must_be_joined
from privity.store.events import Placed

DEFAULT_LIMIT = 10
MOST_EVENTS = 1000


def viewer_of(request: Request) -> Viewer:
    """Who looks."""
    session = request.session
    return Viewer(session.user_id, session.device_id, request.house.clock.now_ms())


def _room_id(request: Request) -> RoomId:
    return ids.room_id(request.params["roomId"])


async def send_event(request: Request) -> Response:
    """`PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}`."""
    return await _send(request, request.params["txnId"])


async def send_event_anew(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/send/{eventType}`: before there were transactions.

    No specification has it; open servers do.
    """
    if not request.house.config.is_open:
        raise refused(Errcode.UNRECOGNIZED, "Unrecognized request.", status=405)
    return await _send(request, secrets.token_urlsafe(12))


async def _send(request: Request, txn_id: str) -> Response:
    content = await request.event_content()
    if (delay_ms := delay_of(request)) is not None:
        return await keep(request, delay_ms, content)
    params = request.params
    kind = params["eventType"]
    if kind == "m.room.redaction":  # by this road too, in rooms whose redactions say so
        redacts = content.get("redacts")
        if not isinstance(redacts, str):
            raise missing_param("redacts")
        content = {name: value for name, value in content.items() if name != "redacts"}
        sending = Sending(_room_id(request), kind, content, txn_id, ids.event_id(redacts))
    else:
        sending = Sending(_room_id(request), kind, content, txn_id, ts=timestamp(request))
    event_id = await send(request.house, request.session, sending)
    if request.house.config.presence:
        await be_active(request.house, request.session.user_id)
    return Response(b'{"event_id":"%s"}' % event_id.encode())


async def redact(request: Request) -> Response:
    """`PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}`."""
    content = await request.event_content()
    params = request.params
    sending = Sending(
        _room_id(request),
        "m.room.redaction",
        content,
        params["txnId"],
        ids.event_id(params["eventId"]),
    )
    return json({"event_id": await send(request.house, request.session, sending)})


async def put_state(request: Request) -> Response:
    """`PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}`."""
    content = await request.event_content()
    if (delay_ms := delay_of(request)) is not None:
        return await keep(request, delay_ms, content)
    params = request.params
    wanted = Wanted(
        params["eventType"],
        request.session.user_id,
        content,
        params.get("stateKey", ""),
        ts=timestamp(request),
    )
    event_id = await set_state(request.house, request.session, _room_id(request), wanted)
    return json({"event_id": event_id})


async def get_state_event(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}`."""
    params = request.params
    (placed,), sight = await read.state(
        request.house,
        request.session.user_id,
        _room_id(request),
        params["eventType"],
        params.get("stateKey", ""),
    )
    form = request.query("format", "content")
    if form not in {"content", "event"}:
        message = "'format' is content or event."
        raise invalid_param(message)
    if form == "event":
        return Response(_one(placed, viewer_of(request), sight))
    return json(placed.event.content)


async def get_state(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/state`."""
    user_id = request.session.user_id
    state, sight = await read.state(request.house, user_id, _room_id(request))
    return Response(_many(state, viewer_of(request), sight))


async def get_members(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/members`."""
    only, but = request.query("membership"), request.query("not_membership")
    at = pos_of(request, "at")
    found, sight = await read.members(
        request.house,
        request.session.user_id,
        _room_id(request),
        at,
        lambda membership: _is_wanted(membership, only, but),
    )
    return Response(b'{"chunk":%s}' % _many(found, viewer_of(request), sight))


def _is_wanted(membership: str, only: str | None, but: str | None) -> bool:
    """With both given it is enough that one of them lets this membership through."""
    if only is None or but is None:
        return only in {None, membership} and membership != but
    return membership == only or membership != but


async def get_joined_members(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/joined_members`."""
    head = await must_be_joined(request.house, request.session.user_id, _room_id(request))
    members = {user_id: head.state["m.room.member", user_id].event for user_id in head.joined}
    with_nothing = request.house.config.is_open  # open servers tell null for what is not set
    told = {
        user_id: {
            name: value
            for name, member in (("display_name", "displayname"), ("avatar_url", "avatar_url"))
            if isinstance(value := members[user_id].content.get(member), str) or with_nothing
        }
        for user_id in sorted(members)
    }
    return json({"joined": told})


async def get_event(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}`."""
    viewer = viewer_of(request)
    event_id = ids.event_id(request.params["eventId"])
    page = await read.one_event(request.house, viewer, _room_id(request), event_id)
    return Response(page_events(page.chunk, viewer, page.sight, page.bundled)[0])


async def get_event_at(request: Request) -> Response:
    """`GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event`."""
    ts, direction = request.query("ts"), request.query("dir")
    if ts is None or direction is None:
        raise missing_param("ts" if ts is None else "dir")
    moment = Moment(request.query_int("ts", 0), is_forward(direction))
    placed = await event_at(request.house, request.session.user_id, _room_id(request), moment)
    event = placed.event
    return json({"event_id": event.event_id, "origin_server_ts": event.origin_server_ts})


async def get_messages(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/messages`."""
    is_open = request.house.config.is_open
    direction = request.query("dir", "f" if is_open else None)
    if direction is None:
        raise missing_param("dir")
    paging = read.Paging(
        pos_of(request, "from"),
        pos_of(request, "to"),
        is_forward(direction),
        request.query_int("limit", DEFAULT_LIMIT, most=MOST_EVENTS),
        event_filter_of(request),
    )
    viewer = viewer_of(request)
    page = await read.messages(request.house, viewer, _room_id(request), paging)
    members = [
        b'"chunk":%s' % array(page_events(page.chunk, viewer, page.sight, page.bundled)),
        b'"start":"%s"' % (request.query("from") or history_token(page.start)).encode(),
    ]
    end = page.last if page.end is None and is_open and page.chunk else page.end
    if end is not None:
        members.append(b'"end":"%s"' % history_token(end).encode())
    if page.state:
        members.append(b'"state":%s' % _many(page.state, viewer, page.sight))
    return Response(b"{%s}" % b",".join(members))


async def get_context(request: Request) -> Response:
    """`GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}`."""
    viewer = viewer_of(request)
    found = await read.context(
        request.house,
        viewer,
        _room_id(request),
        ids.event_id(request.params["eventId"]),
        request.query_int("limit", DEFAULT_LIMIT, most=MOST_EVENTS),
        event_filter_of(request),
    )
    event, before, after = (
        page_events(events, viewer, found.sight, found.bundled)
        for events in ([found.event], found.before, found.after)
    )
    return Response(
        b'{"event":%s,"events_before":%s,"events_after":%s,"start":"%s","end":"%s","state":%s}'
        % (
            event[0],
            array(before),
            array(after),
            history_token(found.start).encode(),
            history_token(found.end).encode(),
            _many(found.state, viewer, found.sight),
        )
    )


def is_forward(direction: str) -> bool:
    """Whether `dir` is f."""
    if direction not in {"b", "f"}:
        message = "'dir' is b or f."
        raise invalid_param(message)
    return direction == "f"


def pos_of(request: Request, name: str) -> int | None:
    """The position of a token in the query string; None where there is none."""
    raw = request.query(name)
    if not raw:
        return None
    try:
        return parse_pos(raw)
    except BadToken as error:
        message = f"'{name}' is none of this server's tokens."
        raise invalid_param(message) from error


def event_filter_of(request: Request) -> EventFilter:
    """The `filter` of the query string: a RoomEventFilter in JSON."""
    raw = request.query("filter")
    try:
        return parse_event_filter(orjson.loads(raw) if raw else {})
    except orjson.JSONDecodeError as error:
        raise refused(Errcode.NOT_JSON, "'filter' is not JSON.", status=400) from error
    except ValueError as error:
        raise invalid_param(f"'filter': {error}.") from error


def _one(placed: Placed, viewer: Viewer, sight: Sight) -> bytes:
    return render(placed, viewer, sight.membership_at(placed.pos))


def _many(state: list[Placed], viewer: Viewer, sight: Sight) -> bytes:
    return array([_one(placed, viewer, sight) for placed in state])


def page_events(
    page: list[Placed], viewer: Viewer, sight: Sight, bundled: dict[str, bytes]
) -> list[bytes]:
    """A page, rendered event by event."""
    return [
        render(placed, viewer, sight.membership_at(placed.pos), bundled.get(placed.event.event_id))
        for placed in page
    ]
