"""Who waits for what: long-polling syncs, woken by the stream without asking the database.

1. A waiter belongs to a person. It is woken by an entry that concerns them: an event, a receipt or
   typing in a room that they are in, their own account data, messages and memberships, a device
   list of somebody they share a room with.
2. For an event in a room the waiters are found by intersecting the room's members with the people
   who wait: the smaller of the two is walked.
3. Being woken is a hint, not an answer: who is woken looks for themselves and may wait again.
   But whoever was not is sure that nothing was there for them: they need look no further back
   than to the position before the one that woke them.
4. Times that run out are kept in ticks of a tenth of a second, with one timer a tick: a timer for
   each who waits would be a tenth of what waiting costs. So a wait ends up to a tick late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from privity.house import House
from privity.matrix.ids import RoomId, UserId
from privity.store.streams import (
    AccountChanged,
    AccountDataSet,
    DeviceListChanged,
    Entry,
    EventAdded,
    MessageQueued,
    PresenceSet,
    ReceiptMoved,
)
from privity.store.typing import TypingChanged

Waiter = asyncio.Future["Waited"]

TICK_S = 0.1


class Waited(NamedTuple):
    """How a wait ended. Nothing up to `clear_pos` of the stream concerned the person meanwhile."""

    is_woken: bool
    clear_pos: int


class Waiting:
    """Every request that waits in this process."""

    def __init__(self, house: House) -> None:
        self._store = house.store
        self._pos = house.store.pos
        self._waiters: dict[UserId, list[Waiter]] = {}
        self._ends: dict[int, set[Waiter]] = {}
        self.is_draining = False

    async def wait(self, user_id: UserId, timeout_ms: int) -> Waited:
        """Wait until something concerns `user_id`, or the time runs out."""
        if self.is_draining or timeout_ms <= 0:
            return Waited(False, self._pos)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        ending = self._ending(timeout_ms)
        ending.add(waiter)
        waiters = self._waiters.setdefault(user_id, [])
        waiters.append(waiter)
        try:
            return await waiter
        finally:
            ending.discard(waiter)
            waiters.remove(waiter)
            if not waiters and self._waiters.get(user_id) is waiters:
                del self._waiters[user_id]

    def _ending(self, timeout_ms: int) -> set[Waiter]:
        """Who waits until the same tick (rule 4)."""
        loop = asyncio.get_running_loop()
        tick = int((loop.time() + timeout_ms / 1000) / TICK_S) + 1
        ending = self._ends.get(tick)
        if ending is None:
            ending = self._ends[tick] = set()
            loop.call_at(tick * TICK_S, self._end, tick)
        return ending

    def _end(self, tick: int) -> None:
        for waiter in self._ends.pop(tick):
            if not waiter.done():
                waiter.set_result(Waited(False, self._pos))

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Wake whom the entries concern."""
        if self._waiters:
            for entry in entries:
                self._wake_for(entry)
        self._pos = pos

    def count(self) -> int:
        """How many requests wait."""
        return sum(map(len, self._waiters.values()))

    def drain(self) -> None:
        """Wake everybody, and let nobody wait any more."""
        self.is_draining = True
        self._wake(list(self._waiters))

    def _wake_for(self, entry: Entry | TypingChanged) -> None:
        if isinstance(entry, EventAdded):
            event = entry.placed.event
            self._wake_room(event.room_id)
            if event.type == "m.room.member" and event.state_key is not None:
                self._wake((UserId(event.state_key),))
        elif isinstance(entry, ReceiptMoved) and entry.is_private:
            self._wake((entry.user_id,))
        elif isinstance(entry, DeviceListChanged) and entry.seen_by is not None:
            self._wake((entry.seen_by,))
        elif isinstance(entry, ReceiptMoved | TypingChanged):
            self._wake_room(entry.room_id)
        elif isinstance(entry, AccountDataSet | MessageQueued | AccountChanged):
            self._wake((entry.user_id,))
        elif isinstance(entry, DeviceListChanged | PresenceSet):
            self._wake_sharers(entry.user_id)

    def _wake_room(self, room_id: RoomId) -> None:
        head = self._store.heads.peek(room_id)
        if head is not None:
            self._wake(self._waiters.keys() & head.joined)
            return
        for user_id in list(self._waiters):  # a room not in memory: ask each who waits
            person = self._store.people.peek(user_id)
            if person is None or room_id in person.joined:
                self._wake((user_id,))

    def _wake_sharers(self, user_id: UserId) -> None:
        self._wake((user_id,))
        person = self._store.people.peek(user_id)
        if person is None:
            self._wake(list(self._waiters))
            return
        for room_id in person.joined:
            self._wake_room(room_id)

    def _wake(self, user_ids: Iterable[UserId]) -> None:
        waited = Waited(not self.is_draining, self._pos)
        for user_id in user_ids:
            for waiter in self._waiters.get(user_id, ()):
                if not waiter.done():
                    waiter.set_result(waited)
