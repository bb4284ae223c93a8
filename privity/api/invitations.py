"""Invitations, as the client shows them to who opened the link (docs/client-api.md)."""

from __future__ import annotations

from privity.accounts.invite import opened
from privity.api.http import Request, Response, json
from privity.guard import pace


async def get_invitation(request: Request) -> Response:
    """`GET /_matrix/client/unstable/io.privity/invitation`. 404 for what cannot be used any more.

    Whoever guesses tokens is paced by their address, as at the specification's own question.
    """
    request.house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    invitation = await opened(request.house, request.query_required("token"))
    told = {
        "organisation": request.house.server_name,
        "is_admin": invitation.is_admin,
        "expires_ts": invitation.expires_ts,
    }
    return json(told)
