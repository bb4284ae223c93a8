"""The device that sleeps (MSC3814, unstable)."""

from __future__ import annotations

from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.keys.dehydrate import (
    Dehydration,
    Messages,
    dehydrate,
    dehydrated,
    drop_dehydrated,
    messages,
)
from privity.keys.upload import Upload
from privity.matrix.errors import bad_json, invalid_param

LONGEST_TOKEN = len(str(2**63))


async def put_device(request: Request) -> Response:
    """`PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`."""
    body = await request.event_content()
    device_id = ids.device_id(fields.required_str(body, "device_id"))
    keys = Upload(
        fields.required_dict(body, "device_keys"),
        fields.optional_dict(body, "one_time_keys"),
        fields.optional_dict(body, "fallback_keys"),
    )
    data = fields.required_dict(body, "device_data")
    if not isinstance(data.get("algorithm"), str):
        message = "'device_data' must name its 'algorithm'."
        raise bad_json(message)
    name = fields.optional_name(body, "initial_device_display_name")
    await dehydrate(request.house, request.session, Dehydration(device_id, name, data, keys))
    return json({"device_id": device_id})


async def get_device(request: Request) -> Response:
    """`GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`."""
    found = await dehydrated(request.house, request.session.user_id)
    told = json({"device_id": found.device_id})
    return Response(told.body[:-1] + b',"device_data":%s}' % found.data)


async def delete_device(request: Request) -> Response:
    """`DELETE /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device`."""
    return json({"device_id": await drop_dehydrated(request.house, request.session.user_id)})


async def get_events(request: Request) -> Response:
    """`GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events`."""
    found = await _messages(request, request.query("from"))
    return _page(found, is_last=found.is_all)


async def post_events(request: Request) -> Response:
    """`POST /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events`.

    As clients of before asked: until a page is empty.
    """
    body = await request.json()
    found = await _messages(request, fields.optional_str(body, "next_batch"))
    return _page(found, is_last=False)


async def _messages(request: Request, since: str | None) -> Messages:
    if since is not None and not (
        since.isascii() and since.isdecimal() and len(since) < LONGEST_TOKEN
    ):
        message = "This is none of this server's tokens."
        raise invalid_param(message)
    user_id, device_id = request.session.user_id, ids.device_id(request.params["deviceId"])
    return await messages(request.house, user_id, device_id, int(since or 0))


def _page(found: Messages, *, is_last: bool) -> Response:
    more = b"" if is_last else b',"next_batch":"%d"' % found.upto
    return Response(b'{"events":[%s]%s}' % (b",".join(found.found), more))
