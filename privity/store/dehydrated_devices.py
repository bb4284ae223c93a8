"""Devices that sleep: one of each person's, which nobody is logged in on."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx


@dataclass(frozen=True, slots=True)
class Dehydrated:
    """A device that sleeps; `data` is JSON that only its owner's clients can read."""

    device_id: DeviceId
    data: bytes


def of(tx: Tx, user_id: UserId) -> Dehydrated | None:
    """The one of this person."""
    row = tx.one("SELECT device_id, data FROM dehydrated_devices WHERE user_id = ?", user_id)
    return Dehydrated(DeviceId(row[0]), bytes(row[1])) if row else None


def is_one(tx: Tx, user_id: UserId, device_id: DeviceId) -> bool:
    """Whether this device sleeps."""
    found = of(tx, user_id)
    return found is not None and found.device_id == device_id


def add(tx: WriteTx, user_id: UserId, dehydrated: Dehydrated) -> None:
    """The one of this person; the one from before went with `devices.remove`."""
    columns = ("user_id", "device_id", "data")
    tx.add("dehydrated_devices", columns, (user_id, dehydrated.device_id, dehydrated.data))


def messages(
    tx: Tx, user_id: UserId, device_id: DeviceId, since: int, limit: int
) -> list[tuple[int, bytes]]:
    """The oldest messages that wait for it above `since`: position and JSON."""
    rows = tx.all(
        "SELECT pos, message FROM inbox WHERE user_id = ? AND device_id = ? AND pos > ?"
        " ORDER BY pos LIMIT ?",
        user_id,
        device_id,
        since,
        limit,
    )
    return [(pos, bytes(message)) for pos, message in rows]
