"""Devices and the tokens that they hold. What belongs to a device goes when it goes."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, one_time_keys
from privity.store.accounts import tell_changed
from privity.store.engine import Row, Tx, WriteTx

_COLUMNS = "device_id, display_name, last_seen_ts, last_seen_ip"
_OF_A_DEVICE = (
    "access_tokens",
    "refresh_tokens",
    "device_keys",
    "one_time_keys",
    "spent_one_time_keys",
    "fallback_keys",
    "inbox",
    "dehydrated_devices",
    "pushers",
    "repeats",
    "sliding_connections",
    "devices",
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device, as its owner sees it. Times in milliseconds."""

    device_id: DeviceId
    display_name: str | None
    last_seen_ts: int | None
    last_seen_ip: str | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device logs in with, as hashes. `refresh` is None if it does not refresh."""

    access: bytes
    expires_ts: int | None
    refresh: bytes | None


def add(
    tx: WriteTx, user_id: UserId, device_id: DeviceId, display_name: str | None, now_ms: int
) -> None:
    """A device; one of this id stays as it is, but for a name that it did not have."""
    tx.run(
        "INSERT INTO devices (user_id, device_id, display_name, created_ts) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id, device_id) DO UPDATE SET"
        " display_name = COALESCE(devices.display_name, excluded.display_name)",
        user_id,
        device_id,
        display_name,
        now_ms,
    )


def give_tokens(tx: WriteTx, user_id: UserId, device_id: DeviceId, tokens: Tokens) -> None:
    """These tokens are the device's, besides those it has."""
    tx.add(
        "access_tokens",
        ("token_hash", "user_id", "device_id", "expires_ts", "refresh_hash"),
        (tokens.access, user_id, device_id, tokens.expires_ts, tokens.refresh),
    )
    if tokens.refresh is not None:
        tx.add(
            "refresh_tokens",
            ("token_hash", "user_id", "device_id"),
            (tokens.refresh, user_id, device_id),
        )


def take_tokens(tx: WriteTx, user_id: UserId, device_id: DeviceId) -> None:
    """The device's tokens end now."""
    for table in ("access_tokens", "refresh_tokens"):
        tx.run(f"DELETE FROM {table} WHERE user_id = ? AND device_id = ?", user_id, device_id)
    tell_changed(tx, user_id)


def all_of(tx: Tx, user_id: UserId) -> list[Device]:
    """The person's devices."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM devices WHERE user_id = ? ORDER BY device_id", user_id)
    return [_device(row) for row in rows]


def by_id(tx: Tx, user_id: UserId, device_id: DeviceId) -> Device | None:
    """One device of a person's."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM devices WHERE user_id = ? AND device_id = ?", user_id, device_id
    )
    return _device(row) if row else None


def _device(row: Row) -> Device:
    return Device(row[0], row[1], row[2], row[3])


def rename(tx: WriteTx, user_id: UserId, device_id: DeviceId, display_name: str | None) -> bool:
    """Another name, which others see; None leaves the old. False if there is no such device."""
    changed = tx.run(
        "UPDATE devices SET display_name = COALESCE(?, display_name)"
        " WHERE user_id = ? AND device_id = ?",
        display_name,
        user_id,
        device_id,
    )
    if changed and display_name is not None:
        device_lists.note_change(tx, user_id)
    return bool(changed)


def note_seen(tx: WriteTx, user_id: UserId, device_id: DeviceId, ts: int, address: str) -> None:
    """The device was here."""
    tx.run(
        "UPDATE devices SET last_seen_ts = ?, last_seen_ip = ? WHERE user_id = ? AND device_id = ?",
        ts,
        address,
        user_id,
        device_id,
    )


def remove(tx: WriteTx, user_id: UserId, device_ids: list[DeviceId]) -> None:
    """The devices end: tokens, keys and messages with them. Those who share rooms hear of it."""
    for device_id in device_ids:
        one_time_keys.note_change(tx, user_id, device_id)
        for table in _OF_A_DEVICE:
            tx.run(f"DELETE FROM {table} WHERE user_id = ? AND device_id = ?", user_id, device_id)
        device_keys.drop_signatures(tx, user_id, device_id)
    if device_ids:
        device_lists.note_change(tx, user_id)
        tell_changed(tx, user_id)


@dataclass(frozen=True, slots=True)
class Refreshable:
    """A refresh token: whose it is, and by which it was replaced, if it was."""

    user_id: UserId
    device_id: DeviceId
    replaced_by: bytes | None


def refreshable(tx: Tx, token_hash: bytes) -> Refreshable | None:
    """The refresh token of this hash."""
    row = tx.one(
        "SELECT user_id, device_id, replaced_by FROM refresh_tokens WHERE token_hash = ?",
        token_hash,
    )
    if row is None:
        return None
    return Refreshable(row[0], row[1], bytes(row[2]) if row[2] is not None else None)


def replace_refresh(tx: WriteTx, old: Refreshable, old_hash: bytes, new: Tokens) -> None:
    """`new` takes the place of the `old` refresh token, which works until the new ones are used.

    What `old` had been replaced by, in an answer that was lost, ends; so does what it replaced.
    """
    if old.replaced_by is not None:
        tx.run("DELETE FROM access_tokens WHERE refresh_hash = ?", old.replaced_by)
        tx.run("DELETE FROM refresh_tokens WHERE token_hash = ?", old.replaced_by)
        tell_changed(tx, old.user_id)
    tx.run("DELETE FROM refresh_tokens WHERE replaced_by = ?", old_hash)
    tx.run("UPDATE refresh_tokens SET replaced_by = ? WHERE token_hash = ?", new.refresh, old_hash)
    give_tokens(tx, old.user_id, old.device_id, new)


def end_expired_tokens(tx: WriteTx, user_id: UserId, device_id: DeviceId, now_ms: int) -> None:
    """Forget the access tokens of a device whose time is over."""
    tx.run(
        "DELETE FROM access_tokens WHERE user_id = ? AND device_id = ? AND expires_ts <= ?",
        user_id,
        device_id,
        now_ms,
    )
