"""Whose devices, keys or signatures changed, and when last."""

from __future__ import annotations

from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import DeviceListChanged


def note_change(tx: WriteTx, user_id: UserId) -> None:
    """This person's device list changed: tell whoever shares a room with them."""
    pos = tx.position()
    tx.run(
        "INSERT INTO device_list_changes (user_id, pos) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET pos = excluded.pos",
        user_id,
        pos,
    )
    tx.tell(DeviceListChanged(pos, user_id))


def changed_between(tx: Tx, since: int, upto: int) -> list[UserId]:
    """Whose list changed with `since < pos <= upto` (and not again later)."""
    rows = tx.all("SELECT user_id FROM device_list_changes WHERE pos > ? AND pos <= ?", since, upto)
    return [UserId(row[0]) for row in rows]
