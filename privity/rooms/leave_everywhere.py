"""Somebody whose account ends leaves every room, and every invitation."""

from __future__ import annotations

from privity.house import House
from privity.log import log
from privity.matrix.errors import Refused
from privity.matrix.ids import UserId
from privity.rooms.place import Wanted, place

LEAVABLE = frozenset({"join", "invite", "knock"})


async def leave_everywhere(house: House, user_id: UserId) -> None:
    """Leave room by room. One that refuses is logged and the next is left."""
    person = await house.store.people.get(user_id)
    leaving = Wanted("m.room.member", user_id, {"membership": "leave"}, user_id)
    for room_id, standing in sorted(person.rooms.items()):
        if standing.membership not in LEAVABLE:
            continue
        try:
            await place(house, room_id, lambda _: leaving)
        except Refused as refusal:
            log.warning("leave.refused", room_id=room_id, because=refusal.refuse.because)
