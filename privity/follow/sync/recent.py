"""The newest part of the stream, in memory: what a sync that is nearly up to date asks for.

Everything after `floor` is here; a sync from before it asks the database.
"""

from __future__ import annotations

from bisect import bisect_right

from privity.matrix.ids import EventId
from privity.store.events import Placed
from privity.store.streams import Entry, EventAdded
from privity.store.typing import TypingChanged

MOST_KEPT = 20_000


class Recent:
    """The entries of the stream above `floor`, oldest first."""

    def __init__(self, pos: int) -> None:
        self.floor = pos
        self._entries: list[Entry] = []
        self._positions: list[int] = []
        self._placed: dict[EventId, Placed] = {}

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Keep what was committed."""
        del pos  # each entry has its own
        for entry in entries:
            if isinstance(entry, TypingChanged):
                continue
            self._entries.append(entry)
            self._positions.append(entry.pos)
            if isinstance(entry, EventAdded):
                self._keep(entry)
        if len(self._entries) > 2 * MOST_KEPT:
            self._let_go()

    def between(self, since: int, upto: int) -> list[Entry] | None:
        """The entries with `since < pos <= upto`, or None if not all of them are here."""
        if since < self.floor:
            return None
        return self._entries[
            bisect_right(self._positions, since) : bisect_right(self._positions, upto)
        ]

    def _keep(self, entry: EventAdded) -> None:
        self._placed[entry.placed.event.event_id] = entry.placed
        if entry.emptied is not None:
            redacted = self._placed.get(entry.emptied.event_id)
            if redacted is not None:
                redacted.empty(entry.emptied, entry.placed.event)
            if entry.emptied.state_key is not None:
                for placed in self._placed.values():
                    placed.empty_replaced(entry.emptied)

    def _let_go(self) -> None:
        self.floor = self._positions[-MOST_KEPT - 1]
        for entry in self._entries[:-MOST_KEPT]:
            if isinstance(entry, EventAdded):
                self._placed.pop(entry.placed.event.event_id, None)
        del self._entries[:-MOST_KEPT]
        del self._positions[:-MOST_KEPT]
