"""Profiles (client-server API, "Profiles").

SPEC: reading one needs a token here, where the specification asks for none. With
`unsafe_open_directory` it does not.
"""

from __future__ import annotations

from typing import Any

from privity.accounts.profile import (
    IN_ROOMS,
    NAME,
    check_key,
    drop_other_field,
    set_field,
    set_other_field,
)
from privity.accounts.show_profile import show_profile
from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, forbidden, missing_param, not_found, refused
from privity.matrix.ids import UserId
from privity.rooms.follow_profile import follow_profile


async def _of(request: Request) -> dict[str, Any]:
    user_id = ids.user_id(request.params["userId"])
    asker = request.authenticated.user_id if request.authenticated else request.address
    profile = await show_profile(request.house, asker, user_id)
    if profile is None:
        raise not_found("There is no profile of this user.")
    return profile


async def get_profile(request: Request) -> Response:
    """`GET /_matrix/client/v3/profile/{userId}`."""
    return json(await _of(request))


async def get_field(request: Request) -> Response:
    """`GET /_matrix/client/v3/profile/{userId}/{keyName}`."""
    profile, name = await _of(request), request.params["keyName"]
    if name not in profile and name not in IN_ROOMS:
        raise not_found("This field is not set.")
    return json({name: profile[name]} if name in profile else {})


async def put_field(request: Request) -> Response:
    """`PUT /_matrix/client/v3/profile/{userId}/{keyName}`."""
    user_id, name = _own(request)
    check_key(request.house.config, name)
    body = await request.json(is_required=True)
    if name not in body:
        raise missing_param(name)
    if name in IN_ROOMS:
        await _set(request, user_id, name, fields.optional_str(body, name))
    else:
        await set_other_field(request.house, user_id, name, body[name])
    return json({})


async def delete_field(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/profile/{userId}/{keyName}`."""
    user_id, name = _own(request)
    if name in IN_ROOMS:
        await _set(request, user_id, name, None)
    else:
        await drop_other_field(request.house, user_id, name)
    return json({})


def _own(request: Request) -> tuple[UserId, str]:
    user_id = ids.user_id(request.params["userId"])
    if user_id != request.session.user_id:
        raise forbidden("This is somebody else's profile.")
    name = request.params["keyName"]
    if request.session.is_guest and name != NAME:
        says = "Guests have a display name, and nothing else."
        raise refused(Errcode.GUEST_ACCESS_FORBIDDEN, says)
    return user_id, name


async def _set(request: Request, user_id: UserId, name: str, value: str | None) -> None:
    profile = await set_field(request.house, user_id, name, value or None)
    await follow_profile(request.house, user_id, profile)
