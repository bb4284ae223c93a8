"""A room in short, for who may know of it, and the rooms that two people share.

Source: client-server API, `GET /room_summary/{roomIdOrAlias}` and "Mutual Rooms".
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import not_found
from privity.matrix.ids import RoomAlias, RoomId, UserId
from privity.rooms.find_by_alias import room_of_alias
from privity.rooms.preview import may_preview, summary_of


async def summarise(house: House, user_id: UserId, named: RoomId | RoomAlias) -> dict[str, Any]:
    """The room's summary with the person's own membership. 404 for a room that is none of theirs.

    Of an alias it is not told either whether it leads to a room that they may not know of.
    """
    house.keep_pace(pace.LOOK_AROUND, user_id)
    room_id: RoomId | None = RoomId(named)
    if named.startswith("#"):
        alias = RoomAlias(named)
        room_id = await room_of_alias(house, user_id, alias)
    head = await house.store.heads.get(room_id) if room_id is not None else None
    person = await house.store.people.get(user_id)
    if head is None or not may_preview(head, person):
        raise not_found("There is no such room.")
    standing = person.rooms.get(head.room_id)
    return {**summary_of(head), "membership": standing.membership if standing else "leave"}


async def shared_rooms(house: House, user_id: UserId, other_id: UserId) -> list[RoomId]:
    """The rooms that both are in now."""
    house.keep_pace(pace.LOOK_AROUND, user_id)
    people = house.store.people
    person, other = await people.get(user_id), await people.get(other_id)
    return sorted(person.joined & other.joined)
