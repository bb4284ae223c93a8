"""Lock an account, or unlock it.

A lock ends nothing: its sessions are refused until it is lifted, then they go on.
Source: client-server API, "Account locking".
"""

from __future__ import annotations

from privity.house import House
from privity.matrix.errors import Errcode, not_found, refused
from privity.matrix.ids import UserId
from privity.store import accounts
from privity.store.accounts import ACTIVE, DEACTIVATED, LOCKED
from privity.store.engine import WriteTx


async def set_locked(house: House, user_id: UserId, *, is_locked: bool) -> None:
    """Lock or unlock; every process of the server obeys within a second.

    Errors: 404 M_NOT_FOUND, 403 M_USER_DEACTIVATED.
    """
    standing = LOCKED if is_locked else ACTIVE

    def job(tx: WriteTx) -> None:
        account = accounts.by_id(tx, user_id)
        if account is None:
            raise not_found("There is no such account.")
        if account.standing == DEACTIVATED:
            raise refused(Errcode.USER_DEACTIVATED, "This account has been deactivated.")
        if account.standing != standing:
            accounts.set_standing(tx, user_id, standing)

    await house.store.write(job)
