"""What changed for one person since a position: from memory if that reaches back, else read."""

from __future__ import annotations

from dataclasses import dataclass, field

from privity.follow.sync.recent import Recent
from privity.follow.sync.wanted import Asked
from privity.matrix.ids import RoomId, UserId
from privity.store import device_lists, presence, receipts
from privity.store.device_lists import Moved
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.people import Person
from privity.store.streams import (
    AccountDataSet,
    DeviceListChanged,
    Entry,
    EventAdded,
    MessageQueued,
    PresenceSet,
    ReceiptMoved,
)


@dataclass(slots=True)
class Changes:
    """What is new. `events` is None when the rooms' timelines have to be read.

    `moved` is who came and went; None when that is to be seen from the events.
    """

    events: dict[RoomId, list[Placed]] | None = None
    receipts: dict[RoomId, list[ReceiptMoved]] = field(default_factory=dict)
    room_account_data: dict[RoomId, set[str]] = field(default_factory=dict)
    account_data: set[str] = field(default_factory=set)
    device_lists: set[UserId] = field(default_factory=set)
    moved: Moved | None = None
    has_messages: bool = False
    presence: dict[UserId, PresenceSet] = field(default_factory=dict)


def from_memory(recent: Recent, asked: Asked) -> Changes | None:
    """The changes, if all of them are in memory."""
    if asked.is_first:
        return None
    entries = recent.for_person(asked.person, asked.since, asked.upto)
    if entries is None:
        return None
    person, device_id = asked.person, asked.viewer.device_id
    events: dict[RoomId, list[Placed]] = {}
    changes = Changes(events)
    for entry in entries:
        if isinstance(entry, EventAdded):
            room_id = entry.placed.event.room_id
            if room_id in person.rooms:
                events.setdefault(room_id, []).append(entry.placed)
        elif isinstance(entry, MessageQueued):
            if entry.user_id == person.user_id and entry.device_id == device_id:
                changes.has_messages = True
        else:
            _add(changes, person, entry)
    return changes


def _add(changes: Changes, person: Person, entry: Entry) -> None:
    if isinstance(entry, ReceiptMoved):
        if entry.room_id in person.joined and (
            not entry.is_private or entry.user_id == person.user_id
        ):
            changes.receipts.setdefault(entry.room_id, []).append(entry)
    elif isinstance(entry, AccountDataSet):
        if entry.user_id == person.user_id:
            if entry.room_id is None:
                changes.account_data.add(entry.type)
            else:
                changes.room_account_data.setdefault(entry.room_id, set()).add(entry.type)
    elif isinstance(entry, DeviceListChanged) and entry.seen_by in {None, person.user_id}:
        changes.device_lists.add(entry.user_id)
    elif isinstance(entry, PresenceSet):
        changes.presence[entry.user_id] = entry


def from_database(tx: Tx, asked: Asked) -> Changes:
    """The changes, but for the events: those are read room by room."""
    user_id = asked.person.user_id
    changes = Changes(None, has_messages=True)
    for entry in receipts.seen_by(tx, user_id, asked.since, asked.upto):
        _add(changes, asked.person, entry)
    for room_id, kind in tx.all(
        "SELECT room_id, type FROM account_data WHERE user_id = ? AND pos > ? AND pos <= ?",
        user_id,
        asked.since,
        asked.upto,
    ):
        _add(changes, asked.person, AccountDataSet(asked.upto, user_id, room_id or None, kind))
    if not asked.is_first:
        changes.device_lists.update(
            device_lists.changed_between(tx, user_id, asked.since, asked.upto)
        )
        changes.presence = {
            entry.user_id: entry for entry in presence.changed_between(tx, asked.since, asked.upto)
        }
        changes.moved = device_lists.moved_between(tx, user_id, asked.since, asked.upto)
    return changes
