"""What a client needs for calls: passwords for the TURN servers, and where group calls meet.

1. A password is made from the secret that the TURN servers share with us; nothing is kept.
2. The name in it is made up: a TURN server need not know who calls.

Source: client-server API, "Voice over IP"; coturn's `use-auth-secret`; MSC4143.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import UserId


@dataclass(frozen=True, slots=True)
class Turn:
    """What a client logs in with at these TURN servers, for so many seconds."""

    uris: list[str]
    username: str
    password: str
    lifetime_s: int


def turn_for(house: House, user_id: UserId) -> Turn | None:
    """A password for this person's calls; None where there is no TURN server. 429."""
    uris, secret = listed(house.config.turn_uris), house.config.turn_shared_secret.encode()
    if not uris or not secret:
        return None
    house.keep_pace(pace.ASK_FOR_CREDENTIALS, user_id)
    lifetime_s = house.config.turn_lifetime_ms // 1000
    pseudonym = hmac.digest(secret, f"privity: {user_id}".encode(), hashlib.sha256).hex()[:16]  # 2
    username = f"{house.clock.now_ms() // 1000 + lifetime_s}:{pseudonym}"
    password = b64encode(hmac.digest(secret, username.encode(), hashlib.sha1)).decode()  # 1
    return Turn(uris, username, password, lifetime_s)


def listed(text: str) -> list[str]:
    """The parts of a configuration value that has commas between them."""
    return [part.strip() for part in text.split(",") if part.strip()]
