"""Register, and what belongs to it.

Source: client-server API, "Account registration", "Token-authenticated registration".
"""

from __future__ import annotations

import re
from typing import Any

from privity.accounts.be_a_guest import be_a_guest
from privity.accounts.invite import is_good
from privity.accounts.names import new_id
from privity.accounts.register import register
from privity.accounts.register_for_service import register_for_service
from privity.accounts.registration import Registration
from privity.accounts.session import Begun, DeviceWanted
from privity.api import fields
from privity.api.bearer import APPLICATION_SERVICE, calling_service
from privity.api.http import Request, Response, json
from privity.guard import pace
from privity.matrix.errors import invalid_param
from privity.matrix.ids import DeviceId, server_of

_DEVICE_ID = re.compile(r"[!-~]{1,255}")


def device_wanted(request: Request, body: dict[str, Any]) -> DeviceWanted:
    """What a body says of the device."""
    device_id = fields.optional_str(body, "device_id")
    if device_id is not None and not _DEVICE_ID.fullmatch(device_id):
        raise invalid_param("'device_id' has 1 to 255 visible characters.")
    return DeviceWanted(
        device_id=DeviceId(device_id) if device_id is not None else None,
        display_name=fields.optional_name(body, "initial_device_display_name"),
        refreshes=fields.optional_bool(body, "refresh_token"),
        address=request.address,
    )


def session_json(begun: Begun) -> dict[str, Any]:
    """A new session, as register and login answer it."""
    answer: dict[str, Any] = {
        "user_id": begun.user_id,
        "device_id": begun.device_id,
        "home_server": server_of(begun.user_id),  # deprecated, and still looked for
        "access_token": begun.access_token,
    }
    if begun.refresh_token is not None:
        answer |= {"refresh_token": begun.refresh_token, "expires_in_ms": begun.expires_in_ms}
    return answer


async def post_register(request: Request) -> Response:
    """`POST /_matrix/client/v3/register`."""
    kind = request.query("kind", "user")
    if kind not in {"user", "guest"}:
        raise invalid_param("'kind' is user or guest.")
    body = await request.json()
    if kind == "guest":
        return json(session_json(await be_a_guest(request.house, device_wanted(request, body))))
    registration = Registration(
        username=fields.optional_str(body, "username"),
        password=fields.optional_str(body, "password"),
        auth=fields.optional_dict(body, "auth"),
        device=device_wanted(request, body),
        logs_in=not fields.optional_bool(body, "inhibit_login"),
        guest_token=fields.optional_str(body, "guest_access_token"),
    )
    if body.get("type") == APPLICATION_SERVICE:
        service = calling_service(request)
        done = await register_for_service(request.house, service, registration)
    else:
        done = await register(request.house, registration)
    return json(session_json(done) if isinstance(done, Begun) else {"user_id": done})


async def available(request: Request) -> Response:
    """`GET /_matrix/client/v3/register/available`."""
    request.house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    await new_id(request.house, request.query_required("username"))
    return json({"available": True})


async def token_validity(request: Request) -> Response:
    """`GET /_matrix/client/v1/register/m.login.registration_token/validity`."""
    request.house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    return json({"valid": await is_good(request.house, request.query_required("token"))})
