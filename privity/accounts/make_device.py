"""Make a device for somebody for whom an application service speaks: no log-in, no token.

Source: client-server API, `PUT /devices/{deviceId}`; application service API, "Device management".
"""

from __future__ import annotations

from privity.accounts.log_in import check_device
from privity.guard import pace
from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import devices
from privity.store.engine import WriteTx


async def make_device(
    house: House, user_id: UserId, device_id: DeviceId, display_name: str | None
) -> bool:
    """True if it is new; one that there is gets the name. 403 M_FORBIDDEN, 429."""
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> bool:
        if devices.rename(tx, user_id, device_id, display_name):
            return False
        check_device(tx, user_id, device_id)
        devices.add(tx, user_id, device_id, display_name, now_ms)
        return True

    return await house.store.write(job)
