"""May this session be used now? Asked when a request comes, and again whenever a waiting one wakes.

1. A token that is unknown or was logged out: 401 M_UNKNOWN_TOKEN. An address that tries many is
   told to wait: 429.
2. An access token whose time is over: the same, with `soft_logout`, for the device lives on.
3. A locked account: 401 M_USER_LOCKED with `soft_logout`, on everything but logging out.

Source: client-server API, "Using access tokens", "Soft logout", "Account locking".
"""

from __future__ import annotations

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, refused
from privity.store.accounts import LOCKED
from privity.store.sessions import Session


async def session_of(
    house: House, token_hash: bytes, *, even_locked: bool = False, address: str | None = None
) -> Session:
    """The session of a token, if it may be used now. Raises 401, or 429 to an `address`."""
    sessions = house.store.sessions
    session = sessions.peek(token_hash) or await sessions.get(token_hash)
    if session is None:  # 1
        if address is not None:
            house.keep_pace(pace.UNKNOWN_TOKEN_BY_ADDRESS, address)
        raise refused(Errcode.UNKNOWN_TOKEN, "Unrecognised access token.", status=401)
    if session.expires_ts is not None and session.expires_ts <= house.clock.now_ms():  # 2
        raise _soft(Errcode.UNKNOWN_TOKEN, "The access token has expired.")
    if session.standing == LOCKED and not even_locked:  # 3
        raise _soft(Errcode.USER_LOCKED, "This account is locked.")
    return session


def _soft(errcode: Errcode, says: str) -> Refused:
    return Refused(Refuse(errcode, says, "", 401, {"soft_logout": True}))
