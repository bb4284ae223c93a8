"""A registration goes on where it began, as on open servers: with every `unsafe_` switch on.

1. The session takes along, sealed, what the client asked for first: a later request in it may name
   its proof alone.
2. Without a user name, the session gives one; so the same request gets the same account.
3. Who asks again in a session that made an account, with its password, is logged in once more.

Suites of conformance look for this, which no specification has had for long.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from typing import Any

import orjson
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from privity.accounts.confirm import Purpose, begins
from privity.accounts.names import id_of
from privity.accounts.passwords import is_right
from privity.accounts.registration import Registration
from privity.accounts.session import Begun, DeviceWanted, begin, prepare
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Refused
from privity.matrix.ids import UserId
from privity.store import accounts

BETWEEN = "~"


def remember(house: House, refusal: Refused, asked: Registration) -> Refused:
    """The same refusal; if it names a session, with what was asked sealed in it."""
    session = refusal.refuse.more.get("session")
    if session is None:
        return refusal
    device = asked.device
    said = [
        asked.username,
        asked.password,
        asked.logs_in,
        [device.device_id, device.display_name, device.refreshes],
    ]
    sealed = urlsafe_b64encode(_box(house).encrypt(orjson.dumps(said))).decode()
    more = {**refusal.refuse.more, "session": f"{session}{BETWEEN}{sealed}"}
    return Refused(replace(refusal.refuse, more=more))


def recall(house: House, asked: Registration) -> Registration:
    """The request, completed by what was asked first in its session (rules 1 and 2)."""
    session = asked.auth.get("session")
    if not isinstance(session, str) or BETWEEN not in session:
        return asked
    plain, _, sealed = session.partition(BETWEEN)
    asked = replace(asked, auth={**asked.auth, "session": plain})
    said = _opened(house, sealed)
    if said is not None and asked.username is None and asked.password is None:
        username, password, logs_in, device = said
        device_id, name, refreshes = device
        wanted = DeviceWanted(device_id, name, refreshes, asked.device.address)
        asked = replace(asked, username=username, password=password, logs_in=logs_in, device=wanted)
    return replace(
        asked, username=asked.username or hashlib.sha256(plain.encode()).hexdigest()[:16]
    )


async def once_more(house: House, purpose: Purpose, asked: Registration) -> Begun | UserId | None:
    """Rule 3. None if there is nothing to go on with."""
    if asked.password is None or not asked.username or begins(house, purpose, asked.auth):
        return None
    user_id = id_of(house, asked.username)
    if user_id is None:
        return None
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    if account is None or not await is_right(house, account.password_hash, asked.password):
        return None
    if not asked.logs_in:
        return user_id
    prepared = prepare(house, user_id, asked.device)
    await house.store.write(lambda tx: begin(tx, prepared))
    return prepared.begun


def _box(house: House) -> SecretBox:
    return SecretBox(hmac.digest(house.key.seed, b"privity: a registration", hashlib.sha256))


def _opened(house: House, sealed: str) -> Any:  # noqa: ANN401 - JSON of our own
    try:
        return orjson.loads(_box(house).decrypt(urlsafe_b64decode(sealed)))
    except (CryptoError, ValueError):
        return None
