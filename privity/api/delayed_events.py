"""Delayed events: what a call leaves behind to be said when its device is gone.

Source: MSC4140, unstable prefix `org.matrix.msc4140`.
"""

from __future__ import annotations

from typing import Any

from privity.api import ids
from privity.api.http import Request, Response, json
from privity.guard.plaintext import Later
from privity.matrix.errors import Errcode, invalid_param, refused
from privity.rooms import delay
from privity.store.delayed_events import Delayed

DELAY = "org.matrix.msc4140.delay"
ACTIONS = ("restart", "cancel", "send")
PARENT = "org.matrix.msc4140.parent_delay_id"


def delay_of(request: Request) -> int | None:
    """The delay that a send or a state asks for, in ms; None for what is to be sent now."""
    if not request.query_string or request.query(DELAY) is None:
        return None
    delay_ms = request.query_int(DELAY, 0)
    if delay_ms == 0:
        message = f"'{DELAY}' is more than 0."
        raise invalid_param(message)
    return delay_ms


async def keep(request: Request, delay_ms: int, content: dict[str, Any]) -> Response:
    """Keep the event of a `send` or `state` request for later."""
    params = request.params
    state_key = None if "txnId" in params else params.get("stateKey", "")
    if params["eventType"] == "m.room.redaction" or (
        params["eventType"] == "m.room.member" and state_key is not None
    ):
        message = "Redactions and memberships cannot be delayed."
        raise refused(Errcode.FORBIDDEN, message)
    room_id = ids.room_id(params["roomId"])
    later = Later(room_id, params["eventType"], state_key, content, delay_ms)
    return json({"delay_id": await delay.delay(request.house, request.session, later)})


async def get_delayed_events(request: Request) -> Response:
    """`GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events`."""
    under_way = await delay.delayed_of(request.house, request.session.user_id)
    return json({"delayed_events": [_told(delayed) for delayed in under_way], "finalised": []})


async def get_delayed_event(request: Request) -> Response:
    """`GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}`."""
    delay_id = request.params["delayId"]
    return json(_told(await delay.one_of(request.house, request.session.user_id, delay_id)))


async def post_delayed_event(request: Request) -> Response:
    """`POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}`.

    The action stands in the body, as older clients have it.
    """
    action = (await request.json(is_required=True)).get("action")
    return await _act(request, action)


async def post_action(request: Request) -> Response:
    """`POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/{action}`.

    The proposal asks for no token: whoever knows the id may do it. Here that is so on an open
    server only.
    """
    if request.params["action"] not in ACTIONS:
        raise refused(Errcode.UNRECOGNIZED, "Unrecognized request.", status=404)
    return await _act(request, request.params["action"])


async def _act(request: Request, action: object) -> Response:
    house, delay_id = request.house, request.params["delayId"]
    user_id = request.authenticated.user_id if request.authenticated else None
    if action == "restart":
        await delay.restart(house, user_id, delay_id)
    elif action == "cancel":
        await delay.cancel(house, user_id, delay_id)
    elif action == "send":
        await delay.send_now(house, user_id, delay_id)
    else:
        raise delay.unknown_action()
    return json({})


def _told(delayed: Delayed) -> dict[str, Any]:
    told = {
        "delay_id": delayed.delay_id,
        "room_id": delayed.room_id,
        "type": delayed.type,
        "delay": delayed.delay_ms,
        "running_since": delayed.since_ts,
        "content": delayed.content,
    }
    return told if delayed.state_key is None else {**told, "state_key": delayed.state_key}
