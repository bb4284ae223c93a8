"""What administrators may see and do (client-server API, "Server Administration").

An administrator is who was invited as one (`privity invite ADDRESS --admin`) or made one by the
operator (`privity user promote USER`). No account is one for being the first.
"""

from __future__ import annotations

from typing import Any

from privity.accounts.lock import moderated, set_locked, set_suspended
from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import forbidden
from privity.store import devices
from privity.store.accounts import LOCKED, Account
from privity.store.devices import Device


async def whois(request: Request) -> Response:
    """`GET /_matrix/client/v3/admin/whois/{userId}`: one's own, or anybody's to administrators."""
    session, user_id = request.session, ids.user_id(request.params["userId"])
    if not session.is_admin and user_id != session.user_id:
        raise forbidden("You are not an administrator.")
    found = await request.house.store.read(lambda tx: devices.all_of(tx, user_id))
    return json({"user_id": user_id, "devices": {d.device_id: _json(d) for d in found}})


def _json(device: Device) -> dict[str, Any]:
    seen = {"ip": device.last_seen_ip, "last_seen": device.last_seen_ts}
    connection = {name: value for name, value in seen.items() if value is not None}
    return {"sessions": [{"connections": [connection] if connection else []}]}


async def _account(request: Request, *, changes: bool) -> Account:
    user_id = ids.user_id(request.params["userId"])
    return await moderated(request.house, request.session, user_id, changes=changes)


async def get_lock(request: Request) -> Response:
    """`GET /_matrix/client/v1/admin/lock/{userId}`."""
    account = await _account(request, changes=False)
    return json({"locked": account.standing == LOCKED})


async def put_lock(request: Request) -> Response:
    """`PUT /_matrix/client/v1/admin/lock/{userId}`."""
    account = await _account(request, changes=True)
    is_locked = fields.required_bool(await request.json(), "locked")
    await set_locked(request.house, account.user_id, is_locked=is_locked)
    return json({"locked": is_locked})


async def get_suspension(request: Request) -> Response:
    """`GET /_matrix/client/v1/admin/suspend/{userId}`."""
    account = await _account(request, changes=False)
    return json({"suspended": account.is_suspended})


async def put_suspension(request: Request) -> Response:
    """`PUT /_matrix/client/v1/admin/suspend/{userId}`."""
    account = await _account(request, changes=True)
    is_suspended = fields.required_bool(await request.json(), "suspended")
    await set_suspended(request.house, account.user_id, is_suspended=is_suspended)
    return json({"suspended": is_suspended})
