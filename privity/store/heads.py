"""Rooms in use, each as its head: where the next event goes and by which state it is judged.

1. A head is loaded once and then moves with each event that is built on it, before that event is
   committed: the next event need not wait for the disk. What is not committed yet stays in
   `pending`, which only the judging of new events looks at.
2. Readers see `state` and `joined`, which move when the commit is published.
3. If an event that the head moved for is not committed (the disk failed, another process changed
   what it relies on), the head is broken: everything built on it fails too, and the room is loaded
   anew.
4. Heads are kept by use, as many as hold `most_state_events` together. One with events under way
   is never let go.
5. An event that another process made while some were under way here stands beside them: the next
   event names both as what came before it (see `store.elsewhere`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from privity.matrix.events import Event
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.power_levels import PowerLevels
from privity.matrix.versions import KNOWN, RoomVersion
from privity.store import events
from privity.store.elsewhere import Elsewhere, StateKey
from privity.store.engine import Engine, Tx
from privity.store.events import Placed
from privity.store.streams import EventAdded

Loaded = dict[RoomId, "Head | None"]
MOST_BESIDE = 10


class HeadMoved(Exception):  # noqa: N818 - named for what happened
    """The head that an event was built on is not the room's head any more: build it again."""


@dataclass(slots=True, eq=False)
class Head:
    """One room in memory. Implements `matrix.auth_rules.AuthState` for its next event."""

    room_id: RoomId
    version: RoomVersion
    last: Event
    pos: int
    state: dict[StateKey, Placed] = field(default_factory=dict)
    joined: set[UserId] = field(default_factory=set)
    pending: dict[StateKey, Event] = field(default_factory=dict)
    beside: tuple[Event, ...] = ()
    under_way: int = 0
    is_broken: bool = False
    _levels: tuple[Event | None, PowerLevels] | None = None

    # -- the state that the next event is judged by

    def get(self, kind: str, state_key: str = "") -> Event | None:
        """The state event of this key, committed or on its way."""
        if self.pending and (pending := self.pending.get((kind, state_key))):
            return pending
        placed = self.state.get((kind, state_key))
        return placed.event if placed else None

    @property
    def create(self) -> Event | None:
        """The room's first event."""
        return self.get("m.room.create")

    @property
    def power_levels(self) -> Event | None:
        """The event that says who may do what."""
        return self.get("m.room.power_levels")

    @property
    def join_rules(self) -> Event | None:
        """The event that says who may come in."""
        return self.get("m.room.join_rules")

    def membership(self, user_id: str) -> str:
        """Where a person stands: "join", "invite", "knock", "ban", or "leave"."""
        member = self.get("m.room.member", user_id)
        return str(member.content["membership"]) if member else "leave"

    def third_party_invite(self, token: str) -> Event | None:
        """The third-party invitation with this token."""
        return self.get("m.room.third_party_invite", token)

    @property
    def levels(self) -> PowerLevels:
        """The power levels, parsed once for each event that sets them."""
        event = self.power_levels
        if self._levels is None or self._levels[0] is not event:
            self._levels = (event, PowerLevels.of_room(self.create, event, self.version))
        return self._levels[1]

    @property
    def ends(self) -> tuple[EventId, ...]:
        """The events that no other names as coming before it: the next event does."""
        if not self.beside:
            return (self.last.event_id,)
        return (self.last.event_id, *(event.event_id for event in self.beside))

    @property
    def depth(self) -> int:
        """The greatest depth of an event so far."""
        return max(self.last.depth, *(event.depth for event in self.beside), 0)

    # -- how it moves

    def advance(self, event: Event) -> None:
        """`event` was built on this head and is on its way to the disk."""
        self.last = event
        self.beside = ()
        self.under_way += 1
        if event.state_key is not None:
            self.pending[event.type, event.state_key] = event

    def break_(self) -> None:
        """What was built on this head did not last. Called from the writer's thread."""
        self.is_broken = True

    def published(self, entry: EventAdded) -> None:
        """An event of this room is committed: let readers see it."""
        placed = entry.placed
        if placed.pos <= self.pos:
            return
        self.pos = placed.pos
        event = placed.event
        if entry.is_foreign:
            self._stand_beside(event)
        if event.state_key is not None:
            key = (event.type, event.state_key)
            self.state[key] = placed
            if self.pending.get(key) is event:
                del self.pending[key]
            if event.type == "m.room.member":
                self._count_member(UserId(event.state_key), str(event.content["membership"]))
        if entry.emptied is not None and entry.emptied.state_key is not None:
            state = self.state.get((entry.emptied.type, entry.emptied.state_key))
            if state is not None and state.event == entry.emptied:
                state.empty(entry.emptied, event)
            elif state is not None:
                state.empty_replaced(entry.emptied)

    def _stand_beside(self, event: Event) -> None:  # 5
        left = [each for each in self.beside if each.event_id not in event.prev_events]
        if self.last.event_id in event.prev_events:
            self.last = event
        else:
            left.append(event)
        self.beside = tuple(left[-MOST_BESIDE:])

    def _count_member(self, user_id: UserId, membership: str) -> None:
        if membership == "join":
            self.joined.add(user_id)
        else:
            self.joined.discard(user_id)


