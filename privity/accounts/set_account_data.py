"""Set account data: what somebody's clients keep on the server, for everything or for one room.

1. What the server keeps itself there has roads of its own: 405 (client-server API, "Client Config",
   server behaviour).
2. `m.tag` and `m.ignored_user_list`, which the server reads, have the shape that it reads. Nobody
   ignores themselves.
3. Nobody has to be in a room to keep something about it: clients mark invitations and rooms left.
4. Somebody keeps so many pieces, all rooms together.
"""

from __future__ import annotations

from typing import Any

from privity.accounts.tag_room import MOST_TAGS, check_tag
from privity.accounts.tag_room import TYPE as TAG
from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json
from privity.matrix.canonical_json import BadJson
from privity.matrix.errors import Errcode, bad_json, invalid_param, refused
from privity.matrix.ids import RoomId, UserId
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import WriteTx

KEPT_BY_THE_SERVER = frozenset({"m.fully_read", "m.push_rules"})
IGNORED = "m.ignored_user_list"
LONGEST_TYPE_BYTES = 255
MOST_ITEMS = 10_000


async def set_account_data(
    house: House, user_id: UserId, room_id: RoomId | None, kind: str, content: dict[str, Any]
) -> None:
    """Set it, and tell the person's devices. `room_id` is None for what is for everything."""
    if kind in KEPT_BY_THE_SERVER:  # 1
        raise refused(Errcode.BAD_JSON, f"{kind} is kept by the server.", status=405)
    if len(kind.encode()) > LONGEST_TYPE_BYTES:
        says = f"A type has at most {LONGEST_TYPE_BYTES} bytes."
        raise invalid_param(says)
    _check_shape(user_id, kind, content)  # 2
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)
    try:
        item = Item(kind, canonical_json.encode(content))
    except BadJson as error:
        raise bad_json(f"{error}.") from error

    def job(tx: WriteTx) -> None:
        is_new = account_data.get(tx, user_id, room_id, kind) is None
        if is_new and account_data.count(tx, user_id) >= MOST_ITEMS:  # 4
            raise refused(Errcode.FORBIDDEN, "You keep too much account data.")
        account_data.put(tx, user_id, room_id, item)

    await house.store.write(job)


def _check_shape(user_id: UserId, kind: str, content: dict[str, Any]) -> None:
    if kind == TAG:
        tags = content.get("tags")
        if not isinstance(tags, dict) or len(tags) > MOST_TAGS:
            raise bad_json(f"'tags' must be an object of up to {MOST_TAGS} tags.")
        for beside in tags.values():
            check_tag(beside)
    elif kind == IGNORED:
        ignored = content.get("ignored_users", {})
        if not isinstance(ignored, dict):
            raise bad_json("'ignored_users' must be an object.")
        if user_id in ignored:
            raise invalid_param("Nobody ignores themselves.")
