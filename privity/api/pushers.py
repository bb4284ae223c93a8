"""Pushers (client-server API, "Push Notifications": `GET /pushers`, `POST /pushers/set`)."""

from __future__ import annotations

import re
from typing import Any

from privity.accounts.set_pusher import remove_pusher, set_pusher
from privity.api import fields
from privity.api.http import Request, Response, json
from privity.guard.reach import Pusher
from privity.matrix import canonical_json
from privity.matrix.errors import invalid_param, missing_param
from privity.store import pushers
from privity.store.pushers import KeptPusher

LONGEST_APP_ID = 64
LONGEST_PUSHKEY_BYTES = 512
LONGEST_WORDS = 256
LARGEST_DATA_BYTES = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


async def get_pushers(request: Request) -> Response:
    """`GET /_matrix/client/v3/pushers`."""
    user_id = request.session.user_id
    kept = await request.house.store.read(lambda tx: pushers.of_user(tx, user_id))
    return json({"pushers": [_told(each) for each in kept]})


async def post_pusher(request: Request) -> Response:
    """`POST /_matrix/client/v3/pushers/set`. The kind `email` is refused: words by mail."""
    body = await request.event_content()
    if "kind" not in body:
        raise missing_param("kind")
    kind = fields.optional_str(body, "kind")
    app_id, pushkey = _app_id(body), _pushkey(body)
    if kind is None:
        await remove_pusher(request.house, request.session.user_id, app_id, pushkey)
        return json({})
    if kind != "http":
        message = "This server has pushers of kind 'http' only."
        raise invalid_param(message)
    pusher = Pusher(
        app_id,
        pushkey,
        _words(body, "app_display_name"),
        _words(body, "device_display_name"),
        _words(body, "profile_tag") if body.get("profile_tag") is not None else None,
        _words(body, "lang"),
        _data(body),
    )
    append = fields.optional_bool(body, "append")
    await set_pusher(request.house, request.session, pusher, append=append)
    return json({})


def _app_id(body: dict[str, Any]) -> str:
    app_id = _words(body, "app_id")
    if len(app_id) > LONGEST_APP_ID:
        raise invalid_param(f"'app_id' has up to {LONGEST_APP_ID} characters.")
    return app_id


def _pushkey(body: dict[str, Any]) -> str:
    pushkey = fields.required_str(body, "pushkey")
    if len(pushkey.encode()) > LONGEST_PUSHKEY_BYTES or _CONTROL.search(pushkey):
        raise invalid_param(f"'pushkey' has up to {LONGEST_PUSHKEY_BYTES} bytes, none control.")
    return pushkey


def _words(body: dict[str, Any], name: str) -> str:
    value = fields.required_str(body, name)
    if len(value) > LONGEST_WORDS or _CONTROL.search(value):
        raise invalid_param(f"'{name}' has up to {LONGEST_WORDS} characters, none control.")
    return value


def _data(body: dict[str, Any]) -> dict[str, Any]:
    data = fields.required_dict(body, "data")
    if data.get("url") is None:
        raise missing_param("data.url")
    if len(canonical_json.encode(data)) > LARGEST_DATA_BYTES:
        raise invalid_param(f"'data' has up to {LARGEST_DATA_BYTES} bytes.")
    return data


def _told(kept: KeptPusher) -> dict[str, Any]:
    pusher = kept.pusher
    told = {
        "kind": "http",
        "app_id": pusher.app_id,
        "pushkey": pusher.pushkey,
        "app_display_name": pusher.app_display_name,
        "device_display_name": pusher.device_display_name,
        "lang": pusher.lang,
        "data": pusher.data,
    }
    return told if pusher.profile_tag is None else {**told, "profile_tag": pusher.profile_tag}
