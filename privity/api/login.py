"""Log in, refresh, log out.

Source: client-server API, "Login", "Refreshing access tokens".
"""

from __future__ import annotations

from typing import Any

from privity.accounts.confirm import PASSWORD, confirm_by_password
from privity.accounts.log_in import (
    TOKEN_LIFETIME_MS,
    LogIn,
    log_in,
    log_in_by_token,
    log_in_for_service,
    make_login_token,
)
from privity.accounts.log_out import log_out
from privity.accounts.refresh import refresh
from privity.api import fields
from privity.api.bearer import APPLICATION_SERVICE, calling_service
from privity.api.http import Request, Response, json
from privity.api.registration import device_wanted, session_json
from privity.matrix.errors import Errcode, refused

TOKEN = "m.login.token"  # noqa: S105 - the name of a way to log in


async def get_login(request: Request) -> Response:
    """`GET /_matrix/client/v3/login`."""
    flows: list[dict[str, Any]] = [{"type": PASSWORD}, {"type": TOKEN, "get_login_token": True}]
    if request.house.services.all:
        flows.append({"type": APPLICATION_SERVICE})
    return json({"flows": flows})


async def post_login(request: Request) -> Response:
    """`POST /_matrix/client/v3/login`."""
    body = await request.json()
    kind = fields.required_str(body, "type")
    if kind == TOKEN:
        token = fields.required_str(body, "token")
        wanted = device_wanted(request, body)
        return json(session_json(await log_in_by_token(request.house, token, wanted)))
    if kind == APPLICATION_SERVICE:
        service = calling_service(request)
        wanted = device_wanted(request, body)
        begun = await log_in_for_service(request.house, service, _name(body), wanted)
        return json(session_json(begun))
    if kind != PASSWORD:
        raise refused(Errcode.UNKNOWN, "Log-in is by password here.", status=400)
    password = fields.required_str(body, "password")
    asked = LogIn(_name(body), password, device_wanted(request, body))
    return json(session_json(await log_in(request.house, asked)))


def _name(body: dict[str, Any]) -> str | None:
    """Who is meant. Addresses and telephone numbers are nobody's here: None."""
    identifier = fields.optional_dict(body, "identifier")
    if not identifier:
        return fields.required_str(body, "user")
    kind = fields.required_str(identifier, "type")
    if kind in {"m.id.thirdparty", "m.id.phone"}:
        return None
    if kind != "m.id.user":
        raise refused(Errcode.UNKNOWN, "This kind of identifier is not known.", status=400)
    return fields.required_str(identifier, "user")


async def post_login_token(request: Request) -> Response:
    """`POST /_matrix/client/v1/login/get_token`."""
    house, user_id = request.house, request.session.user_id
    auth = fields.optional_dict(await request.json(), "auth")
    await confirm_by_password(house, user_id, auth, "make a login token")
    token = await make_login_token(house, user_id)
    return json({"login_token": token, "expires_in_ms": TOKEN_LIFETIME_MS})


async def post_refresh(request: Request) -> Response:
    """`POST /_matrix/client/v3/refresh`."""
    token = fields.required_str(await request.json(), "refresh_token")
    refreshed = await refresh(request.house, token, request.address)
    return json(
        {
            "access_token": refreshed.access_token,
            "refresh_token": refreshed.refresh_token,
            "expires_in_ms": refreshed.expires_in_ms,
        }
    )


async def post_logout(request: Request) -> Response:
    """`POST /_matrix/client/v3/logout`."""
    session = request.session
    await log_out(request.house, session.user_id, [session.device_id])
    return json({})


async def post_logout_all(request: Request) -> Response:
    """`POST /_matrix/client/v3/logout/all`."""
    await log_out(request.house, request.session.user_id)
    return json({})
