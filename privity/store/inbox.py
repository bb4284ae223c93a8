"""Messages to devices: kept until the device's next sync says that it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.guard.admission import Admitted
from privity.guard.plaintext import ToDevice
from privity.matrix.canonical_json import encode
from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import MessageQueued

REMEMBERED_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Target:
    """A device."""

    user_id: UserId
    device_id: DeviceId


def queue(
    tx: WriteTx, sender: UserId, admitted: Admitted[ToDevice], targets: Sequence[Target]
) -> None:
    """Put a message that passed the gate into the inboxes of these devices."""
    message = admitted.value
    rendered = encode({"content": message.content, "sender": sender, "type": message.type})
    for target in targets:
        pos = tx.position()
        tx.add(
            "inbox",
            ("pos", "user_id", "device_id", "message"),
            (pos, target.user_id, target.device_id, rendered),
        )
        tx.tell(MessageQueued(pos, target.user_id, target.device_id))


def waiting(
    tx: Tx, user_id: UserId, device_id: DeviceId, upto: int, limit: int
) -> list[tuple[int, bytes]]:
    """The oldest messages that wait for a device: position and JSON."""
    rows = tx.all(
        "SELECT pos, message FROM inbox WHERE user_id = ? AND device_id = ? AND pos <= ?"
        " ORDER BY pos LIMIT ?",
        user_id,
        device_id,
        upto,
        limit,
    )
    return [(pos, bytes(message)) for pos, message in rows]


def between(tx: Tx, since: int, upto: int) -> list[tuple[int, Target, bytes]]:
    """The messages that came with `since < pos <= upto`, to whatever device, oldest first."""
    rows = tx.all(
        "SELECT pos, user_id, device_id, message FROM inbox WHERE pos > ? AND pos <= ?"
        " ORDER BY pos",
        since,
        upto,
    )
    return [(row[0], Target(row[1], row[2]), bytes(row[3])) for row in rows]


def oldest(tx: Tx, user_id: UserId, device_id: DeviceId) -> int | None:
    """Where the oldest message stands that waits for a device."""
    row = tx.one(
        "SELECT MIN(pos) FROM inbox WHERE user_id = ? AND device_id = ?", user_id, device_id
    )
    return row[0] if row else None


def delete_upto(tx: WriteTx, user_id: UserId, device_id: DeviceId, pos: int) -> None:
    """The device has everything up to here."""
    tx.run(
        "DELETE FROM inbox WHERE user_id = ? AND device_id = ? AND pos <= ?",
        user_id,
        device_id,
        pos,
    )


def too_long(tx: Tx, most: int) -> list[Target]:
    """The devices for which more than so many messages wait."""
    rows = tx.all(
        "SELECT user_id, device_id FROM inbox GROUP BY user_id, device_id HAVING COUNT(*) > ?", most
    )
    return [Target(*row) for row in rows]


def asleep(tx: Tx, since_ts: int) -> list[Target]:
    """The devices for which messages wait, and that nobody has seen since."""
    rows = tx.all(
        "SELECT d.user_id, d.device_id FROM devices d"
        " WHERE COALESCE(d.last_seen_ts, d.created_ts) < ? AND EXISTS (SELECT 1 FROM inbox i"
        " WHERE i.user_id = d.user_id AND i.device_id = d.device_id)",
        since_ts,
    )
    return [Target(*row) for row in rows]


def delete_oldest(tx: WriteTx, target: Target, but: int, limit: int) -> int:
    """Delete the oldest messages that wait for a device, all `but` so many; how many were."""
    return tx.run(
        "DELETE FROM inbox WHERE pos IN (SELECT pos FROM (SELECT pos FROM inbox WHERE user_id = ?"
        " AND device_id = ? ORDER BY pos DESC LIMIT ? OFFSET ?) AS old ORDER BY pos LIMIT ?)",
        target.user_id,
        target.device_id,
        1 << 40,
        but,
        limit,
    )


def forget_sent(tx: WriteTx, now_ms: int) -> int:
    """Forget the requests of long ago; how many."""
    return tx.run("DELETE FROM repeats WHERE ts < ?", now_ms - REMEMBERED_MS)


def sent_before(tx: Tx, user_id: UserId, device_id: DeviceId, request: str) -> bool:
    """Whether this very request was done already, up to `REMEMBERED_MS` ago."""
    return (
        tx.one(
            "SELECT 1 FROM repeats WHERE user_id = ? AND device_id = ? AND request = ?",
            user_id,
            device_id,
            request,
        )
        is not None
    )


def note_sent(tx: WriteTx, user_id: UserId, device_id: DeviceId, request: str, now_ms: int) -> None:
    """This request is done now, and must not be again. What is long ago is forgotten."""
    forget_sent(tx, now_ms)
    tx.add(
        "repeats",
        ("user_id", "device_id", "request", "ts"),
        (user_id, device_id, request, now_ms),
    )
