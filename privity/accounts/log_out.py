"""Log out: a device ends whole, its tokens, keys and waiting messages with it."""

from __future__ import annotations

from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import dehydrated_devices, devices
from privity.store.engine import WriteTx


async def log_out(house: House, user_id: UserId, device_ids: list[DeviceId] | None = None) -> None:
    """End these devices of a person's; one that is not there is no error.

    None is all of them, but for one that sleeps: it is for when nobody is logged in.
    """

    def job(tx: WriteTx) -> None:
        known = [device.device_id for device in devices.all_of(tx, user_id)]
        asleep = dehydrated_devices.of(tx, user_id)
        awake = set(known) - {asleep.device_id if asleep else None}
        wanted = awake if device_ids is None else set(device_ids)
        devices.remove(tx, user_id, [device_id for device_id in known if device_id in wanted])

    await house.store.write(job)
