"""Whose presence a sync tells: of those they share a room with, and their own.

1. At first, of everybody who is not offline; then of whose presence changed, and of whom they
   newly share a room with.
2. Not of people whom they ignore, nor of whom the filter drops.
"""

from __future__ import annotations

from typing import Any

from privity.follow.sync.changes import Changes
from privity.follow.sync.sharing import DeviceLists, share
from privity.follow.sync.wanted import Asked
from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.ids import UserId
from privity.rooms.presence import content_of
from privity.store.presence import OFFLINE
from privity.store.streams import PresenceSet


async def presence(house: House, asked: Asked, changes: Changes, lists: DeviceLists) -> list[bytes]:
    """The `m.presence` events of a sync, rendered."""
    found = await _everybody(house, asked) if asked.is_first else changes.presence
    shown: dict[UserId, PresenceSet | None] = {}
    keep = asked.wanted.filter.presence
    for user_id, entry in found.items():
        is_wanted = keep.passes("m.presence", user_id, None, {})
        if (
            is_wanted
            and user_id not in asked.person.ignored
            and await _is_for(house, asked, user_id)
        ):
            shown[user_id] = entry
    for user_id in lists.met - shown.keys() - asked.person.ignored:
        if keep.passes("m.presence", user_id, None, {}):
            shown[user_id] = house.store.presence.of(user_id)
    return [
        encode({"type": "m.presence", "sender": user_id, "content": _content(house, entry)})
        for user_id, entry in shown.items()
    ]


def _content(house: House, entry: PresenceSet | None) -> dict[str, Any]:
    return {"presence": OFFLINE} if entry is None else content_of(house, entry)


async def _is_for(house: House, asked: Asked, user_id: UserId) -> bool:
    is_own = user_id == asked.person.user_id
    return is_own or asked.is_first or await share(house, asked, user_id)


async def _everybody(house: House, asked: Asked) -> dict[UserId, PresenceSet]:
    heads, presences = house.store.heads, house.store.presence
    here = {asked.person.user_id} & presences.users()
    for room_id in list(asked.person.joined):
        head = heads.peek(room_id) or await heads.get(room_id)
        if head is not None:
            here |= head.joined & presences.users()
    return {user_id: entry for user_id in here if (entry := presences.of(user_id)) is not None}
