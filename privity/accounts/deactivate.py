"""Deactivate an account: its end.

1. Every device ends, nobody can log in again, and the id is never given to anybody else.
2. The hash of the password stays, so that its owner, and nobody else, is told why they cannot log
   in; with `erases` it goes as well, and so do the address, profile,
   account data, filters, cross-signing keys and key backups.

SPEC: events stay as they are for everybody who joins later: they are ciphertext, and the keys to
them were never here.
"""

from __future__ import annotations

from privity.house import House
from privity.matrix.ids import UserId
from privity.store import accounts, devices, login_tokens
from privity.store.engine import WriteTx


async def deactivate(house: House, user_id: UserId, *, erases: bool = False) -> None:
    """End the account. The caller has the person leave their rooms."""

    def job(tx: WriteTx) -> None:
        known = [device.device_id for device in devices.all_of(tx, user_id)]
        devices.remove(tx, user_id, known)
        login_tokens.drop_all_of(tx, user_id)
        accounts.set_standing(tx, user_id, accounts.DEACTIVATED)  # 1
        if erases:
            accounts.erase(tx, user_id)  # 2

    await house.store.write(job)