def load(tx: Tx, room_id: RoomId) -> Head | None:
    """Read a room's head from the database."""
    row = tx.one(
        "SELECT r.version, c.pos, (SELECT MAX(e.pos) FROM events e WHERE e.room_id = r.room_id)"
        " FROM rooms r, clock c WHERE r.room_id = ?",
        room_id,
    )
    if row is None:
        return None
    version_id, pos, last_pos = row
    (last,) = events.newest(tx, room_id, 0, last_pos, 1)
    head = Head(room_id, KNOWN[version_id], last.event, pos)
    for placed in events.state_at(tx, room_id, pos):
        head.state[placed.event.type, placed.event.state_key or ""] = placed
    head.joined = {
        UserId(key)
        for (kind, key), placed in head.state.items()
        if kind == "m.room.member" and placed.event.content.get("membership") == "join"
    }
    return head


class Heads:
    """The rooms in use."""

    def __init__(self, engine: Engine, most_state_events: int) -> None:
        self._engine = engine
        self._most = most_state_events
        self._heads: OrderedDict[RoomId, Head] = OrderedDict()
        self._loading: dict[RoomId, asyncio.Task[Loaded]] = {}
        self._held = 0
        self._since_load: list[EventAdded] = []
        self.elsewhere = Elsewhere()

    def __len__(self) -> int:
        return len(self._heads)

    def peek(self, room_id: RoomId) -> Head | None:
        """The head, if it is in memory and sound."""
        head = self._heads.get(room_id)
        if head is None or head.is_broken:
            return None
        return head

    async def get(self, room_id: RoomId) -> Head | None:
        """The head of a room, loaded if need be; None if there is no such room."""
        head = self.peek(room_id)
        if head is not None:
            self._heads.move_to_end(room_id)
            return head
        task = self._loading.get(room_id) or self._begin([room_id])
        return (await asyncio.shield(task))[room_id]

    async def bring(self, room_ids: Sequence[RoomId]) -> None:
        """Have these in memory: those that are not come in one read."""
        missing = [r for r in room_ids if r not in self._loading and self.peek(r) is None]
        if missing:
            await asyncio.shield(self._begin(missing))

    def _begin(self, room_ids: list[RoomId]) -> asyncio.Task[Loaded]:
        task = asyncio.ensure_future(self._load(room_ids))
        self._loading.update(dict.fromkeys(room_ids, task))
        return task

    async def _load(self, room_ids: list[RoomId]) -> Loaded:
        try:
            loaded = await self._engine.read(lambda tx: {r: load(tx, r) for r in room_ids})
            for room_id, head in loaded.items():
                if head is not None:
                    for entry in self._since_load:
                        if entry.placed.event.room_id == room_id:
                            head.published(entry)
                    self._keep(head)
            return loaded
        finally:
            for room_id in room_ids:
                del self._loading[room_id]
            if not self._loading:
                self._since_load.clear()

    def add(self, head: Head) -> None:
        """A new room, made by this process."""
        self._keep(head)

    def drop(self, head: Head) -> None:
        """Forget a broken head."""
        if self._heads.get(head.room_id) is head:
            del self._heads[head.room_id]
            self._held -= len(head.state)

    def published(self, entry: EventAdded) -> None:
        """An event is committed: move its room's head, if it is in memory."""
        if self._loading:
            self._since_load.append(entry)
        head = self._heads.get(entry.placed.event.room_id)
        if head is None:
            return
        self._heads.move_to_end(head.room_id)
        before = len(head.state)
        head.published(entry)
        self._held += len(head.state) - before

    def _keep(self, head: Head) -> None:
        old = self._heads.pop(head.room_id, None)
        if old is not None:
            self._held -= len(old.state)
        self._heads[head.room_id] = head
        self._held += len(head.state)
        if self._held > self._most:
            self._let_go(head)

    def _let_go(self, kept: Head) -> None:
        for room_id, candidate in list(self._heads.items()):
            if self._held <= self._most or candidate is kept:
                break
            if not candidate.under_way:
                del self._heads[room_id]
                self._held -= len(candidate.state)
