"""Replace a room by one of another version.

1. Who may send `m.room.tombstone` in the room may.
2. The new room says which it replaced (`predecessor`), and is of the same type.
3. State that is not bound to who sent it is copied, the bans too; members are not: they come
   themselves, and find their settings (see `take_along`).
4. The power levels are copied by what they mean: creators of version 12 stand in no list, and in
   older versions they have what they had, 100. Who upgrades has what they need until all is
   copied.
5. The aliases and the place in the directory move, and the old room calls none its own any more.
6. The old room is ended: a tombstone, and nobody but moderators speaks or invites.
7. Open servers end the old room first, for the new one to name the tombstone; where that cannot be
   (version 12), it names no event. Here the new room is whole before the old one ends: what fails
   in between leaves people where they are.

Source: client-server API, "Room upgrades"; `POST /rooms/{roomId}/upgrade`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from privity.house import House
from privity.matrix.errors import Refused, forbidden, not_found
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.power_levels import creators_of
from privity.matrix.versions import RoomVersion
from privity.rooms.create import Creation, InitialState, create, new_room_id, version_of
from privity.rooms.place import Wanted, head_of, place
from privity.rooms.sight import must_be_joined
from privity.rooms.take_along import take_along
from privity.store import rooms
from privity.store.heads import Head

TOMBSTONE = "m.room.tombstone"
POWER_LEVELS = "m.room.power_levels"
ALIAS = "m.room.canonical_alias"
COPIED = (
    "m.room.server_acl",
    "m.room.encryption",
    "m.room.name",
    "m.room.avatar",
    "m.room.topic",
    "m.room.guest_access",
    "m.room.history_visibility",
    "m.room.join_rules",
    ALIAS,
)
NOT_COPIED = frozenset({"creator", "room_version", "additional_creators", "predecessor"})
MODERATOR = 50
CREATOR = 100


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a client asks for."""

    room_id: RoomId
    version: str
    additional_creators: tuple[UserId, ...] = ()


async def upgrade(house: House, user_id: UserId, asked: Upgrade) -> RoomId:
    """Do so; the new room. Errors: 400 M_UNSUPPORTED_ROOM_VERSION, 403 M_FORBIDDEN.

    On an open server, 404 M_NOT_FOUND for a room that is not there.
    """
    if house.config.is_open and await house.store.heads.get(asked.room_id) is None:
        raise not_found("There is no such room.")
    old = await must_be_joined(house, user_id, asked.room_id)
    version = version_of(house, asked.version)
    levels = old.levels
    needed = levels.events.get(TOMBSTONE, levels.state_default)
    if levels.of(user_id) < needed:  # 1
        raise forbidden("You may not upgrade this room.", because="no power for a tombstone")
    creation = _creation(user_id, asked, old, version)
    if house.config.is_open:  # 7
        new_id = await _as_open_servers(house, user_id, old, creation, version)
    else:
        new_id = await create(house, user_id, creation)
        await _tell_end(house, user_id, old, new_id)
    await _quieten(house, user_id, old)
    await house.store.write(lambda tx: rooms.move(tx, old.room_id, new_id))  # 5
    await take_along(house, user_id, await head_of(house, new_id))
    return new_id


def _creation(user_id: UserId, asked: Upgrade, old: Head, version: RoomVersion) -> Creation:
    before = old.create.content if old.create else {}
    content = {name: value for name, value in before.items() if name not in NOT_COPIED}
    content["predecessor"] = {"room_id": old.room_id, "event_id": old.last.event_id}  # 2
    if version.privileged_creators and asked.additional_creators:
        content["additional_creators"] = list(dict.fromkeys(asked.additional_creators))
    levels = _levels(user_id, asked, old, version)  # 4
    enough = _with_enough(user_id, levels, version)
    state = [InitialState(kind, "", event.content) for kind in COPIED if (event := old.get(kind))]
    state += [  # 3
        InitialState("m.room.member", key, {"membership": "ban"})
        for (kind, key), placed in old.state.items()
        if kind == "m.room.member" and placed.event.content.get("membership") == "ban"
    ]
    if enough != levels:
        state.append(InitialState(POWER_LEVELS, "", levels))
    return Creation(
        version=version.id, content=content, initial_state=tuple(state), power_levels=enough
    )


def _levels(user_id: UserId, asked: Upgrade, old: Head, version: RoomVersion) -> dict[str, Any]:
    event = old.get(POWER_LEVELS)
    if event is None:
        return {}
    levels = dict(event.content)
    users = dict(levels.get("users") or {})
    if version.privileged_creators:
        for creator in (user_id, *asked.additional_creators):
            users.pop(creator, None)
        events = dict(levels.get("events") or {})
        above = max(150, levels.get("state_default", MODERATOR) + 1)
        levels["events"] = {**events, TOMBSTONE: max(events.get(TOMBSTONE, 0), above)}
    elif old.version.privileged_creators:
        users.update(dict.fromkeys(creators_of(old.create, old.version), CREATOR))
    return {**levels, "users": users}


def _with_enough(user_id: UserId, levels: dict[str, Any], version: RoomVersion) -> dict[str, Any]:
    """The levels, in which who upgrades may send all that is copied."""
    if version.privileged_creators or not levels:
        return levels
    named = (levels.get("events") or {}).values()
    needed = max((levels.get("state_default", MODERATOR), levels.get("ban", MODERATOR), *named))
    users = levels["users"]
    has = users.get(user_id, levels.get("users_default", 0))
    return levels if has >= needed else {**levels, "users": {**users, user_id: needed}}


async def _as_open_servers(
    house: House, user_id: UserId, old: Head, creation: Creation, version: RoomVersion
) -> RoomId:
    predecessor: dict[str, str] = {"room_id": old.room_id}
    content = {**creation.content, "predecessor": predecessor}
    if version.room_id_is_create_hash:
        new_id = await create(house, user_id, replace(creation, content=content))
        await _tell_end(house, user_id, old, new_id)
        return new_id
    new_id = new_room_id(house)
    predecessor["event_id"] = await _tell_end(house, user_id, old, new_id)
    return await create(house, user_id, replace(creation, content=content, room_id=new_id))


async def _tell_end(house: House, user_id: UserId, old: Head, new_id: RoomId) -> EventId:
    said = {"body": "This room has been replaced.", "replacement_room": new_id}
    tombstone = Wanted(TOMBSTONE, user_id, said, "")
    return (await place(house, old.room_id, lambda _: tombstone)).event_id


async def _quieten(house: House, user_id: UserId, old: Head) -> None:  # 6
    named = old.get(ALIAS)
    if named is not None and named.content:  # 5
        await _if_possible(house, old, Wanted(ALIAS, user_id, {}, ""))
    event = old.get(POWER_LEVELS)
    before = dict(event.content) if event is not None else {}
    quiet = max(MODERATOR, before.get("users_default", 0) + 1)
    after = {
        **before,
        "events_default": max(before.get("events_default", 0), quiet),
        "invite": max(before.get("invite", 0), quiet),
    }
    if event is not None and after != before:
        await _if_possible(house, old, Wanted(POWER_LEVELS, user_id, after, ""))


async def _if_possible(house: House, old: Head, wanted: Wanted) -> None:
    try:
        await place(house, old.room_id, lambda _: wanted)
    except Refused:
        return
