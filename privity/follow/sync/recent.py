"""The newest part of the stream, in memory: what a sync that is nearly up to date asks for.

1. Everything after `floor` is here; a sync from before it asks the database.
2. What is kept is bounded by what it takes of memory, not by how many there are.
3. Each entry stands also under the one room or person that it concerns, so that who looks walks
   what is new in their rooms and not what is new on the server.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from privity.matrix.ids import EventId, RoomId
from privity.store.events import Placed
from privity.store.people import Person
from privity.store.streams import (
    AccountDataSet,
    DeviceListChanged,
    Entry,
    EventAdded,
    MessageQueued,
    ReceiptMoved,
)
from privity.store.typing import TypingChanged

MOST_BYTES = 32 * 1024 * 1024
LEFT_AFTER_LETTING_GO = 0.75
ENTRY_BYTES = 500
"""What an entry takes, about, with its places in the lists."""
TIMES_ITS_PDU = 4
"""What an event takes, about, over the bytes of its PDU: its content parsed, and rendered."""
FEW = 50
EVERYBODY = ""

_pos = attrgetter("pos")


class Recent:
    """The entries of the stream above `floor`, oldest first."""

    def __init__(self, pos: int, most_bytes: int = MOST_BYTES) -> None:
        self.floor = pos
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._entries: list[Entry] = []
        self._bytes: list[int] = []  # as they came: what is redacted since takes less
        self._concerning: dict[str, list[Entry]] = {}
        self._placed: dict[EventId, Placed] = {}

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Keep what was committed."""
        del pos  # each entry has its own
        for entry in entries:
            if isinstance(entry, TypingChanged):
                continue
            self._entries.append(entry)
            self._concerning.setdefault(_whom(entry), []).append(entry)
            self._bytes.append(_bytes(entry))
            self._held_bytes += self._bytes[-1]
            if isinstance(entry, EventAdded):
                self._keep(entry)
        if self._held_bytes > self._most_bytes:
            self._let_go()

    def of_room(self, room_id: RoomId, since: int, upto: int) -> list[Entry] | None:
        """A room's entries with `since < pos <= upto`, or None if not all of them are here."""
        if since < self.floor:
            return None
        return _between(self._concerning.get(room_id, []), since, upto)

    def between(self, since: int, upto: int) -> list[Entry] | None:
        """Every entry with `since < pos <= upto`, or None if not all of them are here."""
        return None if since < self.floor else _between(self._entries, since, upto)

    def for_person(self, person: Person, since: int, upto: int) -> Iterable[Entry] | None:
        """The entries with `since < pos <= upto` that may concern them, those of a room in order.

        None if not all of them are here. There may be others among them: of rooms of other people.
        """
        if since < self.floor:
            return None
        entries = _between(self._entries, since, upto)
        if len(entries) <= max(FEW, len(person.rooms)):
            return entries
        found: list[Entry] = []
        for key in (*person.rooms, person.user_id, EVERYBODY):
            concerning = self._concerning.get(key)
            if concerning is not None and concerning[-1].pos > since:
                found += _between(concerning, since, upto)
        return found

    def _keep(self, entry: EventAdded) -> None:
        self._placed[entry.placed.event.event_id] = entry.placed
        if entry.emptied is not None:
            redacted = self._placed.get(entry.emptied.event_id)
            if redacted is not None:
                redacted.empty(entry.emptied, entry.placed.event)
            if entry.emptied.state_key is not None:
                for placed in self._placed.values():
                    placed.empty_replaced(entry.emptied)

    def _let_go(self) -> None:  # 2
        count, left_bytes = 0, self._held_bytes
        while left_bytes > self._most_bytes * LEFT_AFTER_LETTING_GO:
            left_bytes -= self._bytes[count]
            count += 1
        self.forget_upto(self._entries[count - 1].pos)

    def forget_upto(self, pos: int) -> None:
        """Have nothing of this position or before it here any more."""
        if pos <= self.floor:
            return
        self.floor = pos
        count = bisect_right(self._entries, pos, key=_pos)
        for entry in self._entries[:count]:
            if isinstance(entry, EventAdded):
                self._placed.pop(entry.placed.event.event_id, None)
        self._held_bytes -= sum(self._bytes[:count])
        del self._entries[:count], self._bytes[:count]
        for key, concerning in list(self._concerning.items()):
            del concerning[: bisect_right(concerning, self.floor, key=_pos)]
            if not concerning:
                del self._concerning[key]


def _whom(entry: Entry) -> str:  # 3
    if isinstance(entry, EventAdded):
        return entry.placed.event.room_id
    if isinstance(entry, ReceiptMoved):
        return entry.user_id if entry.is_private else entry.room_id
    if isinstance(entry, AccountDataSet | MessageQueued):
        return entry.user_id
    if isinstance(entry, DeviceListChanged) and entry.seen_by is not None:
        return entry.seen_by
    return EVERYBODY


def _bytes(entry: Entry) -> int:
    if isinstance(entry, EventAdded):
        return ENTRY_BYTES + TIMES_ITS_PDU * len(entry.placed.event.pdu)
    return ENTRY_BYTES


def _between(entries: list[Entry], since: int, upto: int) -> list[Entry]:
    return entries[bisect_right(entries, since, key=_pos) : bisect_right(entries, upto, key=_pos)]
