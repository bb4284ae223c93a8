"""The number on an app's icon: what a person has not read, in all of their rooms.

1. Only the rooms are counted in which somebody else said something after the person's receipts.
2. A thread is read for itself, so a room with threads counts even if its main timeline is read.

Source: push gateway API, `counts`.
"""

from __future__ import annotations

from collections.abc import Sequence

from privity.follow.sync.changes import Changes
from privity.follow.sync.unread import Unread
from privity.follow.sync.wanted import Asked, SyncWanted
from privity.house import House
from privity.matrix.filters import EVERYTHING
from privity.matrix.ids import DeviceId, RoomId, UserId
from privity.rooms.as_seen import Viewer
from privity.store.engine import Tx
from privity.store.heads import Head

MOST_ROOMS = 500
ROOMS_AT_ONCE = 50
_FIRST_SYNC = SyncWanted(None, EVERYTHING, 0, full_state=False, use_state_after=False)
_READ_UPTO = (
    "COALESCE((SELECT MAX(r.event_pos) FROM receipts r WHERE r.room_id = m.room_id"
    " AND r.user_id = m.user_id AND r.type IN ('m.read', 'm.read.private')"
    " AND r.thread_id = '{}'), 0)"
)
_UNREAD_ROOMS = (
    "SELECT m.room_id FROM memberships m WHERE m.user_id = ? AND m.membership = 'join'"
    " AND EXISTS (SELECT 1 FROM events e WHERE e.room_id = m.room_id AND e.pos > m.since"
    f" AND e.sender <> m.user_id AND e.pos > {_READ_UPTO.format('')}"
    f" AND (e.pos > {_READ_UPTO.format('main')} OR e.rel_type = 'm.thread')) LIMIT ?"
)


async def badge_of(
    house: House, unread: Unread, user_id: UserId, room_ids: Sequence[RoomId]
) -> int:
    """How many messages the person has not read in these of their rooms."""
    person = await house.store.people.get(user_id)
    viewer = Viewer(user_id, DeviceId(""), house.clock.now_ms())
    asked = Asked(_FIRST_SYNC, viewer, person, house.store.pos)
    badge = 0
    for start in range(0, len(room_ids), ROOMS_AT_ONCE):
        part = room_ids[start : start + ROOMS_AT_ONCE]
        await house.store.heads.bring(part)
        heads = [head for room_id in part if (head := await house.store.heads.get(room_id))]
        badge += await _count(house, unread, asked, heads)
    return badge


async def _count(house: House, unread: Unread, asked: Asked, heads: Sequence[Head]) -> int:
    counts = {head.room_id: unread.known(asked, head, Changes()) for head in heads}
    unknown = [head for head in heads if counts[head.room_id] is None]
    if unknown:
        read = await house.store.read(
            lambda tx: unread.read(tx, asked, [(head, ()) for head in unknown])
        )
        for room_id, count in read.items():
            unread.keep(asked.person.user_id, room_id, count)
        counts.update(read)
    return sum(count.together().notifications for count in counts.values() if count is not None)


def unread_rooms(tx: Tx, user_id: UserId) -> list[RoomId]:
    """The rooms that a person may not have read (rules 1 and 2)."""
    return [row[0] for row in tx.all(_UNREAD_ROOMS, user_id, MOST_ROOMS)]
