"""Begin a session: a device, and the tokens that it logs in with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_lists, devices
from privity.store.devices import Tokens
from privity.store.engine import WriteTx
from privity.store.sessions import hash_token

_DEVICE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class DeviceWanted:
    """What a client says of the device that it wants to be, and from where it says so."""

    device_id: DeviceId | None
    display_name: str | None
    refreshes: bool
    address: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session, with its tokens in clear: the only time that they are. Lifetime in ms."""

    user_id: UserId
    device_id: DeviceId
    access_token: str
    refresh_token: str | None
    expires_in_ms: int | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A session that is not written yet."""

    begun: Begun
    tokens: Tokens
    wanted: DeviceWanted
    now_ms: int
    is_told_to_all: bool
    """Whether those who share a room hear of the device before it has keys, as on open servers."""


def new_token(kind: str) -> str:
    """A token of 256 random bits. `kind` is for people who find one: `pvt_`, `pvr_`, `pvi_`."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def new_pair(house: House) -> tuple[str, str, Tokens]:
    """An access token that ends by itself, its refresh token, and what is stored of them."""
    access, refresh = new_token("pvt"), new_token("pvr")
    expires_ts = house.clock.now_ms() + house.config.access_token_lifetime_ms
    return access, refresh, Tokens(hash_token(access), expires_ts, hash_token(refresh))


def prepare(house: House, user_id: UserId, wanted: DeviceWanted) -> Prepared:
    """A session to be written with `begin`. Where nothing refreshes it, its token has no end."""
    device_id = wanted.device_id or _new_device_id()
    if wanted.refreshes:
        access, refresh, tokens = new_pair(house)
        lifetime_ms = house.config.access_token_lifetime_ms
        begun = Begun(user_id, device_id, access, refresh, lifetime_ms)
    else:
        access = new_token("pvt")
        tokens = Tokens(hash_token(access), None, None)
        begun = Begun(user_id, device_id, access, None, None)
    return Prepared(begun, tokens, wanted, house.clock.now_ms(), house.config.is_open)


def _new_device_id() -> DeviceId:
    return DeviceId("".join(secrets.choice(_DEVICE_LETTERS) for _ in range(10)))


def begin(tx: WriteTx, prepared: Prepared) -> None:
    """In the transaction: the device has these tokens and no others. Its owner's others hear."""
    user_id, device_id = prepared.begun.user_id, prepared.begun.device_id
    devices.take_tokens(tx, user_id, device_id)
    devices.add(tx, user_id, device_id, prepared.wanted.display_name, prepared.now_ms)
    devices.note_seen(tx, user_id, device_id, prepared.now_ms, prepared.wanted.address)
    devices.give_tokens(tx, user_id, device_id, prepared.tokens)
    device_lists.note_change(tx, user_id, seen_by=None if prepared.is_told_to_all else user_id)
