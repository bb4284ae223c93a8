"""Find the room of an alias. One that is unknown may be one that an application service is to make.

Source: client-server API, "Room aliases"; application service API, "Querying".
"""

from __future__ import annotations

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import RoomAlias, RoomId, UserId
from privity.service_road import make_alias
from privity.store import rooms


async def room_of_alias(house: House, asker: UserId | str, alias: RoomAlias) -> RoomId | None:
    """The room. `asker` is who is paced where a service is asked: a person or an address. 429."""
    room_id = await house.store.read(lambda tx: rooms.of_alias(tx, alias))
    if room_id is not None or not house.services.of_alias(alias):
        return room_id
    house.keep_pace(pace.ASK_SERVICE, asker)
    if not await make_alias(house.services, house.road, alias):
        return None
    return await house.store.read(lambda tx: rooms.of_alias(tx, alias))
