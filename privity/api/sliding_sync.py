"""`POST /_matrix/client/v4/sync`: simplified sliding sync (MSC4186), in its two forms."""

from __future__ import annotations

from typing import Any

from privity.api.http import Request, Response
from privity.api.sync import here
from privity.follow.sliding.wanted import BadWish, parse
from privity.matrix.errors import invalid_param


async def sync(request: Request) -> Response:
    """`POST /_matrix/client/v4/sync` (MSC4186)."""
    return await _sync(request, await request.json(), is_final=True)


async def unstable_sync(request: Request) -> Response:
    """`POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync`: what clients send today.

    `pos` and `timeout` stand in the query string there.
    """
    body = await request.json()
    body = {
        **body,
        "pos": request.query("pos") or body.get("pos"),
        "timeout": request.query_int("timeout", 0),
        "set_presence": request.query("set_presence") or body.get("set_presence"),
    }
    return await _sync(request, body, is_final=False)


async def _sync(request: Request, body: dict[str, Any], *, is_final: bool) -> Response:
    session, pos = request.session, body.get("pos")
    try:
        wanted = parse(body, session.user_id, is_final=is_final)
    except BadWish as error:
        message = f"{error}."
        raise invalid_param(message[:1].upper() + message[1:]) from error
    if pos is not None and not isinstance(pos, str):
        message = "'pos' is a string."
        raise invalid_param(message)
    request.let_go()
    sliding = request.followers.sliding
    with await here(request, body.get("set_presence")):
        return Response(await sliding.sync(session, wanted, pos))
