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
from privity.store.device_lists import Moved
from privity.store.events import Placed


@dataclass(slots=True)
class DeviceLists:
    """The two lists of a sync, and what else they tell."""

    changed: set[UserId] = field(default_factory=set)
    left: set[UserId] = field(default_factory=set)
    met: set[UserId] = field(default_factory=set)
    """Those of `changed` with whom they newly share a room."""


async def device_lists(house: House, asked: Asked, changes: Changes) -> DeviceLists:
    """The lists since the device's position. A first sync has none: the client asks for all."""
    lists = DeviceLists()
    if asked.is_first:
        return lists
    moved = changes.moved or await _moved(house, asked, changes.events or {})
    own = asked.person.user_id
    if own in changes.device_lists:
        lists.changed.add(own)
    candidates = changes.device_lists | moved.joined
    for user_id in (candidates | moved.left) - {own}:
        if not await share(house, asked, user_id):
            lists.left.update({user_id} & moved.left)
        elif user_id in candidates:
            lists.changed.add(user_id)
            lists.met.update({user_id} & moved.joined)
    return lists


async def _moved(house: House, asked: Asked, events: dict[RoomId, list[Placed]]) -> Moved:
    """Who came and went, as the new events tell it."""
    moved = Moved()
    for room_id, new in events.items():
        standing = asked.person.rooms.get(room_id)
        if standing is None:
            continue
        if standing.membership == "join":
            if standing.since > asked.since:
                moved.joined |= await _joined(house, room_id, asked.upto)
            for placed in new:
                _note_member(placed, moved.joined, moved.left)
        elif any(_leaves(placed, asked.person.user_id) for placed in new):
            moved.left |= await _joined(house, room_id, standing.since)
    return moved


def _leaves(placed: Placed, user_id: UserId) -> bool:
    """Whether this person was in the room until this event.

    Who declines an invitation was not, and learns nobody's name by it.
    """
    gone: set[UserId] = set()
    _note_member(placed, set(), gone)
    return user_id in gone


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


async def _joined(house: House, room_id: RoomId, upto: int) -> set[UserId]:
    """Who is in the room by an event of before this position."""
    head = house.store.heads.peek(room_id) or await house.store.heads.get(room_id)
    if head is None:
        return set()
    members = ((user_id, head.state.get(("m.room.member", user_id))) for user_id in head.joined)
    return {user_id for user_id, placed in members if placed and placed.pos <= upto}


async def share(house: House, asked: Asked, user_id: UserId) -> bool:
    """Whether they share a room now."""
    people = house.store.people
    other = people.peek(user_id) or await people.get(user_id)
    return not asked.person.joined.isdisjoint(other.joined)
