"""Keys for end-to-end encryption, and messages to devices.

Source: client-server API, "End-to-End Encryption", "Send-to-Device messaging".
"""

from __future__ import annotations

from privity.accounts.confirm import confirm_by_password
from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.guard.plaintext import ToDevice
from privity.keys import query as asking
from privity.keys.cross_sign import upload_cross_signing, upload_signatures
from privity.keys.send_to_device import Sending, send_to_device
from privity.keys.take_as_it_is import as_it_is
from privity.keys.upload import Upload, upload
from privity.matrix.canonical_json import encode
from privity.matrix.errors import bad_json, invalid_param
from privity.matrix.ids import DeviceId, UserId, server_of
from privity.matrix.tokens import BadToken, parse_pos

USAGE_MEMBERS = {
    "master": "master_key",
    "self_signing": "self_signing_key",
    "user_signing": "user_signing_key",
}
LONGEST_NAME = 255


async def post_upload(request: Request) -> Response:
    """`POST /_matrix/client/v3/keys/upload`."""
    body = await request.event_content()
    wanted = Upload(
        fields.optional_dict(body, "device_keys") or None,
        fields.optional_dict(body, "one_time_keys"),
        fields.optional_dict(body, "fallback_keys"),
    )
    takes_all = as_it_is if request.house.config.is_open else None
    counts = await upload(request.house, request.session, wanted, takes_all)
    return json({"one_time_key_counts": counts})


async def post_query(request: Request) -> Response:
    """`POST /_matrix/client/v3/keys/query`."""
    body = await request.event_content()
    wanted: dict[UserId, list[DeviceId]] = {}
    for raw, device_ids in fields.required_dict(body, "device_keys").items():
        if not isinstance(device_ids, list) or not all(isinstance(d, str) for d in device_ids):
            raise bad_json("'device_keys' must hold lists of device ids.")
        user_id = ids.user_id(raw)
        if _is_ours(request, user_id):
            wanted[user_id] = [DeviceId(each) for each in device_ids]
    found = await asking.query(request.house, request.session.user_id, wanted)
    return json(
        {
            "device_keys": found.device_keys,
            "failures": {},
            "master_keys": found.master_keys,
            "self_signing_keys": found.self_signing_keys,
            "user_signing_keys": found.user_signing_keys,
        }
    )


async def post_claim(request: Request) -> Response:
    """`POST /_matrix/client/v3/keys/claim`."""
    body = await request.event_content()
    wanted: dict[UserId, dict[DeviceId, str]] = {}
    for raw, devices in fields.required_dict(body, "one_time_keys").items():
        if not isinstance(devices, dict) or not all(isinstance(a, str) for a in devices.values()):
            raise bad_json("'one_time_keys' must hold algorithms by device.")
        user_id = ids.user_id(raw)
        if _is_ours(request, user_id):
            wanted[user_id] = {ids.device_id(d): ids.opaque(a) for d, a in devices.items()}
    given = await asking.claim(request.house, request.session.user_id, wanted)
    return json({"one_time_keys": given, "failures": {}})


def _is_ours(request: Request, user_id: UserId) -> bool:
    return server_of(user_id) == request.house.server_name


async def get_changes(request: Request) -> Response:
    """`GET /_matrix/client/v3/keys/changes`."""
    try:
        since = parse_pos(request.query_required("from"))
        upto = parse_pos(request.query_required("to"))
    except BadToken as error:
        raise invalid_param("'from' and 'to' are tokens of /sync.") from error
    user_id = request.session.user_id
    changed, left = await asking.changes(request.house, user_id, since, upto)
    return json({"changed": changed, "left": left})


async def post_cross_signing(request: Request) -> Response:
    """`POST /_matrix/client/v3/keys/device_signing/upload`."""
    house, user_id = request.house, request.session.user_id
    body = await request.event_content()
    keys = {
        usage: fields.required_dict(body, member)
        for usage, member in USAGE_MEMBERS.items()
        if body.get(member) is not None
    }
    auth = fields.optional_dict(body, "auth")
    speaks_for_them = request.session.service_id is not None  # and needs no password for it
    if not await upload_cross_signing(house, user_id, keys, is_confirmed=speaks_for_them):
        await confirm_by_password(house, user_id, auth, "replace cross-signing keys")
        await upload_cross_signing(house, user_id, keys, is_confirmed=True)
    return json({})


async def post_signatures(request: Request) -> Response:
    """`POST /_matrix/client/v3/keys/signatures/upload`."""
    body = await request.event_content()
    for signed in body.values():
        if not isinstance(signed, dict):
            raise bad_json("Signed keys stand under their user and their id.")
    wanted = {ids.user_id(raw): signed for raw, signed in body.items()}
    failures = await upload_signatures(request.house, request.session.user_id, wanted)
    return json({"failures": failures})


async def put_to_device(request: Request) -> Response:
    """`PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}`."""
    kind, txn_id = request.params["eventType"], request.params["txnId"]
    if max(len(kind.encode()), len(txn_id.encode())) > LONGEST_NAME:
        raise invalid_param(f"A type or a transaction id has at most {LONGEST_NAME} bytes.")
    body = await request.event_content()
    messages = {
        ids.user_id(user_id): _messages(kind, by_device)
        for user_id, by_device in fields.required_dict(body, "messages").items()
    }
    name = encode([kind, txn_id]).decode()
    await send_to_device(request.house, request.session, Sending(name, messages))
    return json({})


def _messages(kind: str, by_device: object) -> dict[DeviceId, ToDevice]:
    if not isinstance(by_device, dict) or not all(
        isinstance(content, dict) for content in by_device.values()
    ):
        raise bad_json("'messages' must hold contents by user and device.")
    return {
        ids.device_id(device_id): ToDevice(kind, content)
        for device_id, content in by_device.items()
    }
