"""A connection: what a device has been given of which room, so that it is given the rest.

1. A room is live as long as everything new in it was given with each answer: then nothing need be
   remembered but that. A room that had news while it was out of view is remembered with the
   position up to which the device has it.
2. A version of this is kept when it changes, not with each answer. The device names the version
   in its `pos`; that one and the one after it are kept, so that a lost answer can be given again.
3. It is in the database, for the next request may come to another process. What is in memory
   spares the reading; members that were given lazily are in memory only, and come once more
   elsewhere. They count as given once the device names the answer that they came with.
4. A version is a random number: the `pos` of one device or connection is none of another's.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import orjson

from privity.follow.sliding.wanted import RoomConfig, StateWanted
from privity.house import House
from privity.matrix.ids import EventId, RoomId
from privity.matrix.tokens import BadToken, SyncToken, parse_sync
from privity.store import sliding
from privity.store.sliding import Key

LIVE = 0
MOST_IN_MEMORY = 2000
_POS = re.compile(r"([0-9]{1,15})/(s[0-9_]{1,60})")

Members = dict[RoomId, dict[str, EventId]]


@dataclass(frozen=True, slots=True)
class GivenRoom:
    """What the device has of a room: all up to `pos` (`LIVE`: all there is), by this config."""

    pos: int
    config: RoomConfig
    is_dm: bool = False


@dataclass(slots=True)
class Connection:
    """A version of a connection, as one request finds it and may change it.

    `members` are the members that the device was given lazily; `more` those of this answer.
    """

    key: Key
    version: int | None
    rooms: dict[RoomId, GivenRoom] = field(default_factory=dict)
    members: Members = field(default_factory=dict)
    more: Members = field(default_factory=dict)
    is_changed: bool = False

    def give(self, room_id: RoomId, config: RoomConfig, *, is_dm: bool) -> None:
        """The device has everything of this room now."""
        self._set(room_id, _live(config, is_dm))

    def keep_up(self, room_id: RoomId) -> None:
        """The device has everything of this room again, and asks for no more than before."""
        given = self.rooms.get(room_id)
        if given is not None and given.pos != LIVE:
            self._set(room_id, _live(given.config, given.is_dm))

    def miss(self, room_id: RoomId, since: int) -> None:
        """Something is new in the room that the device is not given: it has it up to `since`."""
        given = self.rooms.get(room_id)
        if given is not None and given.pos == LIVE:
            self._set(room_id, replace(given, pos=since))

    def forget(self, room_id: RoomId) -> None:
        """The room is none of the person's any more."""
        if self.rooms.pop(room_id, None) is not None:
            self.is_changed = True

    def has_member(self, room_id: RoomId, user_id: str, event_id: EventId) -> bool:
        """Whether the device was given this member."""
        return self.members.get(room_id, {}).get(user_id) == event_id

    def _set(self, room_id: RoomId, given: GivenRoom) -> None:
        if self.rooms.get(room_id) != given:
            self.rooms[room_id] = given
            self.is_changed = True


@lru_cache(maxsize=1000)
def _live(config: RoomConfig, is_dm: bool) -> GivenRoom:  # noqa: FBT001 - a value of the cache
    return GivenRoom(LIVE, config, is_dm)


def parse_pos(raw: str) -> tuple[int, SyncToken] | None:
    """The version and the position that a `pos` names; None if it is none of ours."""
    match = _POS.fullmatch(raw)
    try:
        return (int(match[1]), parse_sync(match[2])) if match else None
    except BadToken:
        return None


@dataclass(slots=True)
class _Kept:
    """A connection in memory. `more` were given with the answer that ended at `pos`."""

    versions: dict[int, dict[RoomId, GivenRoom]] = field(default_factory=dict)
    members: Members = field(default_factory=dict)
    more: Members = field(default_factory=dict)
    pos: str | None = None


class Connections:
    """The connections of this process's devices."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    async def open(self, key: Key, pos: str | None, version: int | None) -> Connection | None:
        """The connection as of a version, or a new one. None if that version is not known."""
        if version is None:
            return Connection(key, None)
        rooms = self._kept[key].versions.get(version) if key in self._kept else None
        if rooms is None:
            raw = await self._house.store.read(lambda tx: sliding.state_of(tx, key, version))
            if raw is None:
                return None
            rooms = _decoded(raw)
            self._of(key).versions[version] = rooms
        kept = self._of(key)
        if kept.more and kept.pos == pos:
            for room_id, members in kept.more.items():
                kept.members.setdefault(room_id, {}).update(members)
        kept.more, kept.pos = {}, None
        return Connection(key, version, dict(rooms), kept.members)

    async def close(self, connection: Connection, since: SyncToken) -> str:
        """Keep what changed; the `pos` that the device is to name next."""
        key, version = connection.key, connection.version
        if version is None:
            self._kept.pop(key, None)
        if version is None or connection.is_changed:
            version = await self._keep(connection)
        kept, pos = self._of(key), f"{version}/{since}"
        kept.more, kept.pos = connection.more, pos
        return pos

    async def _keep(self, connection: Connection) -> int:
        key, since, now_ms = connection.key, connection.version, self._house.clock.now_ms()
        state = _encoded(connection.rooms)
        version = await self._house.store.write(
            lambda tx: sliding.keep(tx, key, since, now_ms, state)
        )
        versions = self._of(key).versions
        for old in versions.keys() - {since}:
            del versions[old]
        versions[version] = connection.rooms
        return version

    def _of(self, key: Key) -> _Kept:
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_IN_MEMORY:
            self._kept.popitem(last=False)
        return kept


def _encoded(rooms: dict[RoomId, GivenRoom]) -> bytes:
    configs: dict[RoomConfig, int] = {}
    told = {
        room_id: [given.pos, configs.setdefault(given.config, len(configs)), given.is_dm]
        for room_id, given in rooms.items()
    }
    listed = [
        [
            config.timeline_limit,
            [[sorted(each.include), sorted(each.exclude), each.is_lazy] for each in config.state],
        ]
        for config in configs
    ]
    return orjson.dumps({"configs": listed, "rooms": told})


def _decoded(raw: bytes) -> dict[RoomId, GivenRoom]:
    kept: dict[str, Any] = orjson.loads(raw)
    configs = [
        RoomConfig(limit, frozenset(_state(*each) for each in state))
        for limit, state in kept["configs"]
    ]
    return {
        RoomId(room_id): GivenRoom(pos, configs[number], is_dm)
        for room_id, (pos, number, is_dm) in kept["rooms"].items()
    }


def _state(include: list[list[str]], exclude: list[list[str]], is_lazy: bool) -> StateWanted:  # noqa: FBT001 - as it was kept
    return StateWanted(
        frozenset((kind, key) for kind, key in include),
        frozenset((kind, key) for kind, key in exclude),
        is_lazy,
    )
