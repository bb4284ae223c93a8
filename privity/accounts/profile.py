"""Set a field of one's profile."""

from __future__ import annotations

from privity.house import House
from privity.matrix.errors import Errcode, invalid_param, refused
from privity.matrix.ids import UserId
from privity.store import accounts, profiles
from privity.store.engine import WriteTx
from privity.store.profiles import NOBODY, Profile

LONGEST_BYTES = {"displayname": 255, "avatar_url": 1000}


async def set_field(house: House, user_id: UserId, name: str, value: str | None) -> Profile:
    """Set `displayname` or `avatar_url`; None takes it away. The profile as it is now.

    Errors: 400 M_PROFILE_TOO_LARGE, M_INVALID_PARAM for an avatar that is no `mxc://`.
    """
    if value is not None and len(value.encode()) > LONGEST_BYTES[name]:
        says = f"'{name}' has at most {LONGEST_BYTES[name]} bytes."
        raise refused(Errcode.PROFILE_TOO_LARGE, says, status=400)
    if value is not None and name == "avatar_url" and not value.startswith("mxc://"):
        message = "'avatar_url' begins with mxc://."
        raise invalid_param(message)

    def job(tx: WriteTx) -> Profile:
        accounts.set_profile(tx, user_id, name, value)
        accounts.tell_changed(tx, user_id)
        return profiles.of(tx, user_id) or NOBODY

    return await house.store.write(job)
