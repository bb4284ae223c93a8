"""The stream: what was committed, in the order of its positions.

Each entry is one durable change that a follower (sync, push) or a cache must hear of. The process
that writes an entry hands it over after the commit; entries of other processes are read back from
the tables by `entries_between`, so that both reach the same ears.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.events import Event
from privity.matrix.ids import DeviceId, EventId, RoomId, UserId
from privity.store import events
from privity.store.engine import Tx
from privity.store.events import Placed


@dataclass(frozen=True, slots=True)
class EventAdded:
    """An event has its place in a room. `emptied` is what it left of the event that it redacts."""

    pos: int
    placed: Placed
    emptied: Event | None = None


@dataclass(frozen=True, slots=True)
class ReceiptMoved:
    """Somebody's receipt in a room moved. It holds all that is shown of it."""

    pos: int
    room_id: RoomId
    user_id: UserId
    type: str
    thread_id: str
    event_id: EventId
    ts: int

    @property
    def is_private(self) -> bool:
        """Whether it concerns its owner alone."""
        return self.type == "m.read.private"


@dataclass(frozen=True, slots=True)
class AccountDataSet:
    """Account data of a person was set; `room_id` is None for what is global."""

    pos: int
    user_id: UserId
    room_id: RoomId | None
    type: str


@dataclass(frozen=True, slots=True)
class MessageQueued:
    """A message waits in a device's inbox."""

    pos: int
    user_id: UserId
    device_id: DeviceId


@dataclass(frozen=True, slots=True)
class OneTimeKeysChanged:
    """A device has other one-time or fallback keys than before."""

    pos: int
    user_id: UserId
    device_id: DeviceId


@dataclass(frozen=True, slots=True)
class DeviceListChanged:
    """A person's devices, their keys or the signatures on them changed.

    `seen_by`: only this person can see the change.
    """

    pos: int
    user_id: UserId
    seen_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account's standing, tokens or profile changed: forget what is kept in memory of it."""

    pos: int
    user_id: UserId


Entry = (
    EventAdded
    | ReceiptMoved
    | AccountDataSet
    | MessageQueued
    | OneTimeKeysChanged
    | DeviceListChanged
    | AccountChanged
)


def entries_between(tx: Tx, since: int, upto: int) -> list[Entry]:
    """Every entry with `since < pos <= upto`, in order."""
    found: list[Entry] = [
        EventAdded(placed.pos, placed, _emptied_by(tx, placed))
        for placed in events.between(tx, since, upto)
    ]
    between = "WHERE pos > ? AND pos <= ?"
    found += [
        ReceiptMoved(*row)
        for row in tx.all(
            f"SELECT pos, room_id, user_id, type, thread_id, event_id, ts FROM receipts {between}",
            since,
            upto,
        )
    ]
    found += [
        AccountDataSet(pos, user_id, room_id or None, kind)
        for pos, user_id, room_id, kind in tx.all(
            f"SELECT pos, user_id, room_id, type FROM account_data {between}",
            since,
            upto,
        )
    ]
    found += [
        MessageQueued(*row)
        for row in tx.all(
            f"SELECT pos, user_id, device_id FROM inbox {between}",
            since,
            upto,
        )
    ]
    found += [
        OneTimeKeysChanged(*row)
        for row in tx.all(
            f"SELECT pos, user_id, device_id FROM one_time_key_changes {between}", since, upto
        )
    ]
    found += [
        DeviceListChanged(pos, user_id, seen_by or None)
        for pos, user_id, seen_by in tx.all(
            f"SELECT pos, user_id, seen_by FROM device_list_changes {between}",
            since,
            upto,
        )
    ]
    found += [
        AccountChanged(*row)
        for row in tx.all(
            f"SELECT pos, user_id FROM account_changes {between}",
            since,
            upto,
        )
    ]
    return sorted(found, key=lambda entry: entry.pos)


def _emptied_by(tx: Tx, placed: Placed) -> Event | None:
    if placed.redacts is None:
        return None
    target = events.by_id(tx, placed.redacts)
    return target.event if target is not None and target.redaction is not None else None
