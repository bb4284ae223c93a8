"""Refresh a session: new tokens for a refresh token.

1. The old refresh token works until the new access token or the new refresh token is used: an
   answer that was lost on the way costs nobody their session. What it held ends then.
2. A locked account's session waits, it does not end.
3. An access token that was replaced lives on until its own time is over: requests are under way.
   It is remembered for an hour more, so that who is late with it hears that it is over
   (`soft_logout`), and not that they were logged out.

Source: client-server API, "Refreshing access tokens".
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.accounts.log_in import check_standing
from privity.accounts.session import new_pair
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refused, refused
from privity.store import accounts, devices
from privity.store.engine import WriteTx
from privity.store.sessions import hash_token

REMEMBERED_MS = 3600 * 1000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """New tokens, in clear. Lifetime in milliseconds."""

    access_token: str
    refresh_token: str
    expires_in_ms: int


async def refresh(house: House, refresh_token: str, address: str) -> Refreshed:
    """New tokens. Errors: 401 M_UNKNOWN_TOKEN, 401 M_USER_LOCKED, 429 for who tries many."""
    old_hash = hash_token(refresh_token)
    access, new, tokens = new_pair(house)
    long_over_ms = house.clock.now_ms() - REMEMBERED_MS

    def job(tx: WriteTx) -> bool:
        old = devices.refreshable(tx, old_hash)
        account = accounts.by_id(tx, old.user_id) if old else None
        if old is None or account is None:
            return False
        check_standing(account)  # 2
        devices.end_expired_tokens(tx, old.user_id, old.device_id, long_over_ms)  # 3
        devices.replace_refresh(tx, old, old_hash, tokens)  # 1
        return True

    if not await house.store.write(job):
        house.keep_pace(pace.LOG_IN_BY_ADDRESS, address)
        raise _unknown()
    return Refreshed(access, new, house.config.access_token_lifetime_ms)


def _unknown() -> Refused:
    return refused(Errcode.UNKNOWN_TOKEN, "Unrecognised refresh token.", status=401)
