"""The user directory (client-server API, "User Directory")."""

from __future__ import annotations

from typing import Any

from privity.accounts.find_people import find_people
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.matrix.errors import invalid_param
from privity.store.user_words import Match

LIMIT = 10


async def post_search(request: Request) -> Response:
    """`POST /_matrix/client/v3/user_directory/search`."""
    body = await request.json()
    term = fields.required_str(body, "search_term")
    limit = fields.optional_int(body, "limit")
    if limit is not None and limit <= 0:
        message = "'limit' is greater than zero."
        raise invalid_param(message)
    found = await find_people(request.house, request.session.user_id, term, limit or LIMIT)
    return json({"results": [_json(match) for match in found.people], "limited": found.is_limited})


def _json(match: Match) -> dict[str, Any]:
    told = {
        "user_id": match.user_id,
        "display_name": match.display_name,
        "avatar_url": match.avatar_url,
    }
    return {name: value for name, value in told.items() if value is not None}
