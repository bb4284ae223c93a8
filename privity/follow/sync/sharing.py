"""Whose device lists a person must hear of: of those they share a room with.

`changed`: their devices changed, or they newly share a room. `left`: they share none any more.
Source: client-server API, "Tracking the device list for a user".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from privity.follow.sync.changes import Changes
from privity.follow.sync.wanted import Asked
from privity.house import House
from privity.matrix.ids import RoomId, UserId
from privity.store.events import Placed


@dataclass(slots=True)
class DeviceLists:
    """The two lists of a sync."""

    changed: set[UserId] = field(default_factory=set)
    left: set[UserId] = field(default_factory=set)


async def device_lists(house: House, asked: Asked, changes: Changes) -> DeviceLists:
    """The lists since the device's position. A first sync has none: the client asks for all."""
    lists = DeviceLists()
    if asked.is_first:
        return lists
    may_have_left: set[UserId] = set()
    newly_shared: set[UserId] = set()
    for room_id, standing in asked.person.rooms.items():
        if asked.since < standing.since <= asked.upto:
            others = await _joined(house, room_id)
            (newly_shared if standing.membership == "join" else may_have_left).update(others)
    for room_id in asked.person.joined:
        for placed in (changes.events or {}).get(room_id, ()):
            _note_member(placed, newly_shared, may_have_left)
    own = asked.person.user_id
    if own in changes.device_lists:
        lists.changed.add(own)
    candidates = changes.device_lists | newly_shared
    for user_id in (candidates | may_have_left) - {own}:
        if not await _share(house, asked, user_id):
            lists.left.update({user_id} & may_have_left)
        elif user_id in candidates:
            lists.changed.add(user_id)
    return lists


def _note_member(placed: Placed, joined: set[UserId], left: set[UserId]) -> None:
    event = placed.event
    if event.type != "m.room.member" or event.state_key is None:
        return
    membership = event.content.get("membership")
    before = placed.replaced.content.get("membership") if placed.replaced else None
    if membership == "join" and before != "join":
        joined.add(UserId(event.state_key))
    elif membership in {"leave", "ban"} and before == "join":
        left.add(UserId(event.state_key))


async def _joined(house: House, room_id: RoomId) -> set[UserId]:
    head = house.store.heads.peek(room_id) or await house.store.heads.get(room_id)
    return set(head.joined) if head else set()


async def _share(house: House, asked: Asked, user_id: UserId) -> bool:
    people = house.store.people
    other = people.peek(user_id) or await people.get(user_id)
    return not asked.person.joined.isdisjoint(other.joined)
