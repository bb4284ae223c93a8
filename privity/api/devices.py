"""Devices: see, rename and end one's own (client-server API, "Device management")."""

from __future__ import annotations

from typing import Any

from privity.accounts.confirm import confirm_by_password
from privity.accounts.log_out import log_out
from privity.accounts.make_device import make_device
from privity.api import fields, ids
from privity.api.http import Request, Response, json
from privity.matrix.errors import not_found
from privity.matrix.ids import DeviceId, UserId
from privity.store import devices
from privity.store.devices import Device


def _json(user_id: UserId, device: Device) -> dict[str, Any]:
    told = {
        "user_id": user_id,  # none of the specification's, and looked for by old tools
        "device_id": device.device_id,
        "display_name": device.display_name,
        "last_seen_ts": device.last_seen_ts,
        "last_seen_ip": device.last_seen_ip,
    }
    return {name: value for name, value in told.items() if value is not None}


async def get_devices(request: Request) -> Response:
    """`GET /_matrix/client/v3/devices`."""
    user_id = request.session.user_id
    found = await request.house.store.read(lambda tx: devices.all_of(tx, user_id))
    return json({"devices": [_json(user_id, device) for device in found]})


async def get_device(request: Request) -> Response:
    """`GET /_matrix/client/v3/devices/{deviceId}`."""
    user_id, device_id = request.session.user_id, DeviceId(request.params["deviceId"])
    found = await request.house.store.read(lambda tx: devices.by_id(tx, user_id, device_id))
    if found is None:
        raise not_found("There is no such device.")
    return json(_json(user_id, found))


async def put_device(request: Request) -> Response:
    """`PUT /_matrix/client/v3/devices/{deviceId}`. An application service makes new ones by it."""
    name = fields.optional_name(await request.json(), "display_name")
    if request.session.service_id is not None:
        new_id = ids.device_id(request.params["deviceId"])
        is_new = await make_device(request.house, request.session.user_id, new_id, name)
        return json({}, 201 if is_new else 200)
    user_id, device_id = request.session.user_id, DeviceId(request.params["deviceId"])
    if not await request.house.store.write(lambda tx: devices.rename(tx, user_id, device_id, name)):
        raise not_found("There is no such device.")
    return json({})


async def delete_device(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/devices/{deviceId}`."""
    body = await request.json()
    await _end(request, body, [DeviceId(request.params["deviceId"])])
    return json({})


async def delete_devices(request: Request) -> Response:
    """`POST /_matrix/client/v3/delete_devices`."""
    body = await request.json()
    await _end(request, body, [DeviceId(each) for each in fields.strings(body, "devices")])
    return json({})


async def _end(request: Request, body: dict[str, Any], device_ids: list[DeviceId]) -> None:
    house, user_id = request.house, request.session.user_id
    deed = f"end devices {sorted(device_ids)}"
    if request.session.service_id is None:
        await confirm_by_password(house, user_id, fields.optional_dict(body, "auth"), deed)
    await log_out(house, user_id, device_ids)
