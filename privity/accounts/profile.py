"""Set a field of one's profile: a name of visible characters, a picture of this kind of server, ...

1. By default a profile has a display name, an avatar and a time zone. Any other field would be
   words in clear for everybody to read (threat `plaintext`); where the operator said
   `unsafe_allow_plaintext`, there may be any, of any JSON.
2. A field's name is of the common namespaced grammar, at most 255 bytes; a profile is less than
   64 KiB.
3. The name and the avatar are shown in every room, and the caller has them shown there. No other
   field is: others ask for it.

Source: client-server API, "Profiles", "m.profile_fields capability".
"""

from __future__ import annotations

import re
from typing import Any

from privity.config import Config
from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json
from privity.matrix.canonical_json import BadJson
from privity.matrix.errors import Errcode, Refused, bad_json, forbidden, invalid_param, refused
from privity.matrix.ids import UserId
from privity.store import accounts, profile_fields, profiles
from privity.store.engine import WriteTx
from privity.store.profiles import NOBODY, Profile

NAME, AVATAR, TIME_ZONE = "displayname", "avatar_url", "m.tz"
SAFE = (NAME, AVATAR, TIME_ZONE)
IN_ROOMS = (NAME, AVATAR)
LONGEST_KEY_BYTES = 255
LARGEST_BYTES = 64 * 1024
_LONGEST_BYTES = {NAME: 255, AVATAR: 1000, TIME_ZONE: 64}
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_SHAPES = {
    NAME: (re.compile(r"[^\x00-\x1f\x7f-\x9f]+"), "holds no control characters"),
    AVATAR: (re.compile(r"mxc://[0-9A-Za-z.:\[\]-]+/[0-9A-Za-z_-]+"), "is mxc://server/id"),
    TIME_ZONE: (re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}"), "is a name like Asia/Tokyo"),
}


def check_key(config: Config, key: str) -> None:
    """400 M_KEY_TOO_LARGE, 400 M_INVALID_PARAM or 403 M_FORBIDDEN for no field that may be set."""
    if len(key.encode()) > LONGEST_KEY_BYTES:  # 2
        says = f"A field's name has at most {LONGEST_KEY_BYTES} bytes."
        raise refused(Errcode.KEY_TOO_LARGE, says, status=400)
    if key in SAFE:
        return
    if not _KEY.fullmatch(key):  # 2
        raise invalid_param("This is no name of a profile field.")
    if not config.unsafe_allow_plaintext:  # 1
        raise forbidden("A profile has a display name, an avatar and a time zone here.")


async def set_field(house: House, user_id: UserId, name: str, value: str | None) -> Profile:
    """Set `displayname` or `avatar_url`; None takes it away. The profile as it is now.

    Errors: 400 M_PROFILE_TOO_LARGE, M_INVALID_PARAM.
    """
    if value is not None and not (name == AVATAR and house.config.is_open):
        _check(name, value)

    def job(tx: WriteTx) -> Profile:
        accounts.set_profile(tx, user_id, name, value)
        accounts.tell_changed(tx, user_id)
        _check_whole(tx, user_id)
        return profiles.of(tx, user_id) or NOBODY

    return await house.store.write(job)


async def set_other_field(house: House, user_id: UserId, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Set any other field. Errors: those of `set_field`, 400 M_BAD_JSON, 403 M_FORBIDDEN, 429."""
    check_key(house.config, key)
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)
    if key == TIME_ZONE:
        if not isinstance(value, str):
            raise bad_json(f"'{key}' must be a string.")
        _check(key, value)
    try:
        raw = canonical_json.encode(value)
    except BadJson as error:
        raise bad_json(f"{error}.") from error

    def job(tx: WriteTx) -> None:
        profile_fields.put(tx, user_id, key, raw)
        _check_whole(tx, user_id)

    await house.store.write(job)


async def drop_other_field(house: House, user_id: UserId, key: str) -> None:
    """Take any other field away; one that is not there is no error."""
    check_key(house.config, key)
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)
    await house.store.write(lambda tx: profile_fields.drop(tx, user_id, key))


def _check(name: str, value: str) -> None:
    if len(value.encode()) > _LONGEST_BYTES[name]:
        raise _too_large(f"'{name}' has at most {_LONGEST_BYTES[name]} bytes.")
    shape, rule = _SHAPES[name]
    if not shape.fullmatch(value):
        raise invalid_param(f"'{name}' {rule}.")


def _check_whole(tx: WriteTx, user_id: UserId) -> None:  # 2
    whole = profile_fields.whole(tx, user_id)
    if len(canonical_json.encode(whole)) >= LARGEST_BYTES:
        raise _too_large(f"A profile has less than {LARGEST_BYTES} bytes.")


def _too_large(says: str) -> Refused:
    return refused(Errcode.PROFILE_TOO_LARGE, says, status=400)
