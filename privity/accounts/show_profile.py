"""Show somebody's profile. Who is unknown may be one whom an application service is to make.

Source: client-server API, "Profiles"; application service API, "Querying".
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import UserId
from privity.service_road import make_user
from privity.store import profile_fields


async def show_profile(house: House, asker: UserId | str, user_id: UserId) -> dict[str, Any] | None:
    """All of it; None if there is nobody. `asker` is who is paced: a person or an address. 429."""
    profile = await house.store.read(lambda tx: profile_fields.whole(tx, user_id))
    if profile is not None or not house.services.of_user(user_id):
        return profile
    house.keep_pace(pace.ASK_SERVICE, asker)
    if not await make_user(house.services, house.road, user_id):
        return None
    return await house.store.read(lambda tx: profile_fields.whole(tx, user_id))
