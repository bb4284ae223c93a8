"""What an application service hears of the stream, in its order.

1. An event in a room that one of its people is in, by the room's state just before the event or
   after it; an event about one of them (their membership).
2. Every event in a room that its namespaces of rooms hold, or that has an alias of its namespaces.
3. If it asked for them (`receive_ephemeral`): receipts and typing in these rooms, and the presence
   of its people and of whoever shares a room with them. A private receipt only of its own people.
4. If it asked for it (`org.matrix.msc3202`): what its people's devices need (`crypto.py`).

Who was in which room is known as of the position that was looked up to, not as of now: a service
that was away hears what it would have heard.

Source: application service API, "Registration", "Pushing events", "Pushing ephemeral data".
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from privity.follow.services import crypto
from privity.follow.services.crypto import Crypto
from privity.follow.sync.recent import Recent
from privity.follow.sync.rendering import receipts_of
from privity.house import House
from privity.matrix.app_services import AppService
from privity.matrix.ids import RoomAlias, RoomId, UserId
from privity.rooms.presence import content_of
from privity.store import events, rooms, streams
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.streams import (
    DeviceListChanged,
    Entry,
    EventAdded,
    MessageQueued,
    OneTimeKeysChanged,
    PresenceSet,
    ReceiptMoved,
)

MOST_ROOMS = 10_000
MOST_EVENTS = 100
MOST_POSITIONS = 200
SHORT_LIVED = (ReceiptMoved, PresenceSet)
OF_KEYS = (MessageQueued, OneTimeKeysChanged, DeviceListChanged)

Json = dict[str, Any]


@dataclass(slots=True)
class Heard:
    """What a service hears of the stream up to a position."""

    upto: int
    events: list[Placed] = field(default_factory=list)
    ephemeral: list[Json] = field(default_factory=list)
    crypto: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read: what happened, and of rooms that were not known, how they were before."""

    events: list[Placed]
    short: list[Entry]
    crypto: Crypto
    inside: dict[RoomId, set[UserId]]
    aliases: dict[RoomId, list[RoomAlias]]


def _rooms_of(happened: list[Placed], short: list[Entry], typed: list[RoomId]) -> set[RoomId]:
    receipts = (each.room_id for each in short if isinstance(each, ReceiptMoved))
    return {placed.event.room_id for placed in happened}.union(typed, receipts)


