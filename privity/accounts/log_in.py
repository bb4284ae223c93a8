"""Log in with a password, and out again.

1. A wrong password and an unknown name are answered in the same words, after the same work.
2. A device that logs in again keeps its keys; the tokens that it had end.
3. A device that logs out ends whole: tokens, keys, waiting messages.
"""

from __future__ import annotations

from privity.accounts.passwords import hash_password, hasher, is_right
from privity.accounts.session import Begun, DeviceWanted, begin, new_token, prepare
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, refused
from privity.matrix.ids import BadId, DeviceId, UserId, parse_user_id
from privity.store import accounts, devices
from privity.store.accounts import DEACTIVATED, LOCKED
from privity.store.devices import Refreshable, Tokens
from privity.store.engine import Tx, WriteTx
from privity.store.sessions import hash_token


async def log_in(
    house: House, username: str, password: str, address: str, wanted: DeviceWanted
) -> Begun:
    """A session for who knows the password. 403 M_FORBIDDEN, M_USER_LOCKED, M_USER_DEACTIVATED."""
    house.keep_pace(pace.LOG_IN_BY_ADDRESS, address)
    user_id = _named(house, username)
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    if account is not None and account.standing == DEACTIVATED:
        raise refused(Errcode.USER_DEACTIVATED, "This account has been deactivated.")
    known_hash = account.password_hash if account else None
    if not await is_right(house, known_hash, password) or account is None:  # 1
        raise refused(Errcode.FORBIDDEN, "The user name or the password is wrong.")
    if account.standing == LOCKED:
        more = {"soft_logout": True}
        raise Refused(Refuse(Errcode.USER_LOCKED, "This account is locked.", "", 401, more))
    better = None
    if known_hash is not None and hasher(house).check_needs_rehash(known_hash):
        better = await hash_password(house, password)
    begun, tokens = prepare(house, account.user_id, wanted)
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        if better is not None:
            accounts.set_password(tx, account.user_id, better)
        begin(tx, begun, tokens, wanted.display_name, now_ms)  # 2

    await house.store.write(job)
    return begun


def _named(house: House, username: str) -> UserId:
    named = username if username.startswith("@") else f"@{username}:{house.server_name}"
    try:
        return parse_user_id(named.lower())
    except BadId:
        return UserId(f"@:{house.server_name}")  # nobody's: goes the way of a wrong password


async def log_out(house: House, user_id: UserId, device_ids: list[DeviceId] | None = None) -> None:
    """End these devices (rule 3); None is all of them."""

    def job(tx: WriteTx) -> None:
        ending = device_ids
        if ending is None:
            ending = [device.device_id for device in devices.all_of(tx, user_id)]
        devices.remove(tx, user_id, ending)

    await house.store.write(job)


async def refresh(house: House, refresh_token: str) -> tuple[str, str, int]:
    """New tokens for a refresh token: access, refresh, lifetime in milliseconds.

    The old refresh token works until the new access token is first used or refreshed: an answer
    that was lost on the way costs nobody their session. 401 M_UNKNOWN_TOKEN otherwise.
    """
    old = hash_token(refresh_token)
    access, new = new_token("pvt"), new_token("pvr")
    lifetime_ms = house.config.access_token_lifetime_ms
    tokens = Tokens(hash_token(access), house.clock.now_ms() + lifetime_ms, hash_token(new))

    def job(tx: WriteTx) -> None:
        known = _refreshable(tx, old)
        devices.replace_refresh(tx, known, old, hash_token(new))
        devices.give_tokens(tx, known.user_id, known.device_id, tokens)
        accounts.tell_changed(tx, known.user_id)

    await house.store.write(job)
    return access, new, lifetime_ms


def _refreshable(tx: Tx, token_hash: bytes) -> Refreshable:
    known = devices.refreshable(tx, token_hash)
    if known is None:
        raise refused(Errcode.UNKNOWN_TOKEN, "Unrecognised refresh token.", status=401)
    account = accounts.by_id(tx, known.user_id)
    if account is None or account.standing != accounts.ACTIVE:
        raise refused(Errcode.UNKNOWN_TOKEN, "This session has ended.", status=401)
    return known
