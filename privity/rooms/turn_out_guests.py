"""A room that lets guests in no more turns out those who are in it.

Source: client-server API, "Guest Access", server behaviour.
"""

from __future__ import annotations

from privity.house import House
from privity.log import log
from privity.matrix.errors import Refused
from privity.matrix.ids import RoomId, UserId
from privity.rooms.place import Wanted, head_of, place
from privity.store import accounts


async def turn_out_guests(house: House, room_id: RoomId) -> None:
    """Have every guest leave, if the room does not say `can_join`. Who cannot is logged."""
    access = (await head_of(house, room_id)).get("m.room.guest_access", "")
    if access is not None and access.content.get("guest_access") == "can_join":
        return
    for user_id in await house.store.read(lambda tx: accounts.guests_in(tx, room_id)):
        await _turn_out(house, room_id, user_id)


async def _turn_out(house: House, room_id: RoomId, user_id: UserId) -> None:
    leaving = Wanted("m.room.member", user_id, {"membership": "leave"}, user_id)
    try:
        await place(house, room_id, lambda _: leaving)
    except Refused as refusal:
        log.warning("guest.stays", room_id=room_id, because=refusal.refuse.because)