class Interest:
    """What one service hears; who of its people is in which room, as of where it looked up to.

    A service that keeps up is fed from memory: nothing is read for it.
    """

    def __init__(self, house: House, recent: Recent, service: AppService) -> None:
        self._house = house
        self._recent = recent
        self._service = service
        self._inside: OrderedDict[RoomId, set[UserId]] = OrderedDict()

    def forget(self) -> None:
        """Where it looked up to is not where it goes on."""
        self._inside.clear()

    async def look(self, since: int, upto: int, typing: Iterable[RoomId] = ()) -> Heard:
        """What it hears of `since < pos`, up to `upto` or less; and who is typing where now."""
        upto = min(upto, since + MOST_POSITIONS)
        typed = list(typing)
        known = self._recent.between(since, upto)
        read = None if known is None else self._in_memory(known, typed)
        if read is None:
            read = await self._house.store.read(
                lambda tx: self._read(tx, since, upto, known, typed)
            )
        for room_id, people in read.inside.items():
            self._inside[room_id] = people
        heard = Heard(upto)
        for placed in read.events:
            if self._hears(placed, read.aliases):
                heard.events.append(placed)
            if len(heard.events) == MOST_EVENTS:
                heard.upto = placed.pos
                break
        if self._service.wants_ephemeral:
            heard.ephemeral = await self._ephemeral(read, heard.upto, typed)
        if self._service.wants_crypto:
            changed = [
                user_id
                for user_id, seen_by in read.crypto.changed
                if (seen_by is None or self._is_its_own(seen_by)) and await self._knows(user_id)
            ]
            heard.crypto = crypto.told(read.crypto, heard.upto, changed)
        while len(self._inside) > MOST_ROOMS:
            self._inside.popitem(last=False)
        return heard

    def _in_memory(self, known: list[Entry], typed: list[RoomId]) -> _Read | None:
        """What happened, if nothing of it has to be looked up in the database."""
        if self._service.wants_crypto and any(isinstance(each, OF_KEYS) for each in known):
            return None
        happened, short = self._sorted(known)
        wanted = _rooms_of(happened, short, typed)
        if wanted and (self._service.aliases or not wanted <= self._inside.keys()):
            return None
        return _Read(happened, short, Crypto(), {}, {})

    def _sorted(self, known: list[Entry]) -> tuple[list[Placed], list[Entry]]:
        happened = [each.placed for each in known if isinstance(each, EventAdded)]
        if not self._service.wants_ephemeral:
            return happened, []
        return happened, [each for each in known if isinstance(each, SHORT_LIVED)]

    def _read(
        self, tx: Tx, since: int, upto: int, known: list[Entry] | None, typed: list[RoomId]
    ) -> _Read:
        if known is not None:
            happened, short = self._sorted(known)
        else:
            happened, short = events.between(tx, since, upto), []
            if self._service.wants_ephemeral:
                short = streams.newest(tx, since, upto, SHORT_LIVED)
        wanted = _rooms_of(happened, short, typed)
        inside = {
            room_id: self._people_in(tx, room_id, since)
            for room_id in wanted
            if room_id not in self._inside
        }
        named = wanted if self._service.aliases else ()
        aliases = {room_id: rooms.aliases_of(tx, room_id) for room_id in named}
        keys = crypto.read(tx, self._house.services, self._service, since, upto)
        return _Read(happened, short, keys, inside, aliases)

    def _people_in(self, tx: Tx, room_id: RoomId, pos: int) -> set[UserId]:
        return {
            UserId(placed.event.state_key)
            for placed in events.state_at(tx, room_id, pos, "m.room.member")
            if placed.event.state_key is not None
            and placed.event.content.get("membership") == "join"
            and self._is_its_own(UserId(placed.event.state_key))
        }

    def _is_its_own(self, user_id: UserId) -> bool:
        return self._house.services.speaks_for(self._service, user_id)

    def _hears(self, placed: Placed, aliases: dict[RoomId, list[RoomAlias]]) -> bool:
        event = placed.event
        room_id = event.room_id
        inside = self._inside.setdefault(room_id, set())
        self._inside.move_to_end(room_id)
        hears = bool(inside)  # 1
        if event.type == "m.room.member" and event.state_key is not None:
            user_id = UserId(event.state_key)
            if self._is_its_own(user_id):
                hears = True
                is_in = event.content.get("membership") == "join"
                (inside.add if is_in else inside.discard)(user_id)
        return hears or self._hears_room(room_id, aliases)

    def _hears_room(self, room_id: RoomId, aliases: dict[RoomId, list[RoomAlias]]) -> bool:  # 2
        return self._house.services.hears_room(self._service, room_id, aliases.get(room_id, ()))

    async def _ephemeral(self, read: _Read, upto: int, typed: list[RoomId]) -> list[Json]:  # 3
        heard: list[Json] = []
        moved: dict[RoomId, list[ReceiptMoved]] = defaultdict(list)
        for each in read.short:
            if each.pos > upto:
                continue
            if isinstance(each, PresenceSet):
                if await self._knows(each.user_id):
                    content = content_of(self._house, each)
                    heard.append({"type": "m.presence", "sender": each.user_id, "content": content})
            elif isinstance(each, ReceiptMoved) and self._hears_receipt(each, read):
                moved[each.room_id].append(each)
        for room_id, receipts in moved.items():
            heard += [
                {"type": "m.receipt", "room_id": room_id, "content": content}
                for content in receipts_of(receipts)
            ]
        for room_id in typed:
            typists = self._house.store.typing.in_room(room_id, 0)
            if typists is not None and self._hears_of_room(room_id, read):
                content = {"user_ids": typists}
                heard.append({"type": "m.typing", "room_id": room_id, "content": content})
        return heard

    def _hears_receipt(self, receipt: ReceiptMoved, read: _Read) -> bool:
        if receipt.is_private and not self._is_its_own(receipt.user_id):
            return False
        return self._hears_of_room(receipt.room_id, read)

    def _hears_of_room(self, room_id: RoomId, read: _Read) -> bool:
        return bool(self._inside.get(room_id)) or self._hears_room(room_id, read.aliases)

    async def _knows(self, user_id: UserId) -> bool:
        """Whether somebody is one of its people, or shares a room with one."""
        if self._is_its_own(user_id):
            return True
        person = await self._house.store.people.get(user_id)
        for room_id in list(person.joined):
            head = await self._house.store.heads.get(room_id)
            if head is not None and any(self._is_its_own(member) for member in head.joined):
                return True
        return False
