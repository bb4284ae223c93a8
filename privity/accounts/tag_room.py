"""Tag a room: names by which a person orders their rooms, kept in their account data.

1. A name has at most 255 bytes, a room at most 200 of them.
2. What stands beside a tag is kept as it is, if it is an object and `order`, when there, a number.
3. A tag that is not there is taken away without an error, and without a word to other devices.

Source: client-server API, "Room Tagging".
"""

from __future__ import annotations

from typing import Any

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json
from privity.matrix.canonical_json import BadJson
from privity.matrix.errors import Errcode, bad_json, invalid_param, refused
from privity.matrix.ids import RoomId, UserId
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import Tx, WriteTx

TYPE = "m.tag"
LONGEST_BYTES = 255
MOST_TAGS = 200
LARGEST_BYTES = 4096

Tags = dict[str, dict[str, Any]]


async def tags_of(house: House, user_id: UserId, room_id: RoomId) -> Tags:
    """A room's tags, as this person set them."""
    return await house.store.read(lambda tx: _read(tx, user_id, room_id))


async def tag(
    house: House, user_id: UserId, room_id: RoomId, name: str, beside: dict[str, Any]
) -> None:
    """Set one tag. Errors: 400 M_BAD_JSON, M_INVALID_PARAM; 403 M_FORBIDDEN for one too many."""
    if len(name.encode()) > LONGEST_BYTES:  # 1
        raise invalid_param(f"A tag has at most {LONGEST_BYTES} bytes.")
    check_tag(beside)
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)

    def job(tx: WriteTx) -> None:
        tags = {**_read(tx, user_id, room_id), name: beside}
        if len(tags) > MOST_TAGS:  # 1
            raise refused(Errcode.FORBIDDEN, f"A room has at most {MOST_TAGS} tags.")
        _write(tx, user_id, room_id, tags)

    await house.store.write(job)


async def untag(house: House, user_id: UserId, room_id: RoomId, name: str) -> None:
    """Take one tag away (rule 3)."""
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)

    def job(tx: WriteTx) -> None:
        tags = _read(tx, user_id, room_id)
        if tags.pop(name, None) is not None:
            _write(tx, user_id, room_id, tags)

    await house.store.write(job)


def check_tag(beside: object) -> None:
    """400 M_BAD_JSON for what cannot stand beside a tag (rule 2)."""
    order = beside.get("order", 0) if isinstance(beside, dict) else None
    if type(order) not in {int, float}:
        raise bad_json("'order' of a tag must be a number.")
    try:
        length_bytes = len(canonical_json.encode(beside))
    except BadJson as error:
        raise bad_json(f"{error}.") from error
    if length_bytes > LARGEST_BYTES:
        says = f"What stands beside a tag has at most {LARGEST_BYTES} bytes."
        raise refused(Errcode.TOO_LARGE, says, status=413)


def _read(tx: Tx, user_id: UserId, room_id: RoomId) -> Tags:
    kept = account_data.get(tx, user_id, room_id, TYPE)
    tags: Tags = {} if kept is None else orjson.loads(kept).get("tags", {})
    return tags


def _write(tx: WriteTx, user_id: UserId, room_id: RoomId, tags: Tags) -> None:
    item = Item(TYPE, canonical_json.encode({"tags": tags}))
    account_data.put(tx, user_id, room_id, item)
