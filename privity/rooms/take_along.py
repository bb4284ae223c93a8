"""Take one's settings along from a room to the one that replaced it: tags, push rules, `m.direct`.

Done when somebody comes into the new room. Only if the old room itself says that this is the one
that replaced it, and they have been there: anybody could make a room that claims to be.

Source: client-server API, "Room upgrades", server behaviour.
"""

from __future__ import annotations

from typing import Any

import orjson

from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId, UserId
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import WriteTx
from privity.store.heads import Head

Json = Any


async def take_along(house: House, user_id: UserId, new: Head) -> None:
    """Copy what somebody has set for the room that `new` replaced, if it did."""
    predecessor = new.create.content.get("predecessor") if new.create else None
    named = predecessor.get("room_id") if isinstance(predecessor, dict) else None
    if not isinstance(named, str):
        return
    old = await house.store.heads.get(RoomId(named))
    tombstone = old.get("m.room.tombstone") if old is not None else None
    if old is None or tombstone is None or not old.get("m.room.member", user_id):
        return
    if tombstone.content.get("replacement_room") == new.room_id:
        await house.store.write(lambda tx: _copy(tx, user_id, old.room_id, new.room_id))


def _copy(tx: WriteTx, user_id: UserId, old: RoomId, new: RoomId) -> None:
    tags = account_data.get(tx, user_id, old, "m.tag")
    if tags is not None and account_data.get(tx, user_id, new, "m.tag") is None:
        account_data.put(tx, user_id, new, Item("m.tag", tags))
    for kind, change in (("m.direct", _direct), ("m.push_rules", _rules)):
        kept = account_data.get(tx, user_id, None, kind)
        changed = None if kept is None else change(orjson.loads(kept), old, new)
        if changed is not None:
            account_data.put(tx, user_id, None, Item(kind, encode(changed)))


def _direct(content: Json, old: RoomId, new: RoomId) -> Json:
    """`m.direct` with the new room beside the old one; None if nothing changes."""
    if not isinstance(content, dict):
        return None
    changed = False
    for room_ids in content.values():
        if isinstance(room_ids, list) and old in room_ids and new not in room_ids:
            room_ids.append(new)
            changed = True
    return content if changed else None


def _rules(content: Json, old: RoomId, new: RoomId) -> Json:
    """The push rules with those of the old room for the new one too; None if nothing changes."""
    rules = content.get("global")
    if not isinstance(rules, dict):
        return None
    changed = False
    for kind in ("override", "room"):
        of_kind = rules.get(kind, [])
        known = {rule["rule_id"] for rule in of_kind}
        copies = [_for_room(rule, old, new) for rule in of_kind if rule["rule_id"] == old]
        if copies and new not in known:
            of_kind += copies
            changed = True
    return content if changed else None


def _for_room(rule: Json, old: RoomId, new: RoomId) -> Json:
    copy = {**rule, "rule_id": new}
    if "conditions" in rule:
        copy["conditions"] = [
            {**condition, "pattern": new} if condition.get("pattern") == old else condition
            for condition in rule["conditions"]
        ]
    return copy
