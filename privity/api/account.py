"""One's own account: who one is, another password, its end.

Source: client-server API, "Current account information", "Password management", "Account
deactivation".
"""

from __future__ import annotations

from privity.accounts.change_password import change_password
from privity.accounts.confirm import confirm_by_password
from privity.accounts.deactivate import deactivate
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.rooms.leave_everywhere import leave_everywhere


async def whoami(request: Request) -> Response:
    """`GET /_matrix/client/v3/account/whoami`."""
    session = request.session
    told = {"user_id": session.user_id, "is_guest": session.is_guest}
    return json({**told, "device_id": session.device_id} if session.device_id else told)


async def post_password(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/password`."""
    house, session = request.house, request.session
    body = await request.json()
    password = fields.required_str(body, "new_password")
    logs_out = fields.optional_bool(body, "logout_devices", default=True)
    auth = fields.optional_dict(body, "auth")
    await confirm_by_password(house, session.user_id, auth, "change password")
    await change_password(
        house, session.user_id, password, keep=session.device_id, logs_out=logs_out
    )
    return json({})


async def post_deactivate(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/deactivate`. A service ends whom it made without a proof."""
    house, user_id = request.house, request.session.user_id
    body = await request.json()
    erases = fields.optional_bool(body, "erase")
    if not house.services.owns(request.session.service_id, user_id):
        await confirm_by_password(house, user_id, fields.optional_dict(body, "auth"), "deactivate")
    await deactivate(house, user_id, erases=erases)
    await leave_everywhere(house, user_id)
    return json({"id_server_unbind_result": "success"})
