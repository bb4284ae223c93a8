"""Begin a session: a device, and the tokens that it logs in with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import devices
from privity.store.devices import Tokens
from privity.store.engine import WriteTx
from privity.store.sessions import hash_token

_DEVICE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class DeviceWanted:
    """What a client says of the device that it wants to be."""

    device_id: DeviceId | None = None
    display_name: str | None = None
    refreshes: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session, with its tokens in clear: the only time that they are. Lifetime in ms."""

    user_id: UserId
    device_id: DeviceId
    access_token: str
    refresh_token: str | None
    expires_in_ms: int | None


def new_token(kind: str) -> str:
    """A token of 256 random bits. `kind` is for people who find one: `pvt_`, `pvr_`, `pvi_`."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def prepare(house: House, user_id: UserId, wanted: DeviceWanted) -> tuple[Begun, Tokens]:
    """Tokens for a session, and what is stored of them."""
    device_id = wanted.device_id or DeviceId(
        "".join(secrets.choice(_DEVICE_LETTERS) for _ in range(10))
    )
    lifetime_ms = house.config.access_token_lifetime_ms if wanted.refreshes else None
    access = new_token("pvt")
    refresh = new_token("pvr") if wanted.refreshes else None
    expires_ts = None if lifetime_ms is None else house.clock.now_ms() + lifetime_ms
    tokens = Tokens(hash_token(access), expires_ts, hash_token(refresh) if refresh else None)
    return Begun(user_id, device_id, access, refresh, lifetime_ms), tokens


def begin(tx: WriteTx, begun: Begun, tokens: Tokens, display_name: str | None, now_ms: int) -> None:
    """In the transaction: the device has these tokens and no others."""
    devices.take_tokens(tx, begun.user_id, begun.device_id)
    devices.add(tx, begun.user_id, begun.device_id, display_name, now_ms)
    devices.give_tokens(tx, begun.user_id, begun.device_id, tokens)
