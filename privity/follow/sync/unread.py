"""How many messages of a room a person has not read: by their push rules, from memory.

A count is made once by reading what came after the person's receipt (or their own last message,
which they have read), and then moved by each new event that a sync of theirs meets. A receipt
throws it away. No row is ever written for a message and a member together.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from privity.follow.sync.changes import Changes
from privity.follow.sync.recent import Recent
from privity.follow.sync.wanted import Asked
from privity.matrix import push_rules
from privity.matrix.ids import RoomId, UserId
from privity.matrix.push_rules import Facts
from privity.store import events, receipts
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.people import Person
from privity.store.streams import AccountDataSet, Entry, EventAdded, ReceiptMoved
from privity.store.typing import TypingChanged

MOST_KEPT = 50_000
MOST_COUNTED = 200


@dataclass(slots=True)
class Count:
    """Unread messages up to a position; `highlights` are those that name the person."""

    upto: int
    notifications: int = 0
    highlights: int = 0


class Unread:
    """The counts in memory."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        self._counts: OrderedDict[tuple[UserId, RoomId], Count] = OrderedDict()

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Throw away what receipts and new push rules make wrong."""
        del pos
        for entry in entries:
            if isinstance(entry, ReceiptMoved):
                self._counts.pop((entry.user_id, entry.room_id), None)
            elif isinstance(entry, AccountDataSet) and entry.type == "m.push_rules":
                for key in [key for key in self._counts if key[0] == entry.user_id]:
                    del self._counts[key]

    def known(self, asked: Asked, head: Head, changes: Changes) -> Count | None:
        """The count as of `asked.upto`, if memory has it."""
        count = self._counts.get((asked.person.user_id, head.room_id))
        if count is None or count.upto >= asked.upto:
            return count
        if changes.events is not None and asked.since <= count.upto:
            new: Iterable[Placed] = changes.events.get(head.room_id, ())
        else:
            entries = self._recent.of_room(head.room_id, count.upto, asked.upto)
            if entries is None:
                return None
            new = (entry.placed for entry in entries if isinstance(entry, EventAdded))
        for placed in new:
            if count.upto < placed.pos <= asked.upto:
                _add(count, asked.person, head, placed)
        count.upto = asked.upto
        return count

    def read(self, tx: Tx, asked: Asked, head: Head) -> Count:
        """Make the count by reading."""
        read_upto = receipts.read_upto(tx, asked.person.user_id, head.room_id)
        standing = asked.person.rooms.get(head.room_id)
        above = max(read_upto, standing.since if standing else 0)
        count = Count(asked.upto)
        for placed in events.newest(tx, head.room_id, above, asked.upto, MOST_COUNTED):
            if placed.event.sender == asked.person.user_id:
                break
            _add(count, asked.person, head, placed)
        return count

    def keep(self, user_id: UserId, room_id: RoomId, count: Count) -> None:
        """Remember a count that was read."""
        self._counts[user_id, room_id] = count
        if len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)


def _add(count: Count, person: Person, head: Head, placed: Placed) -> None:
    event = placed.event
    if event.sender == person.user_id:
        count.notifications = count.highlights = 0
        return
    if event.sender in person.ignored or placed.redaction is not None:
        return
    if person.compiled is None:
        person.compiled = push_rules.compiled_for(person.push_rules, person.user_id)
    own = head.state.get(("m.room.member", person.user_id))
    shown_as = own.event.content.get("displayname") if own else None
    facts = Facts(event, head.levels, len(head.joined), person.user_id, shown_as)
    actions = person.compiled.actions(facts)
    count.notifications += actions.notify
    count.highlights += actions.highlight
