"""Set a field of one's profile: a name of visible characters, a picture of this kind of server."""

from __future__ import annotations

import re

from privity.house import House
from privity.matrix.errors import Errcode, invalid_param, refused
from privity.matrix.ids import UserId
from privity.store import accounts, profiles
from privity.store.engine import WriteTx
from privity.store.profiles import NOBODY, Profile

LONGEST_BYTES = {"displayname": 255, "avatar_url": 1000}
_SHAPES = {
    "displayname": (re.compile(r"[^\x00-\x1f\x7f-\x9f]+"), "holds no control characters"),
    "avatar_url": (re.compile(r"mxc://[0-9A-Za-z.:\[\]-]+/[0-9A-Za-z_-]+"), "is mxc://server/id"),
}


async def set_field(house: House, user_id: UserId, name: str, value: str | None) -> Profile:
    """Set `displayname` or `avatar_url`; None takes it away. The profile as it is now.

    Errors: 400 M_PROFILE_TOO_LARGE, M_INVALID_PARAM.
    """
    if value is not None:
        _check(name, value)

    def job(tx: WriteTx) -> Profile:
        accounts.set_profile(tx, user_id, name, value)
        accounts.tell_changed(tx, user_id)
        return profiles.of(tx, user_id) or NOBODY

    return await house.store.write(job)


def _check(name: str, value: str) -> None:
    if len(value.encode()) > LONGEST_BYTES[name]:
        says = f"'{name}' has at most {LONGEST_BYTES[name]} bytes."
        raise refused(Errcode.PROFILE_TOO_LARGE, says, status=400)
    shape, rule = _SHAPES[name]
    if not shape.fullmatch(value):
        raise invalid_param(f"'{name}' {rule}.")
