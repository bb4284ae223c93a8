"""Register, and what belongs to it.

Source: client-server API, "Account registration", "Token-authenticated registration".
"""

from __future__ import annotations

from typing import Any

from privity.accounts.confirm import DUMMY, TOKEN, Purpose, confirm
from privity.accounts.register import Registration, check_username, register
from privity.accounts.session import Begun, DeviceWanted
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.guard import pace
from privity.matrix.errors import Errcode, invalid_param, missing_param, refused
from privity.matrix.ids import DeviceId
from privity.store import invitations
from privity.store.sessions import hash_token

LONGEST_ID = 255


def device_wanted(body: dict[str, Any]) -> DeviceWanted:
    """What a body says of the device."""
    device_id = fields.optional_str(body, "device_id")
    if device_id is not None and not 0 < len(device_id) <= LONGEST_ID:
        message = f"'device_id' has 1 to {LONGEST_ID} characters."
        raise invalid_param(message)
    return DeviceWanted(
        DeviceId(device_id) if device_id else None,
        fields.optional_str(body, "initial_device_display_name"),
        fields.optional_bool(body, "refresh_token"),
    )


def session_json(begun: Begun) -> dict[str, Any]:
    """A new session, as register and login answer it."""
    answer: dict[str, Any] = {
        "user_id": begun.user_id,
        "device_id": begun.device_id,
        "access_token": begun.access_token,
    }
    if begun.refresh_token is not None:
        answer |= {"refresh_token": begun.refresh_token, "expires_in_ms": begun.expires_in_ms}
    return answer


async def post_register(request: Request) -> Response:
    """`POST /_matrix/client/v3/register`."""
    house = request.house
    kind = request.query("kind", "user")
    if kind == "guest":
        raise refused(Errcode.GUEST_ACCESS_FORBIDDEN, "There are no guests here.")
    if kind != "user":
        message = "'kind' is user or guest."
        raise invalid_param(message)
    house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    body = await request.json()
    username = fields.optional_str(body, "username")
    password = fields.optional_str(body, "password")
    device = device_wanted(body)
    logs_in = not fields.optional_bool(body, "inhibit_login")
    if username is not None:
        await check_username(house, username)
    auth = body.get("auth")
    flows: tuple[tuple[str, ...], ...] = ((TOKEN,),)
    if house.config.unsafe_open_registration:
        flows = ((DUMMY,), *flows)
    proved = await confirm(
        house,
        fields.optional_dict(body, "auth") if auth is not None else None,
        Purpose("register", None, flows),
    )
    if password is None:
        raise missing_param("password")
    token = proved.get("token") if proved.get("type") == TOKEN else None
    done = await register(house, Registration(username, password, token, device), logs_in=logs_in)
    return json(session_json(done) if isinstance(done, Begun) else {"user_id": done})


async def available(request: Request) -> Response:
    """`GET /_matrix/client/v3/register/available`."""
    request.house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    await check_username(request.house, request.query_required("username"))
    return json({"available": True})


async def token_validity(request: Request) -> Response:
    """`GET /_matrix/client/v1/register/m.login.registration_token/validity`."""
    house = request.house
    house.keep_pace(pace.REGISTER_BY_ADDRESS, request.address)
    token_hash = hash_token(request.query_required("token"))
    invitation = await house.store.read(lambda tx: invitations.by_hash(tx, token_hash))
    is_good = invitation is not None and invitation.is_good(house.clock.now_ms())
    return json({"valid": is_good})
