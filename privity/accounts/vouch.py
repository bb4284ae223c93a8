"""Vouch to a third party for who somebody is: OpenID tokens.

1. A token is a text that we signed: whose it is and until when. Nothing of it is kept.
2. It ends after an hour, and at once when its account is locked, suspended or ends.
3. It opens nothing here: it is no access token.

Source: client-server API, "OpenID"; server-server API, "OpenID".
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refused, refused
from privity.matrix.ids import UserId
from privity.store import accounts
from privity.store.accounts import ACTIVE

LIFETIME_MS = 3600 * 1000
_KIND = "pvo_"
_MAC_BYTES = 32


def vouch_for(house: House, user_id: UserId) -> str:
    """A token that says who this is, for an hour. 429 for who wants many."""
    house.keep_pace(pace.ASK_FOR_CREDENTIALS, user_id)
    said = f"{house.clock.now_ms() + LIFETIME_MS} {user_id}".encode()
    return _KIND + urlsafe_b64encode(_mac(house, said) + said).decode().rstrip("=")


async def vouched_for(house: House, token: str) -> UserId:
    """Who it is that a token speaks of. 401 M_UNKNOWN_TOKEN."""
    try:
        encoded = token.removeprefix(_KIND).encode("ascii")
        raw = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except (BadBase64, UnicodeEncodeError) as error:
        raise _unknown() from error
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not token.startswith(_KIND) or not hmac.compare_digest(mac, _mac(house, said)):  # 1
        raise _unknown()
    expires_ts, _, name = said.decode().partition(" ")
    user_id = UserId(name)
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    in_time = house.clock.now_ms() < int(expires_ts)
    if not in_time or account is None or account.standing != ACTIVE or account.is_suspended:  # 2
        raise _unknown()
    return user_id


def _mac(house: House, said: bytes) -> bytes:
    key = hmac.digest(house.key.seed, b"privity: openid", hashlib.sha256)
    return hmac.digest(key, said, hashlib.sha256)


def _unknown() -> Refused:
    says = "This token is unknown, or its time is over."
    return refused(Errcode.UNKNOWN_TOKEN, says, status=401)
