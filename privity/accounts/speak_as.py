"""Speak as somebody: what an application service's token is good for.

1. Without a name it speaks as its sender, who has an account from the first time on.
2. It speaks for the people of its namespaces who have an account, and for nobody else: 403.
3. It speaks through one of their devices, if it names one (400 M_UNKNOWN_DEVICE), or through none.
4. It has no administrator's rights, whoever it speaks for.
5. An account that is locked or deactivated says nothing: 401, 403.

What was found is kept like any other session, and forgotten when the account or its devices change.
Source: application service API, "Identity assertion"; client-server API, "Common error codes".
"""

from __future__ import annotations

from privity.accounts.check_session import session_of
from privity.accounts.names import check_free
from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.errors import Errcode, Refuse, Refused, forbidden, refused
from privity.matrix.ids import BadId, DeviceId, UserId, localpart_of, parse_user_id
from privity.store import accounts
from privity.store.accounts import ACTIVE, DEACTIVATED, LOCKED, Account
from privity.store.engine import WriteTx
from privity.store.sessions import Session


async def speak_as(
    house: House, service: AppService, user: str | None = None, device: str | None = None
) -> Session:
    """The session of who is meant. `user` and `device` are as the service wrote them.

    Errors: 400 M_UNKNOWN_DEVICE, 401 M_USER_LOCKED, 403 M_FORBIDDEN, M_USER_DEACTIVATED.
    """
    user_id = service.sender if user is None else _spoken_for(house, service, user)
    device_id = DeviceId(device or "")
    key = service.token_hash + f"{user_id}\0{device_id}".encode()  # longer than any token's hash
    kept = house.store.sessions
    session = kept.peek(key)
    if session is None:
        session = await kept.of_service(key, service.id, user_id, device_id)
    if session is None:
        is_new = user_id == service.sender and await _make_sender(house, user_id)  # 1
        account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
        if account is None:  # 2
            raise forbidden("This service has made no such user.", because="unmade user")
        if is_new or not device_id:  # made here, or by another process meanwhile
            return await speak_as(house, service, user, device)
        says = "This device is not known to belong to the user."
        raise refused(Errcode.UNKNOWN_DEVICE, says, status=400)  # 3
    if session.standing == LOCKED:  # 5
        more = {"soft_logout": True}
        raise Refused(Refuse(Errcode.USER_LOCKED, "This account is locked.", "", 401, more))
    if session.standing == DEACTIVATED:
        raise refused(Errcode.USER_DEACTIVATED, "This account has been deactivated.")
    return session


def _spoken_for(house: House, service: AppService, user: str) -> UserId:  # 2
    try:
        user_id = parse_user_id(user)
    except BadId:
        user_id = None
    if user_id is None or not house.services.speaks_for(service, user_id):
        raise forbidden("This service does not speak for this user.", because="masquerade")
    return user_id


async def _make_sender(house: House, user_id: UserId) -> bool:
    """Their account. False if there is one."""
    account = new_account(user_id, house.clock.now_ms())

    def job(tx: WriteTx) -> bool:
        if accounts.by_id(tx, user_id) is not None:
            return False
        add_account(tx, account)
        return True

    return await house.store.write(job)


def new_account(user_id: UserId, now_ms: int) -> Account:
    """An account without a password, for a service to speak as."""
    return Account(user_id, "", None, now_ms, is_admin=False, standing=ACTIVE)


def add_account(tx: WriteTx, account: Account) -> None:
    """In the transaction: the account, shown by the name in its id. 400 M_USER_IN_USE."""
    check_free(tx, account.user_id)
    accounts.add(tx, account)
    accounts.set_profile(tx, account.user_id, "displayname", localpart_of(account.user_id))


async def still_good(house: House, session: Session) -> None:
    """For who waited meanwhile: raise what a request would be answered now."""
    if session.service_id is None:
        await session_of(house, session.token_hash)
    else:
        service = house.services.by_id[session.service_id]
        await speak_as(house, service, session.user_id, session.device_id)
