"""Calls: TURN passwords and transports (client-server API, "Voice over IP"; MSC4143)."""

from __future__ import annotations

from typing import Any

from privity.accounts.call import listed, turn_for
from privity.api.http import Request, Response, json
from privity.config import Config


async def get_turn(request: Request) -> Response:
    """`GET /_matrix/client/v3/voip/turnServer`.

    SPEC: every member is required, and no answer is described for a server without TURN. `{}` is
    what the servers in use say then, and what clients understand.
    """
    turn = turn_for(request.house, request.session.user_id)
    if turn is None:
        return json({})
    return json(
        {
            "uris": turn.uris,
            "username": turn.username,
            "password": turn.password,
            "ttl": turn.lifetime_s,
        }
    )


def foci(config: Config) -> list[dict[str, Any]]:
    """Where group calls meet, as MSC4143 lists it."""
    return [{"type": "livekit", "livekit_service_url": url} for url in listed(config.rtc_foci)]


async def get_transports(request: Request) -> Response:
    """`GET /_matrix/client/unstable/org.matrix.msc4143/rtc/transports`."""
    return json({"rtc_transports": foci(request.house.config)})
