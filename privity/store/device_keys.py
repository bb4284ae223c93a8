"""Identity keys of devices, cross-signing keys, and the signatures on both.

Signatures are kept apart from what they sign, so that a new one is one row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx
from privity.store.engine.lists import in_parts

USAGES = ("master", "self_signing", "user_signing")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """A device's keys as it uploaded them, and the name that its owner gave it."""

    user_id: UserId
    device_id: DeviceId
    keys: Json
    display_name: str | None


@dataclass(frozen=True, slots=True)
class Signature:
    """`signer`'s signature with `key_id` on `target_id`: a device id, or a public key."""

    target_user_id: UserId
    target_id: str
    signer: UserId
    key_id: str
    signature: str


def get(tx: Tx, user_id: UserId, device_id: DeviceId) -> Json | None:
    """The keys of one device."""
    row = tx.one(
        "SELECT keys FROM device_keys WHERE user_id = ? AND device_id = ?", user_id, device_id
    )
    return orjson.loads(row[0]) if row else None


def put(tx: WriteTx, user_id: UserId, device_id: DeviceId, keys: Json) -> None:
    """The keys of one device."""
    tx.run(
        "INSERT INTO device_keys (user_id, device_id, keys) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id, device_id) DO UPDATE SET keys = excluded.keys",
        user_id,
        device_id,
        orjson.dumps(keys),
    )


def of_users(tx: Tx, user_ids: Iterable[UserId]) -> list[DeviceKeys]:
    """The keys of every device of these people."""
    return [
        DeviceKeys(user_id, device_id, orjson.loads(keys), display_name)
        for part, marks in in_parts(user_ids)
        for user_id, device_id, keys, display_name in tx.all(
            "SELECT k.user_id, k.device_id, k.keys, d.display_name FROM device_keys k"
            " JOIN devices d ON d.user_id = k.user_id AND d.device_id = k.device_id"
            f" WHERE k.user_id IN ({marks})",
            *part,
        )
    ]


def cross_signing(tx: Tx, user_ids: Iterable[UserId]) -> dict[tuple[UserId, str], Json]:
    """The cross-signing keys of these people, by person and usage."""
    return {
        (user_id, usage): orjson.loads(keys)
        for part, marks in in_parts(user_ids)
        for user_id, usage, keys in tx.all(
            f"SELECT user_id, usage, keys FROM cross_signing_keys WHERE user_id IN ({marks})",
            *part,
        )
    }


def put_cross_signing(tx: WriteTx, user_id: UserId, usage: str, keys: Json) -> None:
    """A cross-signing key."""
    tx.run(
        "INSERT INTO cross_signing_keys (user_id, usage, keys) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id, usage) DO UPDATE SET keys = excluded.keys",
        user_id,
        usage,
        orjson.dumps(keys),
    )


def signatures_on(tx: Tx, user_ids: Iterable[UserId], viewer: UserId) -> list[Signature]:
    """The signatures on these people's keys that `viewer` may see: their owner's and the viewer's.

    Who verified whom is nobody else's business.
    """
    return [
        Signature(*row)
        for part, marks in in_parts(user_ids)
        for row in tx.all(
            "SELECT target_user_id, target_id, signer_user_id, key_id, signature"
            f" FROM key_signatures WHERE target_user_id IN ({marks})"
            " AND (signer_user_id = target_user_id OR signer_user_id = ?)",
            *part,
            viewer,
        )
    ]


def signed_with(tx: Tx, user_id: UserId, key_id: str) -> set[str]:
    """Which of this person's devices (and keys) they signed with a key of theirs."""
    rows = tx.all(
        "SELECT target_id FROM key_signatures"
        " WHERE target_user_id = ? AND signer_user_id = ? AND key_id = ?",
        user_id,
        user_id,
        key_id,
    )
    return {row[0] for row in rows}


def put_signature(tx: WriteTx, signature: Signature) -> None:
    """One more signature."""
    tx.run(
        "INSERT INTO key_signatures (target_user_id, target_id, signer_user_id, key_id, signature)"
        " VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (target_user_id, target_id, signer_user_id, key_id) DO UPDATE SET"
        " signature = excluded.signature",
        signature.target_user_id,
        signature.target_id,
        signature.signer,
        signature.key_id,
        signature.signature,
    )


def drop_cross_signing(tx: WriteTx, user_id: UserId, usage: str) -> None:
    """A cross-signing key goes. Its signatures go with `drop_signatures`."""
    tx.run("DELETE FROM cross_signing_keys WHERE user_id = ? AND usage = ?", user_id, usage)


def drop_signatures(tx: WriteTx, user_id: UserId, target_id: str) -> None:
    """A device or a cross-signing key goes: with it what signed it, and what it signed."""
    tx.run(
        "DELETE FROM key_signatures WHERE target_user_id = ? AND target_id = ?", user_id, target_id
    )
    tx.run(
        "DELETE FROM key_signatures WHERE signer_user_id = ? AND key_id = ?",
        user_id,
        f"ed25519:{target_id}",
    )
