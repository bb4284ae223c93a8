"""`POST /_matrix/client/v3/search` (client-server API, "Server Side Search")."""

from __future__ import annotations

import re
from typing import Any

import orjson

from privity.api import fields
from privity.api.events import viewer_of
from privity.api.http import Request, Response, json
from privity.matrix.errors import invalid_param
from privity.matrix.filters import EventFilter, parse_event_filter
from privity.matrix.tokens import history_token
from privity.rooms.as_seen import Viewer, render
from privity.rooms.search import KEYS, Around, Context, Found, Result, Search, search_events
from privity.store.events import Placed

DEFAULT_AROUND = 5
MOST_AROUND = 20
_TOKEN = re.compile(r"q([0-9]{1,18})_([0-9]{1,6})")
_GROUPS = ("room_id", "sender")

Json = dict[str, Any]


async def post_search(request: Request) -> Response:
    """`POST /_matrix/client/v3/search`."""
    body = await request.json(is_required=True)
    categories = fields.required_dict(body, "search_categories")
    if categories.get("room_events") is None:
        return json({"search_categories": {}})
    asked = fields.required_dict(categories, "room_events")
    viewer = viewer_of(request)
    wanted = _wanted(asked, request.query("next_batch"))
    groups = _groups(asked)
    found = await search_events(request.house, viewer, wanted)
    told: Json = {
        "count": found.count,
        "highlights": found.words,
        "results": [_result(result, viewer) for result in found.results],
    }
    if found.results and len(found.results) == wanted.filter.limit:
        told["next_batch"] = f"q{found.upto}_{wanted.skip + len(found.results)}"
    if wanted.with_state:
        told["state"] = {
            room_id: [_event(placed, viewer) for placed in state]
            for room_id, state in found.state.items()
        }
    if groups:
        told["groups"] = {key: _grouped(found, key) for key in groups}
    return json({"search_categories": {"room_events": told}})


def _wanted(asked: Json, next_batch: str | None) -> Search:
    keys = fields.strings(asked, "keys") or list(KEYS)
    order = fields.optional_str(asked, "order_by") or "rank"
    if not set(keys) <= KEYS.keys() or order not in {"rank", "recent"}:
        message = "'keys' are of the texts that can be searched, 'order_by' is rank or recent."
        raise invalid_param(message)
    token = _TOKEN.fullmatch(next_batch) if next_batch else None
    if next_batch and token is None:
        message = "'next_batch' is none of this server's tokens."
        raise invalid_param(message)
    return Search(
        fields.required_str(asked, "search_term"),
        tuple(keys),
        _filter(asked),
        by_rank=order == "rank",
        upto=int(token[1]) if token else None,
        skip=int(token[2]) if token else 0,
        around=_around(asked),
        with_state=fields.optional_bool(asked, "include_state"),
    )


def _filter(asked: Json) -> EventFilter:
    try:
        return parse_event_filter(asked.get("filter") or {})
    except ValueError as error:
        raise invalid_param(f"'filter': {error}.") from error


def _around(asked: Json) -> Around | None:
    if asked.get("event_context") is None:
        return None
    given = fields.optional_dict(asked, "event_context")
    limits = []
    for name in ("before_limit", "after_limit"):
        limit = fields.optional_int(given, name)
        if limit is not None and limit < 0:
            raise invalid_param(f"'{name}' is less than 0.")
        limits.append(DEFAULT_AROUND if limit is None else min(limit, MOST_AROUND))
    return Around(limits[0], limits[1], fields.optional_bool(given, "include_profile"))


def _groups(asked: Json) -> list[str]:
    groupings = fields.optional_dict(asked, "groupings")
    keys = [
        group.get("key") if isinstance(group, dict) else None
        for group in fields.optional_list(groupings, "group_by")
    ]
    if any(key not in _GROUPS for key in keys):
        message = "Results are grouped by room_id or sender."
        raise invalid_param(message)
    return [str(key) for key in keys]


def _grouped(found: Found, key: str) -> dict[str, Json]:
    groups: dict[str, Json] = {}
    for result in found.results:
        event = result.placed.event
        value = event.room_id if key == "room_id" else event.sender
        group = groups.setdefault(value, {"results": [], "order": len(groups)})
        group["results"].append(event.event_id)
    return groups


def _result(result: Result, viewer: Viewer) -> Json:
    placed = result.placed
    membership = result.sight.membership_at(placed.pos)
    event = orjson.loads(render(placed, viewer, membership, result.relations))
    told: Json = {"rank": result.rank, "result": event}
    if result.context is not None:
        told["context"] = _context(result.context, placed, viewer)
    return told


def _context(context: Context, placed: Placed, viewer: Viewer) -> Json:
    before, after = context.before.chunk, context.after.chunk
    told: Json = {
        "start": history_token(before[-1].pos - 1 if before else placed.pos - 1),
        "end": history_token(after[-1].pos if after else placed.pos),
        "events_before": [_event(one, viewer) for one in before],
        "events_after": [_event(one, viewer) for one in after],
    }
    if context.members:
        told["profile_info"] = {
            str(member.event.state_key): {
                name: value
                for name in ("displayname", "avatar_url")
                if isinstance(value := member.event.content.get(name), str)
            }
            for member in context.members
        }
    return told


def _event(placed: Placed, viewer: Viewer) -> Json:
    event: Json = orjson.loads(render(placed, viewer, None))
    return event
