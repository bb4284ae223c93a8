"""Lock an account, suspend it, or lift either; and who may.

1. A lock ends nothing: its sessions are refused until it is lifted, then they go on.
2. Who is suspended reads and leaves, and does not speak (`api/admittance.py` has the list).
3. Who asks from outside is an administrator, and is found to be none before anybody is looked for,
   so that nobody learns by it who there is. Nobody does it to an administrator, or to themselves.

Source: client-server API, "Account locking", "Account suspension", "Server Administration".
"""

from __future__ import annotations

from privity.house import House
from privity.matrix.errors import Errcode, forbidden, invalid_param, not_found, refused
from privity.matrix.ids import UserId, server_of
from privity.store import accounts
from privity.store.accounts import ACTIVE, DEACTIVATED, LOCKED, Account
from privity.store.engine import WriteTx
from privity.store.sessions import Session


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


async def set_suspended(house: House, user_id: UserId, *, is_suspended: bool) -> None:
    """Suspend or lift it. Errors: as `set_locked`."""

    def job(tx: WriteTx) -> None:
        account = accounts.by_id(tx, user_id)
        if account is None:
            raise not_found("There is no such account.")
        if account.standing == DEACTIVATED:
            raise refused(Errcode.USER_DEACTIVATED, "This account has been deactivated.")
        if account.is_suspended != is_suspended:
            accounts.set_suspended(tx, user_id, is_suspended=is_suspended)

    await house.store.write(job)


async def moderated(house: House, session: Session, user_id: UserId, *, changes: bool) -> Account:
    """The account that an administrator wants to see or, with `changes`, to change (rule 3).

    Errors: 403 M_FORBIDDEN, 400 M_INVALID_PARAM, 404 M_NOT_FOUND.
    """
    if not session.is_admin:
        raise forbidden("You are not an administrator.")
    if server_of(user_id) != house.server_name:
        raise invalid_param("This is nobody of this server.")
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    if account is None or account.standing == DEACTIVATED:
        raise not_found("There is no such account.")
    is_own = account.user_id == session.user_id
    if (is_own and changes) or (account.is_admin and not is_own):
        raise forbidden("Administrators are not locked or suspended this way.")
    return account
