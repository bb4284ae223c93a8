"""People in use: where each stands in which room, kept in memory as the stream moves it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store.engine import Engine, Tx
from privity.store.events import Placed
from privity.store.streams import AccountDataSet

MOST_PEOPLE = 20_000
MOST_FORGOTTEN = 100


OBEYED = ("m.push_rules", "m.ignored_user_list", "m.invite_permission_config")
"""Account data that the server itself obeys."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in a room, and by which event.

    `pos` is where that event stands; `since` where this membership began, which a change of the
    name or avatar does not move.
    """

    membership: str
    event_id: EventId
    pos: int
    since: int


@dataclass(slots=True, eq=False)
class Person:
    """One person in memory. `push_rules` is the raw content of `m.push_rules`, or None."""

    user_id: UserId
    rooms: dict[RoomId, Standing] = field(default_factory=dict)
    joined: set[RoomId] = field(default_factory=set)
    push_rules: dict[str, Any] | None = None
    ignored: frozenset[UserId] = frozenset()
    wants_no_invitations: bool = False
    forgotten: dict[RoomId, Standing] = field(default_factory=dict)
    """The rooms that they forgot last: their devices still have to hear that they left those."""
    moves: int = 0
    """How often they came somewhere or went: to tell whether they did while one looked."""
    compiled: Any = None
    """What a follower made of `push_rules`; None when they changed."""

    def stands(self, room_id: RoomId, standing: Standing) -> None:
        """Their place in a room, from now on."""
        known = self.rooms.get(room_id)
        if known is not None and known.pos > standing.pos:
            return
        self.rooms[room_id] = standing
        self.forgotten.pop(room_id, None)
        self.moves += 1
        if standing.membership == "join":
            self.joined.add(room_id)
        else:
            self.joined.discard(room_id)


def load(tx: Tx, user_id: UserId) -> Person:
    """Read a person's rooms and the account data that the server itself obeys."""
    person = Person(user_id)
    for room_id, membership, event_id, pos, since in tx.all(
        "SELECT room_id, membership, event_id, pos, since FROM memberships"
        " WHERE user_id = ? AND forgotten = 0",
        user_id,
    ):
        person.stands(room_id, Standing(membership, event_id, pos, since))
    for room_id, membership, event_id, pos, since in tx.all(
        "SELECT room_id, membership, event_id, pos, since FROM memberships"
        f" WHERE user_id = ? AND forgotten = 1 ORDER BY since DESC LIMIT {MOST_FORGOTTEN}",
        user_id,
    ):
        person.forgotten[room_id] = Standing(membership, event_id, pos, since)
    for kind, content in tx.all(
        "SELECT type, content FROM account_data WHERE user_id = ? AND room_id = ''"
        f" AND type IN ({', '.join(f'{kind!r}' for kind in OBEYED)})",
        user_id,
    ):
        if kind == "m.push_rules":
            person.push_rules = orjson.loads(content)
        elif kind == "m.invite_permission_config":
            person.wants_no_invitations = orjson.loads(content).get("default_action") == "block"
        else:
            ignored = orjson.loads(content).get("ignored_users")
            person.ignored = frozenset(ignored) if isinstance(ignored, dict) else frozenset()
    return person


class People:
    """The people in use."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._people: OrderedDict[UserId, Person] = OrderedDict()
        self._loading: dict[UserId, asyncio.Task[Person]] = {}
        self._since_load: list[Placed | UserId] = []

    def __len__(self) -> int:
        return len(self._people)

    def peek(self, user_id: UserId) -> Person | None:
        """The person, if in memory."""
        return self._people.get(user_id)

    async def get(self, user_id: UserId) -> Person:
        """The person, loaded if need be. One who is in no room is an empty person."""
        person = self._people.get(user_id)
        if person is not None:
            self._people.move_to_end(user_id)
            return person
        task = self._loading.get(user_id)
        if task is None:
            task = asyncio.ensure_future(self._load(user_id))
            self._loading[user_id] = task
        return await asyncio.shield(task)

    async def _load(self, user_id: UserId) -> Person:
        try:
            while True:
                seen = len(self._since_load)
                person = await self._engine.read(lambda tx: load(tx, user_id))
                missed = self._since_load[seen:]
                if user_id not in missed:
                    break
            for placed in missed:
                if isinstance(placed, Placed) and placed.event.state_key == user_id:
                    self._move(person, placed)
            self._people[user_id] = person
            if len(self._people) > MOST_PEOPLE:
                self._people.popitem(last=False)
            return person
        finally:
            del self._loading[user_id]
            if not self._loading:
                self._since_load.clear()

    def published(self, placed: Placed) -> None:
        """An event is committed: if it is somebody's membership, move them."""
        event = placed.event
        if event.type != "m.room.member" or event.state_key is None:
            return
        if self._loading:
            self._since_load.append(placed)
        person = self._people.get(UserId(event.state_key))
        if person is not None:
            self._move(person, placed)

    def _move(self, person: Person, placed: Placed) -> None:
        event = placed.event
        membership = str(event.content["membership"])
        known = person.rooms.get(event.room_id)
        continues = known is not None and known.membership == membership
        since = known.since if known is not None and continues else placed.pos
        person.stands(event.room_id, Standing(membership, event.event_id, placed.pos, since))

    def account_data_set(self, entry: AccountDataSet) -> None:
        """Account data that the server obeys changed: read it anew when it is next wanted."""
        if entry.type not in OBEYED or entry.room_id is not None:
            return
        self.forget(entry.user_id)

    def forget(self, user_id: UserId) -> None:
        """What is kept of them is not so any more: read it anew when they are next wanted."""
        if self._loading:
            self._since_load.append(user_id)
        self._people.pop(user_id, None)
