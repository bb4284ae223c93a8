"""Log in, refresh, log out, and who one is.

Source: client-server API, "Login", "Refreshing access tokens", "Current account information".
"""

from __future__ import annotations

from typing import Any

from privity.accounts.change import change_password, deactivate
from privity.accounts.confirm import PASSWORD, Purpose, confirm
from privity.accounts.log_in import log_in, log_out, refresh
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.api.registration import device_wanted, session_json
from privity.matrix.errors import Errcode, refused


async def get_login(_: Request) -> Response:
    """`GET /_matrix/client/v3/login`."""
    return json({"flows": [{"type": "m.login.password"}]})


async def post_login(request: Request) -> Response:
    """`POST /_matrix/client/v3/login`."""
    body = await request.json()
    kind = fields.required_str(body, "type")
    if kind != "m.login.password":
        raise refused(Errcode.UNKNOWN, "Log-in is by password here.", status=400)
    password = fields.required_str(body, "password")
    begun = await log_in(
        request.house, _username(body), password, request.address, device_wanted(body)
    )
    return json(session_json(begun))


def _username(body: dict[str, Any]) -> str:
    identifier = fields.optional_dict(body, "identifier")
    if not identifier:
        return fields.required_str(body, "user")
    if fields.required_str(identifier, "type") != "m.id.user":
        raise refused(Errcode.UNKNOWN, "People log in by their user name here.", status=400)
    return fields.required_str(identifier, "user")


async def post_refresh(request: Request) -> Response:
    """`POST /_matrix/client/v3/refresh`."""
    token = fields.required_str(await request.json(), "refresh_token")
    access, refresh_token, lifetime_ms = await refresh(request.house, token)
    return json(
        {"access_token": access, "refresh_token": refresh_token, "expires_in_ms": lifetime_ms}
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


async def whoami(request: Request) -> Response:
    """`GET /_matrix/client/v3/account/whoami`."""
    session = request.session
    return json({"user_id": session.user_id, "device_id": session.device_id, "is_guest": False})


async def post_password(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/password`."""
    body = await request.json()
    session = request.session
    await _confirm_with_password(request, body, "change password")
    password = fields.required_str(body, "new_password")
    logs_out = fields.optional_bool(body, "logout_devices", default=True)
    await change_password(
        request.house, session.user_id, password, keep=session.device_id, log_out=logs_out
    )
    return json({})


async def post_deactivate(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/deactivate`."""
    body = await request.json()
    await _confirm_with_password(request, body, "deactivate")
    await deactivate(request.house, request.session.user_id)
    return json({"id_server_unbind_result": "no-support"})


async def _confirm_with_password(request: Request, body: dict[str, Any], deed: str) -> None:
    auth = fields.optional_dict(body, "auth") if body.get("auth") is not None else None
    user_id = request.session.user_id
    await confirm(request.house, auth, Purpose(f"{deed} {user_id}", user_id, ((PASSWORD,),)))


async def threepids(_: Request) -> Response:
    """`GET /_matrix/client/v3/account/3pid`: addresses are not looked up by, so none is told."""
    return json({"threepids": []})
