"""How many messages of a room a person has not read: by their push rules, from memory.

1. A count is made once by reading what came after the person's receipts (or their own last
   message, which they have read), and then moved by each new event that a sync of theirs meets. A
   receipt throws it away. No row is ever written for a message and a member together.
2. Each thread is counted for itself, the main timeline too. A receipt of no thread counts for all.
3. What relates to an event of a thread stands in that thread. Memory does not know those, so an
   event that relates by something else than `m.thread`, and counts, has the count made anew.

Source: client-server API, "Receiving notifications" and "Threaded read receipts".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from privity.follow.attention import actions_of, thread_of
from privity.follow.sync.changes import Changes
from privity.follow.sync.recent import Recent
from privity.follow.sync.wanted import Asked
from privity.matrix.ids import RoomId, UserId
from privity.matrix.push_rules import Actions
from privity.store import events, receipts, relations
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.people import Person
from privity.store.relations import MAIN_TIMELINE
from privity.store.streams import AccountDataSet, Entry, EventAdded, ReceiptMoved
from privity.store.typing import TypingChanged

MOST_KEPT = 50_000
MOST_COUNTED = 200
PAGE = 30
MOST_THREADS = 400

Room = tuple[Head, Sequence[Placed]]
"""A room, and its newest events as far as they were read."""


@dataclass(slots=True)
class Tally:
    """Unread messages; `highlights` are those that name the person."""

    notifications: int = 0
    highlights: int = 0


@dataclass(slots=True)
class Count:
    """Unread messages of a room up to a position, in its main timeline and thread by thread."""

    upto: int
    main: Tally = field(default_factory=Tally)
    threads: dict[str, Tally] | None = None

    def together(self) -> Tally:
        """All of them, for clients that know of no threads."""
        told = (self.main, *(self.threads or {}).values())
        return Tally(sum(one.notifications for one in told), sum(one.highlights for one in told))

    def add(self, thread_id: str, actions: Actions) -> None:
        """One more, if it is worth the person's attention."""
        if not actions.notify and not actions.highlight:
            return
        tally = self.main
        if thread_id != MAIN_TIMELINE:
            if self.threads is None:
                self.threads = {}
            if thread_id not in self.threads and len(self.threads) >= MOST_THREADS:
                return
            tally = self.threads.setdefault(thread_id, Tally())
        tally.notifications += actions.notify
        tally.highlights += actions.highlight

    def read(self, thread_id: str) -> None:
        """The person has read this thread."""
        if thread_id == MAIN_TIMELINE:
            self.main = Tally()
        elif self.threads is not None:
            self.threads.pop(thread_id, None)


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
            if count.upto < placed.pos <= asked.upto and not _add(
                count, asked.person, head, placed
            ):
                del self._counts[asked.person.user_id, head.room_id]  # 3
                return None
        count.upto = asked.upto
        return count

    def read(self, tx: Tx, asked: Asked, rooms: Iterable[Room]) -> dict[RoomId, Count]:
        """Make the counts of some rooms by reading."""
        known = list(rooms)
        room_ids = [head.room_id for head, _ in known]
        read_upto = receipts.read_upto(tx, asked.person.user_id, room_ids)
        return {
            head.room_id: self._read(tx, asked, head, newest, read_upto[head.room_id])
            for head, newest in known
        }

    def _read(
        self,
        tx: Tx,
        asked: Asked,
        head: Head,
        newest: Sequence[Placed],
        read_upto: Mapping[str, int],
    ) -> Count:
        person = asked.person
        standing = person.rooms.get(head.room_id)
        everywhere = max(read_upto.get("", 0), standing.since if standing else 0)
        main = max(everywhere, read_upto.get(MAIN_TIMELINE, 0))
        new, main = _since(tx, asked, head.room_id, main, newest)
        if main > everywhere:
            new += relations.newest_in_threads(tx, head.room_id, everywhere, main - 1, MOST_COUNTED)
        count = Count(asked.upto)
        answered: set[str] = set()
        for placed in new:
            event = placed.event
            thread_id = thread_of(event) or relations.thread_of(tx, event.event_id)
            if thread_id in answered or placed.pos <= read_upto.get(thread_id, 0):
                continue
            if event.sender == person.user_id:
                answered.add(thread_id)
            else:
                count.add(thread_id, actions_of(person, head, placed))
        return count

    def keep(self, user_id: UserId, room_id: RoomId, count: Count) -> None:
        """Remember a count that was read."""
        self._counts[user_id, room_id] = count
        if len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)


def _since(
    tx: Tx, asked: Asked, room_id: RoomId, main: int, newest: Sequence[Placed]
) -> tuple[list[Placed], int]:
    """What came after `main`, or since the person's own last message in the main timeline.

    Newest first, and from which position on it is that.
    """
    found: list[Placed] = []
    page: Sequence[Placed] = newest
    at = asked.upto
    while True:
        for placed in page:
            if placed.pos <= main or len(found) == MOST_COUNTED:
                return found, main + 1
            found.append(placed)
            event = placed.event
            if event.sender == asked.person.user_id and thread_of(event) == MAIN_TIMELINE:
                return found, placed.pos
        at = page[-1].pos - 1 if page else at
        page = events.newest(tx, room_id, main, at, PAGE)
        if not page:
            return found, main + 1


def _add(count: Count, person: Person, head: Head, placed: Placed) -> bool:
    """Move a count by one event. False: it has to be read."""
    event = placed.event
    thread_id = thread_of(event)
    if event.sender == person.user_id:
        if thread_id is not None:
            count.read(thread_id)
        return thread_id is not None
    actions = actions_of(person, head, placed)
    if thread_id is None:
        return not (actions.notify or actions.highlight)
    count.add(thread_id, actions)
    return True
