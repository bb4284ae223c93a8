"""Fields of profiles besides the name and the avatar: whatever JSON their owner set."""

from __future__ import annotations

from typing import Any

import orjson

from privity.matrix.ids import UserId
from privity.store import profiles
from privity.store.engine import Tx, WriteTx


def put(tx: WriteTx, user_id: UserId, name: str, value: bytes) -> None:
    """Set one field. `value` is JSON."""
    tx.run(
        "INSERT INTO profile_fields (user_id, name, value) VALUES (?, ?, ?)"
        " ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value",
        user_id,
        name,
        value,
    )


def drop(tx: WriteTx, user_id: UserId, name: str) -> None:
    """Take one field away."""
    tx.run("DELETE FROM profile_fields WHERE user_id = ? AND name = ?", user_id, name)


def whole(tx: Tx, user_id: UserId) -> dict[str, Any] | None:
    """The whole profile, name and avatar too; None if there is no such account."""
    profile = profiles.of(tx, user_id)
    if profile is None:
        return None
    rows = tx.all("SELECT name, value FROM profile_fields WHERE user_id = ? ORDER BY name", user_id)
    return profile.as_member_content() | {name: orjson.loads(value) for name, value in rows}
