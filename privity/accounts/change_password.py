"""Change a password, by its owner or by an operator."""

from __future__ import annotations

from privity.accounts.passwords import check_new, hash_password
from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import accounts, devices, login_tokens
from privity.store.engine import WriteTx


async def change_password(
    house: House, user_id: UserId, password: str, *, keep: DeviceId | None, logs_out: bool = True
) -> None:
    """Another password. With `logs_out` every device but `keep` ends in the same transaction.

    Errors: 400 M_WEAK_PASSWORD, M_INVALID_PARAM.
    """
    check_new(house, password)
    password_hash = await hash_password(house, password)

    def job(tx: WriteTx) -> None:
        accounts.set_password(tx, user_id, password_hash)
        login_tokens.drop_all_of(tx, user_id)
        if logs_out:
            known = (device.device_id for device in devices.all_of(tx, user_id))
            devices.remove(tx, user_id, [device_id for device_id in known if device_id != keep])

    await house.store.write(job)
