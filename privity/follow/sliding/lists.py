"""Which rooms a request wants to hear of: those in the windows of its lists, and its subscriptions.

1. The person's rooms stand in the order of what last happened in them; where the person is not
   (an invitation, a removal), of when that came about.
2. Rooms that they left themselves stand there only if the device has them from before; rooms that
   others had them leave always, unless they had never been in them.
3. Invitations that the person does not take, or of people whom they ignore, stand in no list and
   cannot be subscribed to.
4. A room in several lists is told as the one who wants the most of it would have it.

Source: MSC4186, "Lists and subscriptions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privity.follow.sliding.activity import Activity
from privity.follow.sliding.marks import Marks
from privity.follow.sliding.wanted import RoomConfig, SlidingWanted
from privity.house import House
from privity.matrix.ids import RoomId
from privity.store.activity import Active
from privity.store.people import Person, Standing

NOT_IN = {"leave", "ban"}


@dataclass(frozen=True, slots=True)
class Interest:
    """Why a room is wanted, and how much of it."""

    config: RoomConfig
    lists: tuple[str, ...]
    is_subscribed: bool

    def asks_for_more_than(self, before: RoomConfig) -> bool:
        """Whether more of the room is wanted than it was before."""
        config = self.config
        return config is not before and (
            config.timeline_limit > before.timeline_limit or not config.state <= before.state
        )


@dataclass(frozen=True, slots=True)
class Wants:
    """The rooms that a request wants to hear of, and how long each of its lists is."""

    interests: dict[RoomId, Interest]
    counts: dict[str, int]
    active: Mapping[RoomId, Active]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One person's rooms, and what their lists are made by."""

    house: House
    person: Person
    marks: Marks
    given: frozenset[RoomId]
    upto: int


async def wants(shelf: Shelf, wanted: SlidingWanted, activity: Activity) -> Wants:
    """Look through the lists and the subscriptions."""
    rooms = shelf.person.rooms
    seen = [room_id for room_id, standing in rooms.items() if standing.since <= shelf.upto]
    active = await activity.of(seen)
    seen = [room_id for room_id in seen if room_id in active]
    for room_id in [room_id for room_id in seen if rooms[room_id].membership == "invite"]:
        if await _is_unwanted(shelf, room_id):
            seen.remove(room_id)
    listed = [room_id for room_id in seen if _is_listed(shelf, room_id, rooms[room_id])]
    listed.sort(key=lambda room_id: _at(rooms[room_id], active[room_id]), reverse=True)
    interests: dict[RoomId, Interest] = {}
    counts: dict[str, int] = {}
    for name, each in wanted.lists.items():
        kept = await _filtered(shelf, listed, each.filters, active) if each.filters else listed
        counts[name] = len(kept)
        for index, room_id in enumerate(kept):
            if each.shows(index):
                interests[room_id] = _more(interests.get(room_id), each.config, name)
    known = set(seen)
    for room_id, config in wanted.subscriptions.items():
        if room_id in known:
            interests[room_id] = _more(interests.get(room_id), config, None)
    return Wants(interests, counts, active)


def _is_listed(shelf: Shelf, room_id: RoomId, standing: Standing) -> bool:  # 2
    return (
        standing.membership not in NOT_IN
        or room_id in shelf.given
        or room_id in shelf.marks.removed_from
    )


def _at(standing: Standing, active: Active) -> int:  # 1
    return active.pos if standing.membership == "join" else standing.pos


def _more(known: Interest | None, config: RoomConfig, name: str | None) -> Interest:  # 4
    lists = () if name is None else (name,)
    if known is None:
        return Interest(config, lists, name is None)
    together = known.config if known.config == config else known.config.together(config)
    return Interest(together, known.lists + lists, known.is_subscribed or name is None)


async def _is_unwanted(shelf: Shelf, room_id: RoomId) -> bool:  # 3
    person = shelf.person
    if person.wants_no_invitations:
        return True
    if not person.ignored:
        return False
    head = await shelf.house.store.heads.get(room_id)
    own = head.state.get(("m.room.member", person.user_id)) if head else None
    return own is not None and own.event.sender in person.ignored


async def _filtered(
    shelf: Shelf, rooms: list[RoomId], filters: Mapping[str, Any], active: Mapping[RoomId, Active]
) -> list[RoomId]:
    """The rooms that a list's filters let through. Source: MSC4186, SlidingRoomFilter."""
    standings, marks = shelf.person.rooms, shelf.marks
    is_invited = filters.get("is_invited", filters.get("is_invite"))
    in_spaces = await _in_spaces(shelf, filters["spaces"]) if _is_list(filters, "spaces") else None
    tags, not_tags = _strings(filters, "tags"), _strings(filters, "not_tags")
    kinds = filters["room_types"] if _is_list(filters, "room_types") else None
    not_kinds = filters["not_room_types"] if _is_list(filters, "not_room_types") else ()

    def passes(room_id: RoomId) -> bool:
        own_tags = marks.tags.get(room_id, frozenset())
        is_invitation = standings[room_id].membership == "invite"
        return (
            _agrees(filters.get("is_dm"), is_so=room_id in marks.direct)
            and _agrees(filters.get("is_encrypted"), is_so=active[room_id].is_encrypted)
            and _agrees(is_invited, is_so=is_invitation)
            and (in_spaces is None or room_id in in_spaces)
            and (kinds is None or active[room_id].kind in kinds)
            and active[room_id].kind not in not_kinds
            and (tags is None or not tags.isdisjoint(own_tags))
            and (not_tags is None or not_tags.isdisjoint(own_tags))
        )

    return [room_id for room_id in rooms if passes(room_id)]


def _agrees(wish: object, *, is_so: bool) -> bool:
    return wish is None or wish is is_so


def _is_list(filters: Mapping[str, Any], name: str) -> bool:
    return isinstance(filters.get(name), list)


def _strings(filters: Mapping[str, Any], name: str) -> frozenset[str] | None:
    if not _is_list(filters, name):
        return None
    return frozenset(each for each in filters[name] if isinstance(each, str))


async def _in_spaces(shelf: Shelf, spaces: list[Any]) -> set[str]:
    """The rooms that stand in one of these spaces, as far as the person is in them."""
    found: set[str] = set()
    for space in spaces:
        if not isinstance(space, str) or space not in shelf.person.joined:
            continue
        head = await shelf.house.store.heads.get(RoomId(space))
        if head is not None:
            found |= {
                key
                for (kind, key), placed in head.state.items()
                if kind == "m.space.child" and placed.event.content.get("via")
            }
    return found
