"""Log in with a password, or with a token that another device of the same person had made.

1. A wrong password, an unknown name and another server are answered in the same words, after the
   same work. Only who knows the password is told that an account is locked or deactivated.
2. A device that logs in again keeps its keys; the tokens that it had end.
3. What was true when the password was checked is true when the session is written: a password that
   was changed in between begins no session.
4. No device is called like a cross-signing key: signatures name either by what it is called. Nor
   like the one that sleeps, which nobody logs in on.
5. A login token is made only for who proves to know the password, is good for two minutes and for
   one log-in, and no longer than the password and the account.
6. An application service logs in those for whom it speaks, and needs no password.

Source: client-server API, "Login", "Appservice Login", "Token-based login", "Account locking".
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.accounts.names import id_of
from privity.accounts.passwords import hash_password, hasher, is_right
from privity.accounts.session import Begun, DeviceWanted, begin, new_token, prepare
from privity.guard import pace
from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.errors import Errcode, Refuse, Refused, forbidden, refused
from privity.matrix.ids import DeviceId, UserId
from privity.store import accounts, dehydrated_devices, device_keys, login_tokens
from privity.store.accounts import DEACTIVATED, LOCKED, Account
from privity.store.engine import Tx, WriteTx
from privity.store.sessions import hash_token

TOKEN_LIFETIME_MS = 2 * 60 * 1000


@dataclass(frozen=True, slots=True)
class LogIn:
    """What a client asks for. `name` is a localpart or a whole id; None is nobody's."""

    name: str | None
    password: str
    device: DeviceWanted


async def log_in(house: House, asked: LogIn) -> Begun:
    """A session for who knows the password.

    Errors: 403 M_FORBIDDEN, 403 M_USER_DEACTIVATED, 401 M_USER_LOCKED, 429.
    """
    house.keep_pace(pace.LOG_IN_BY_ADDRESS, asked.device.address)
    account = await _proved(house, asked)
    check_standing(account)
    better = None
    if hasher(house).check_needs_rehash(str(account.password_hash)):
        better = await hash_password(house, asked.password)
    prepared = prepare(house, account.user_id, asked.device)

    def job(tx: WriteTx) -> None:
        if accounts.by_id(tx, account.user_id) != account:  # 3
            raise _wrong()
        check_device(tx, account.user_id, prepared.begun.device_id)  # 4
        if better is not None:
            accounts.set_password(tx, account.user_id, better)
        begin(tx, prepared)  # 2

    await house.store.write(job)
    return prepared.begun


async def make_login_token(house: House, user_id: UserId) -> str:
    """A token for a further device (rule 5). The caller had its owner confirm it. 429."""
    house.keep_pace(pace.MAKE_LOGIN_TOKEN, user_id)
    token, now_ms = new_token("pvl"), house.clock.now_ms()
    token_hash, expires_ts = hash_token(token), now_ms + TOKEN_LIFETIME_MS
    await house.store.write(
        lambda tx: login_tokens.add(tx, token_hash, user_id, expires_ts, now_ms)
    )
    return token


async def log_in_by_token(house: House, token: str, device: DeviceWanted) -> Begun:
    """A session for who brings a login token.

    Errors: 403 M_FORBIDDEN, 403 M_USER_DEACTIVATED, 401 M_USER_LOCKED, 429.
    """
    house.keep_pace(pace.LOG_IN_BY_ADDRESS, device.address)
    token_hash, now_ms = hash_token(token), house.clock.now_ms()
    user_id = await house.store.read(lambda tx: login_tokens.owner(tx, token_hash, now_ms))
    if user_id is None:
        raise _bad_token()
    prepared = prepare(house, user_id, device)

    def job(tx: WriteTx) -> None:
        account = accounts.by_id(tx, user_id)
        if account is None or not login_tokens.use(tx, token_hash):  # 5
            raise _bad_token()
        check_standing(account)
        check_device(tx, user_id, prepared.begun.device_id)  # 4
        begin(tx, prepared)  # 2

    await house.store.write(job)
    return prepared.begun


async def log_in_for_service(
    house: House, service: AppService, name: str | None, device: DeviceWanted
) -> Begun:
    """A session for who is spoken for by `service` (rule 6).

    Errors: 403 M_FORBIDDEN, M_EXCLUSIVE, M_USER_DEACTIVATED; 401 M_USER_LOCKED; 429.
    """
    if service.is_paced:
        house.keep_pace(pace.LOG_IN_BY_ADDRESS, device.address)
    user_id = None if name is None else id_of(house, name)
    if user_id is None or not house.services.speaks_for(service, user_id):
        raise refused(Errcode.EXCLUSIVE, "This service does not speak for this user.")
    prepared = prepare(house, user_id, device)

    def job(tx: WriteTx) -> None:
        account = accounts.by_id(tx, user_id)
        if account is None:
            raise forbidden("This service has made no such user.", because="unmade user")
        check_standing(account)
        check_device(tx, user_id, prepared.begun.device_id)  # 4
        begin(tx, prepared)  # 2

    await house.store.write(job)
    return prepared.begun


def _bad_token() -> Refused:
    return forbidden("This token was used, or its time is over.")


async def _proved(house: House, asked: LogIn) -> Account:  # 1
    user_id = None if asked.name is None else id_of(house, asked.name)
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    account = None
    if user_id is not None:
        account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    known_hash = account.password_hash if account else None
    if not await is_right(house, known_hash, asked.password) or account is None:
        raise _wrong()
    return account


def check_standing(account: Account) -> None:
    """403 M_USER_DEACTIVATED or 401 M_USER_LOCKED for an account that may not be used."""
    if account.standing == DEACTIVATED:
        raise refused(Errcode.USER_DEACTIVATED, "This account has been deactivated.")
    if account.standing == LOCKED:
        more = {"soft_logout": True}
        raise Refused(Refuse(Errcode.USER_LOCKED, "This account is locked.", "", 401, more))


def check_device(tx: Tx, user_id: UserId, device_id: DeviceId) -> None:
    """403 for a device id that cannot be one (rule 4)."""
    if dehydrated_devices.is_one(tx, user_id, device_id):
        raise forbidden("No device can have this id.", because="id of a dehydrated device")
    for key in device_keys.cross_signing(tx, [user_id]).values():
        if device_id in key["keys"].values():
            raise forbidden("No device can have this id.", because="id of a cross-signing key")


def _wrong() -> Refused:
    return forbidden("The user name or the password is wrong.")
