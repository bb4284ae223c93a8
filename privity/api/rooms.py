"""Rooms: create them, and change who is in them.

Source: client-server API, "Creation", "Room membership".
"""

from __future__ import annotations

from typing import Any

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, Refused, bad_json, invalid_param, not_found, refused
from privity.matrix.ids import BadId, RoomId, parse_room_alias
from privity.rooms.alias import check_namespace
from privity.rooms.create import (
    PRESETS,
    PRIVATE_CHAT,
    PUBLIC_CHAT,
    Creation,
    InitialState,
    create,
)
from privity.rooms.find_by_alias import room_of_alias
from privity.rooms.membership import Change, change_membership, forget, kick, unban


async def create_room(request: Request) -> Response:
    """`POST /_matrix/client/v3/createRoom`."""
    body = await request.event_content()
    visibility = fields.optional_str(body, "visibility") or "private"
    if visibility not in {"public", "private"}:
        message = "'visibility' is public or private."
        raise invalid_param(message)
    default = PUBLIC_CHAT if visibility == "public" else PRIVATE_CHAT
    preset = fields.optional_str(body, "preset") or default
    if preset not in PRESETS:
        message = f"'preset' is one of {', '.join(PRESETS)}."
        raise invalid_param(message)
    if fields.optional_list(body, "invite_3pid"):
        raise refused(Errcode.FORBIDDEN, "People are invited by their user id here.")
    creation = Creation(
        preset=preset,
        version=fields.optional_str(body, "room_version"),
        name=fields.optional_str(body, "name"),
        topic=fields.optional_str(body, "topic"),
        alias=_alias(request, fields.optional_str(body, "room_alias_name")),
        is_published=visibility == "public",
        is_direct=fields.optional_bool(body, "is_direct"),
        invite=tuple(ids.user_id(each) for each in fields.strings(body, "invite")),
        content=fields.optional_dict(body, "creation_content"),
        initial_state=tuple(map(_initial_state, fields.optional_list(body, "initial_state"))),
        power_levels=fields.optional_dict(body, "power_level_content_override"),
    )
    if creation.alias is not None:
        check_namespace(request.house, request.session, creation.alias)
    room_id = await create(request.house, request.session.user_id, creation)
    return json({"room_id": room_id})


def _alias(request: Request, name: str | None) -> Any:  # noqa: ANN401 - RoomAlias or None
    if name is None:
        return None
    if ":" in name or name.startswith("#"):
        message = "'room_alias_name' is the part before the colon only."
        raise invalid_param(message)
    return ids.room_alias(f"#{name}:{request.house.server_name}")


def _initial_state(entry: Any) -> InitialState:  # noqa: ANN401 - checked here
    if not isinstance(entry, dict):
        message = "'initial_state' must be a list of objects."
        raise bad_json(message)
    return InitialState(
        fields.required_str(entry, "type"),
        fields.optional_str(entry, "state_key") or "",
        fields.required_dict(entry, "content"),
    )


def _room_id(request: Request) -> RoomId:
    return ids.room_id(request.params["roomId"])


async def _reason(request: Request) -> dict[str, Any]:
    reason = fields.optional_str(await request.json(), "reason")
    return {} if reason is None else {"reason": reason}


async def _target(request: Request, membership: str) -> Change:
    body = await request.json()
    if membership == "invite" and body.keys() >= {"medium", "address"}:
        raise refused(Errcode.THREEPID_DENIED, "People are invited by their user id here.")
    user_id = ids.user_id(fields.required_str(body, "user_id"))
    reason = fields.optional_str(body, "reason")
    more = {} if reason is None else {"reason": reason}
    return Change(_room_id(request), user_id, membership, more)


async def join(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/join`."""
    return await _join(request, _room_id(request))


async def join_by_alias(request: Request) -> Response:
    """`POST /_matrix/client/v3/join/{roomIdOrAlias}`."""
    named = request.params["roomIdOrAlias"]
    if named.startswith("#"):
        return await _join(request, await _room_of(request, named))
    return await _join(request, ids.room_id(named))


async def knock(request: Request) -> Response:
    """`POST /_matrix/client/v3/knock/{roomIdOrAlias}`."""
    named = request.params["roomIdOrAlias"]
    room_id = await _room_of(request, named) if named.startswith("#") else ids.room_id(named)
    change = Change(room_id, request.session.user_id, "knock", await _reason(request))
    await change_membership(request.house, request.session, change)
    return json({"room_id": room_id})


async def _join(request: Request, room_id: RoomId) -> Response:
    if request.house.config.is_open:  # open servers take any content
        more = await request.event_content(is_required=False)
        more.pop("third_party_signed", None)
    else:
        more = await _reason(request)
    change = Change(room_id, request.session.user_id, "join", more)
    await change_membership(request.house, request.session, change)
    return json({"room_id": room_id})


async def _room_of(request: Request, named: str) -> RoomId:
    try:
        alias = parse_room_alias(named)
    except BadId as error:
        message = "This is no room alias."
        raise invalid_param(message) from error
    asker = request.authenticated.user_id if request.authenticated else request.address
    room_id = await room_of_alias(request.house, asker, alias)
    if room_id is None:
        raise _no_such_alias()
    return room_id


def _no_such_alias() -> Refused:
    return not_found("There is no room of this alias.")


async def resolve_alias(request: Request) -> Response:
    """`GET /_matrix/client/v3/directory/room/{roomAlias}`."""
    room_id = await _room_of(request, request.params["roomAlias"])
    return json({"room_id": room_id, "servers": [request.house.server_name]})


async def invite(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/invite`."""
    await change_membership(request.house, request.session, await _target(request, "invite"))
    return json({})


async def leave(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/leave`."""
    more = await _reason(request)
    change = Change(_room_id(request), request.session.user_id, "leave", more)
    await change_membership(request.house, request.session, change)
    return json({})


async def kick_member(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/kick`."""
    await kick(request.house, request.session, await _target(request, "leave"))
    return json({})


async def ban(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/ban`."""
    await change_membership(request.house, request.session, await _target(request, "ban"))
    return json({})


async def unban_member(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/unban`."""
    await unban(request.house, request.session, await _target(request, "leave"))
    return json({})


async def forget_room(request: Request) -> Response:
    """`POST /_matrix/client/v3/rooms/{roomId}/forget`."""
    await forget(request.house, request.session.user_id, _room_id(request))
    return json({})


async def joined_rooms(request: Request) -> Response:
    """`GET /_matrix/client/v3/joined_rooms`."""
    person = await request.house.store.people.get(request.session.user_id)
    return json({"joined_rooms": sorted(person.joined)})
