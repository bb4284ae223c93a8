"""Change what an account is: its password, its standing, its end."""

from __future__ import annotations

from privity.accounts.passwords import check_new, hash_password
from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import accounts, devices
from privity.store.engine import WriteTx


async def change_password(
    house: House, user_id: UserId, password: str, *, keep: DeviceId | None, log_out: bool = True
) -> None:
    """Another password. With `log_out` every device but `keep` ends."""
    check_new(house, password)
    password_hash = await hash_password(house, password)

    def job(tx: WriteTx) -> None:
        accounts.set_password(tx, user_id, password_hash)
        if log_out:
            devices.remove(tx, user_id, _others(tx, user_id, keep))

    await house.store.write(job)


def _others(tx: WriteTx, user_id: UserId, keep: DeviceId | None) -> list[DeviceId]:
    return [one.device_id for one in devices.all_of(tx, user_id) if one.device_id != keep]


async def set_standing(house: House, user_id: UserId, standing: str) -> None:
    """Lock or unlock. Every process of the server obeys within a second."""
    await house.store.write(lambda tx: accounts.set_standing(tx, user_id, standing))


async def deactivate(house: House, user_id: UserId) -> None:
    """End an account for good: no password, no device, no profile. The id is never given again."""

    def job(tx: WriteTx) -> None:
        devices.remove(tx, user_id, _others(tx, user_id, None))
        accounts.set_password(tx, user_id, None)
        for field in ("displayname", "avatar_url"):
            accounts.set_profile(tx, user_id, field, None)
        accounts.set_standing(tx, user_id, accounts.DEACTIVATED)

    await house.store.write(job)
