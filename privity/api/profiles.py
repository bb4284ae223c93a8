"""Profiles (client-server API, "Profiles").

SPEC: custom profile fields are refused for now, and `m.profile_fields` in the capabilities says so.
"""

from __future__ import annotations

from privity.accounts.profile import set_field
from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, forbidden, not_found, refused
from privity.matrix.ids import UserId
from privity.rooms.follow_profile import follow_profile
from privity.store import profiles
from privity.store.profiles import Profile

FIELDS = ("displayname", "avatar_url")


async def _of(request: Request) -> Profile:
    user_id = ids.user_id(request.params["userId"])
    profile = await request.house.store.read(lambda tx: profiles.of(tx, user_id))
    if profile is None:
        raise not_found("There is no profile of this user.")
    return profile


async def get_profile(request: Request) -> Response:
    """`GET /_matrix/client/v3/profile/{userId}`."""
    return json((await _of(request)).as_member_content())


async def get_field(request: Request) -> Response:
    """`GET /_matrix/client/v3/profile/{userId}/{keyName}`."""
    profile, name = await _of(request), request.params["keyName"]
    value = profile.as_member_content().get(name)
    if value is None and name not in FIELDS:
        raise not_found("This field is not set.")
    return json({} if value is None else {name: value})


async def put_field(request: Request) -> Response:
    """`PUT /_matrix/client/v3/profile/{userId}/{keyName}`."""
    user_id, name = _own(request)
    body = await request.json()
    if name not in body:
        raise refused(Errcode.MISSING_PARAM, f"'{name}' is required.", status=400)
    await _set(request, user_id, name, fields.optional_str(body, name))
    return json({})


async def delete_field(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/profile/{userId}/{keyName}`."""
    user_id, name = _own(request)
    await _set(request, user_id, name, None)
    return json({})


def _own(request: Request) -> tuple[UserId, str]:
    user_id = ids.user_id(request.params["userId"])
    if user_id != request.session.user_id:
        raise forbidden("This is somebody else's profile.")
    name = request.params["keyName"]
    if name not in FIELDS:
        raise forbidden("A profile has a display name and an avatar here.")
    return user_id, name


async def _set(request: Request, user_id: UserId, name: str, value: str | None) -> None:
    profile = await set_field(request.house, user_id, name, value or None)
    await follow_profile(request.house, user_id, profile)
