"""OpenID tokens: prove to a third party who one is (client-server API, "OpenID")."""

from __future__ import annotations

from privity.accounts.vouch import LIFETIME_MS, vouch_for, vouched_for
from privity.api import ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, refused


async def post_token(request: Request) -> Response:
    """`POST /_matrix/client/v3/user/{userId}/openid/request_token`."""
    user_id = ids.own_user_id(request)
    await request.json()
    return json(
        {
            "access_token": vouch_for(request.house, user_id),
            "token_type": "Bearer",
            "matrix_server_name": request.house.server_name,
            "expires_in": LIFETIME_MS // 1000,
        }
    )


async def get_userinfo(request: Request) -> Response:
    """`GET /_matrix/federation/v1/openid/userinfo`: the token stands in the query string."""
    token = request.query("access_token")
    if token is None:
        raise refused(Errcode.MISSING_TOKEN, "Missing access token.", status=401)
    return json({"sub": await vouched_for(request.house, token)})
