"""Key backups (client-server API, "Server-side key backups")."""

from __future__ import annotations

import re
from typing import Any

import orjson

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.keys import back_up
from privity.keys.back_up import Changed, Info
from privity.matrix.errors import bad_json, invalid_param, missing_param, not_found
from privity.matrix.ids import RoomId
from privity.store.backups import BackedUpKey, Where

TIMES_LARGER = 8
LARGEST_NUMBER = 2**53 - 1
_VERSION = re.compile(r"[1-9][0-9]{0,14}")

Json = dict[str, Any]


async def post_version(request: Request) -> Response:
    """`POST /_matrix/client/v3/room_keys/version`."""
    body = await request.json()
    version = await back_up.make_version(
        request.house,
        request.session.user_id,
        fields.required_str(body, "algorithm"),
        _opaque(request, body, "auth_data"),
    )
    return json({"version": str(version)})


def _room_id(raw: object) -> RoomId:
    """A room id as it is: whose keys are kept here need not be a room of this server."""
    if not isinstance(raw, str) or not raw.startswith("!"):
        raise invalid_param("This is no room id.")
    return RoomId(ids.opaque(raw))


def _opaque(request: Request, body: Json, name: str) -> bytes:
    """An object; where every switch is on, any text, as open servers take it."""
    value = body.get(name)
    if request.house.config.is_open and isinstance(value, str):
        return orjson.dumps(value)
    return orjson.dumps(fields.required_dict(body, name))


async def get_newest(request: Request) -> Response:
    """`GET /_matrix/client/v3/room_keys/version`."""
    return _info(await back_up.info(request.house, request.session.user_id, None))


async def get_version(request: Request) -> Response:
    """`GET /_matrix/client/v3/room_keys/version/{version}`."""
    user_id = request.session.user_id
    return _info(await back_up.info(request.house, user_id, _number(request.params["version"])))


def _info(info: Info) -> Response:
    return json(
        {
            "algorithm": info.backup.algorithm,
            "auth_data": orjson.Fragment(info.backup.auth_data),
            "count": info.count,
            "etag": str(info.backup.etag),
            "version": str(info.backup.version),
        }
    )


async def put_version(request: Request) -> Response:
    """`PUT /_matrix/client/v3/room_keys/version/{version}`."""
    body = await request.json()
    if str(body.get("version", request.params["version"])) != request.params["version"]:
        raise invalid_param("'version' is not the one in the path.")
    await back_up.update_version(
        request.house,
        request.session.user_id,
        _number(request.params["version"]),
        fields.required_str(body, "algorithm"),
        _opaque(request, body, "auth_data"),
    )
    return json({})


async def delete_version(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/room_keys/version/{version}`."""
    user_id = request.session.user_id
    await back_up.delete_version(request.house, user_id, _number(request.params["version"]))
    return json({})


async def put_keys(request: Request) -> Response:
    """`PUT /_matrix/client/v3/room_keys/keys[/{roomId}[/{sessionId}]]`."""
    body = await request.json(times_larger=TIMES_LARGER)
    where = _where(request)
    if where.session_id is not None:
        rooms: dict[Any, Json] = {where.room_id: {where.session_id: body}}
    elif where.room_id is not None:
        rooms = {where.room_id: _sessions(body)}
    else:
        given = fields.required_dict(body, "rooms")
        rooms = {room_id: _sessions(room) for room_id, room in given.items()}
    uploaded = [
        _key(request, _room_id(room_id), ids.opaque(session_id), key)
        for room_id, sessions in rooms.items()
        for session_id, key in sessions.items()
    ]
    changed = await back_up.put_keys(
        request.house, request.session.user_id, _version(request), uploaded
    )
    return _changed(changed)


def _sessions(room: object) -> Json:
    if not isinstance(room, dict):
        raise bad_json("A room's backup is an object.")
    return fields.required_dict(room, "sessions")


def _key(request: Request, room_id: RoomId, session_id: str, key: object) -> BackedUpKey:
    if not isinstance(key, dict):
        raise bad_json("A session's backup is an object.")
    return BackedUpKey(
        room_id,
        session_id,
        _count(key, "first_message_index"),
        _count(key, "forwarded_count"),
        fields.required_bool(key, "is_verified"),
        _opaque(request, key, "session_data"),
    )


def _count(key: Json, name: str) -> int:
    number = fields.optional_int(key, name)
    if number is None:
        raise missing_param(name)
    if not 0 <= number <= LARGEST_NUMBER:
        raise bad_json(f"'{name}' is no number of anything.")
    return number


async def get_keys(request: Request) -> Response:
    """`GET /_matrix/client/v3/room_keys/keys[/{roomId}[/{sessionId}]]`."""
    where = _where(request)
    found = await back_up.get_keys(request.house, request.session.user_id, _version(request), where)
    if where.session_id is not None:
        if not found:
            raise not_found("There is no backup of this session.")
        return json(_key_json(found[0]))
    rooms: dict[str, dict[str, Json]] = {}
    for key in found:
        sessions = rooms.setdefault(key.room_id, {"sessions": {}})["sessions"]
        sessions[key.session_id] = _key_json(key)
    if where.room_id is not None:
        return json(rooms.get(where.room_id, {"sessions": {}}))
    return json({"rooms": rooms})


def _key_json(key: BackedUpKey) -> Json:
    return {
        "first_message_index": key.first_message_index,
        "forwarded_count": key.forwarded_count,
        "is_verified": key.is_verified,
        "session_data": orjson.Fragment(key.session_data),
    }


async def delete_keys(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/room_keys/keys[/{roomId}[/{sessionId}]]`."""
    changed = await back_up.delete_keys(
        request.house, request.session.user_id, _version(request), _where(request)
    )
    return _changed(changed)


def _changed(changed: Changed) -> Response:
    return json({"count": changed.count, "etag": str(changed.etag)})


def _where(request: Request) -> Where:
    room_id, session_id = request.params.get("roomId"), request.params.get("sessionId")
    return Where(
        None if room_id is None else _room_id(room_id),
        None if session_id is None else ids.opaque(session_id),
    )


def _version(request: Request) -> int:
    return _number(request.query_required("version"))


def _number(version: str) -> int:
    """A version's number. What we never gave out names no version."""
    if _VERSION.fullmatch(version) is None:
        raise not_found("There is no such backup.")
    return int(version)
