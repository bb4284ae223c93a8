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
from privity.store.engine import Row, Tx
from privity.store.events import Placed


@dataclass(frozen=True, slots=True)
class EventAdded:
    """An event has its place in a room. `emptied` is what it left of the event that it redacts.

    `is_foreign`: another process made it, without knowing what this one has under way.
    """

    pos: int
    placed: Placed
    emptied: Event | None = None
    is_foreign: bool = False


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


@dataclass(frozen=True, slots=True)
class MediaCame:
    """Media that was promised is there."""

    pos: int
    media_id: str


@dataclass(frozen=True, slots=True)
class PresenceSet:
    """What is shown of somebody's presence changed. They were last active at `ts` (ms).

    `activity` is `active` for one who is active just now, else empty.
    """

    pos: int
    ts: int
    user_id: UserId
    state: str
    status_msg: str | None
    activity: str


Entry = (
    EventAdded
    | ReceiptMoved
    | AccountDataSet
    | MessageQueued
    | OneTimeKeysChanged
    | DeviceListChanged
    | AccountChanged
    | PresenceSet
    | MediaCame
)


_READ_BACK: tuple[tuple[type[Entry], str, tuple[str, ...]], ...] = (
    (ReceiptMoved, "receipts", ("ts", "room_id", "user_id", "type", "thread_id", "event_id")),
    (AccountDataSet, "account_data", ("user_id", "room_id", "type")),
    (MessageQueued, "inbox", ("user_id", "device_id")),
    (OneTimeKeysChanged, "one_time_key_changes", ("user_id", "device_id")),
    (DeviceListChanged, "device_list_changes", ("user_id", "seen_by")),
    (AccountChanged, "account_changes", ("user_id",)),
    (MediaCame, "media", ("media_id",)),
    (PresenceSet, "presence", ("ts", "user_id", "state", "status_msg", "activity")),
)
"""What is read back from where: each table has a `pos`. A number may only be the first column."""

_WIDEST = 6


def _select(number: int) -> str:
    _, table, columns = _READ_BACK[number]
    padded = [*columns] if columns[0] == "ts" else ["NULL", *columns]
    padded += ["NULL"] * (_WIDEST - len(padded))
    where = "WHERE pos > ? AND pos <= ?"
    return f"SELECT pos, {number}, {', '.join(padded)} FROM {table} {where}"


_SELECT_ALL = " UNION ALL ".join(map(_select, range(len(_READ_BACK))))
"""All in one question: it is asked after each group that another process wrote."""


def entries_between(tx: Tx, since: int, upto: int) -> list[Entry]:
    """Every entry of other processes with `since < pos <= upto`, in order."""
    found: list[Entry] = [
        EventAdded(placed.pos, placed, _emptied_by(tx, placed), is_foreign=True)
        for placed in events.between(tx, since, upto)
    ]
    found += [_read_back(row) for row in tx.all(_SELECT_ALL, *([since, upto] * len(_READ_BACK)))]
    return sorted(found, key=lambda entry: entry.pos)


def newest(tx: Tx, since: int, upto: int, kinds: tuple[type[Entry], ...]) -> list[Entry]:
    """The entries of these kinds that nothing newer took the place of, of any process, in order."""
    found: list[Entry] = []
    for number, (kind, _, _) in enumerate(_READ_BACK):
        if kind in kinds:
            found += map(_read_back, tx.all(_select(number), since, upto))
    return sorted(found, key=lambda entry: entry.pos)


def _read_back(row: Row) -> Entry:
    pos, number, *values = row
    kind, _, columns = _READ_BACK[number]
    start = 0 if columns[0] == "ts" else 1
    named = dict(zip(columns, values[start:], strict=False))
    for name in ("room_id", "seen_by"):  # '' in the tables, for a key cannot hold NULL
        if name in named:
            named[name] = named[name] or None
    return kind(pos=pos, **named)


def _emptied_by(tx: Tx, placed: Placed) -> Event | None:
    if placed.redacts is None:
        return None
    target = events.by_id(tx, placed.redacts)
    return target.event if target is not None and target.redaction is not None else None
