"""Guests: accounts for whoever asks, only where the operator said `unsafe_guests`.

1. A guest has a made-up id, one device, no name and no password: who loses the token loses it all.
2. A guest who registers under their own id, showing their token, becomes a whole account. Nobody
   becomes somebody else's.

Source: client-server API, "Guest Access", "POST /register".
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from privity.accounts.names import check_free, new_id
from privity.accounts.session import Begun, DeviceWanted, begin, prepare
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refused, forbidden, missing_param, refused
from privity.matrix.ids import UserId
from privity.store import accounts
from privity.store.accounts import ACTIVE, Account
from privity.store.engine import WriteTx
from privity.store.sessions import hash_token


async def be_a_guest(house: House, device: DeviceWanted) -> Begun:
    """A new guest. Errors: 403 M_GUEST_ACCESS_FORBIDDEN, 429."""
    if not house.config.unsafe_guests:
        raise no_guests()
    house.keep_pace(pace.REGISTER_BY_ADDRESS, device.address)
    user_id = await new_id(house, f"guest-{secrets.token_hex(8)}")  # 1
    prepared = prepare(house, user_id, replace(device, device_id=None, refreshes=False))
    account = Account(
        user_id=user_id,
        address="",
        password_hash=None,
        created_ts=prepared.now_ms,
        is_admin=False,
        standing=ACTIVE,
        is_guest=True,
    )

    def job(tx: WriteTx) -> None:
        check_free(tx, user_id)
        accounts.add(tx, account)
        begin(tx, prepared)

    await house.store.write(job)
    return prepared.begun


async def guest_of(house: House, guest_token: str, username: str | None) -> UserId:
    """The id of the guest who shows this token and names themselves (rule 2).

    Errors: 403 M_GUEST_ACCESS_FORBIDDEN, M_FORBIDDEN; 400 M_MISSING_PARAM.
    """
    if not house.config.unsafe_guests:
        raise no_guests()
    if username is None:
        raise missing_param("username")
    session = await house.store.sessions.get(hash_token(guest_token))
    if session is None or not session.is_guest:
        raise forbidden("This is no guest's token.")
    if session.user_id != f"@{username}:{house.server_name}":
        raise forbidden("A guest keeps their own name.")
    return session.user_id


def no_guests() -> Refused:
    """403: there are none here."""
    return refused(Errcode.GUEST_ACCESS_FORBIDDEN, "There are no guests here.")
