"""Register: an invitation becomes an account, once.

1. The id is a new one, of the letters that new ids have.
2. The invitation is used up in the transaction that makes the account: of two who race for one, one
   gets it.
3. Without invitation only where the operator said `unsafe_open_registration`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from privity.accounts.passwords import check_new, hash_password
from privity.accounts.session import Begun, DeviceWanted, begin, prepare
from privity.house import House
from privity.matrix.errors import Errcode, refused
from privity.matrix.ids import (
    BadId,
    UserId,
    is_new_localpart,
    localpart_of,
    parse_user_id,
    server_of,
)
from privity.store import accounts, invitations
from privity.store.accounts import ACTIVE, Account
from privity.store.engine import Conflict, WriteTx
from privity.store.invitations import Invitation
from privity.store.sessions import hash_token


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client asks for. `token` is the invitation's."""

    username: str | None
    password: str
    token: str | None
    device: DeviceWanted


async def check_username(house: House, username: str) -> UserId:
    """The id that this name would have. 400 M_INVALID_USERNAME or M_USER_IN_USE."""
    localpart = username.lower()
    if localpart.startswith("@"):
        try:
            user_id = parse_user_id(localpart)
        except BadId as error:
            raise _invalid_username() from error
        if server_of(user_id) != house.server_name:
            raise _invalid_username()
        localpart = localpart_of(user_id)
    if not is_new_localpart(localpart):  # 1
        raise _invalid_username()
    try:
        user_id = parse_user_id(f"@{localpart}:{house.server_name}")
    except BadId as error:
        raise _invalid_username() from error
    if await house.store.read(lambda tx: accounts.by_id(tx, user_id)) is not None:
        raise _in_use()
    return user_id


async def register(house: House, registration: Registration, *, logs_in: bool) -> Begun | UserId:
    """Make the account; with `logs_in` a session on it, else its id."""
    username = registration.username or secrets.token_hex(8)
    user_id = await check_username(house, username)
    check_new(house, registration.password)
    password_hash = await hash_password(house, registration.password)
    begun, tokens = prepare(house, user_id, registration.device)
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        invitation = _use(tx, house, registration, user_id, now_ms)
        if accounts.by_id(tx, user_id) is not None:
            raise Conflict(user_id)
        address = invitation.address if invitation else ""
        is_admin = invitation.is_admin if invitation else False
        accounts.add(tx, Account(user_id, address, password_hash, now_ms, is_admin, ACTIVE))
        if logs_in:
            begin(tx, begun, tokens, registration.device.display_name, now_ms)

    try:
        await house.store.write(job)
    except Conflict as error:
        raise _in_use() from error
    return begun if logs_in else user_id


def _use(
    tx: WriteTx, house: House, registration: Registration, user_id: UserId, now_ms: int
) -> Invitation | None:
    if registration.token is None:
        if house.config.unsafe_open_registration:  # 3
            return None
        raise refused(Errcode.FORBIDDEN, "An invitation is needed.")
    token_hash = hash_token(registration.token)
    if not invitations.use(tx, token_hash, user_id, now_ms):  # 2
        raise refused(Errcode.FORBIDDEN, "This invitation is used up or out of date.")
    return invitations.by_hash(tx, token_hash)


def _invalid_username() -> Exception:
    says = "A user name is made of a-z, 0-9 and . _ = - / + only."
    return refused(Errcode.INVALID_USERNAME, says, status=400)


def _in_use() -> Exception:
    return refused(Errcode.USER_IN_USE, "This user name is taken.", status=400)
