"""What one person may see of a room: history visibility, by when they were in it.

An event is seen by whom one of these holds for (client-server API, "Room history visibility"; the
visibility and the membership are those at the event, and for an event that changes either of them
the more permissive of before and after):

1. the visibility is `world_readable` (to anybody with an account who may look at the room at all)
2. they had joined
3. the visibility is `shared`, and they joined at some time after
4. the visibility is `invited`, and they had been invited
5. the event is their own membership

A room that somebody was never in nor invited to does not exist for them: 403, the same as for one
that is not there, unless it is `world_readable` now.

Who forgot a room that they left sees no more of it than somebody who never was in it.

Its state is seen by who is in it, and by who was as of when they went; an invitation or a ban that
came after that shows no more of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from privity.house import House
from privity.matrix.errors import forbidden
from privity.matrix.ids import RoomId, UserId
from privity.rooms.place import head_of
from privity.store import histories, rooms
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head

SHARED = "shared"
WORLD_READABLE = "world_readable"

Changes = tuple[tuple[int, str], ...]
Past = tuple[Changes, Changes]
"""Somebody's memberships of a room, and its visibilities."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One person's view of one room. `upto` is the last position that can concern them."""

    user_id: UserId
    memberships: Changes
    visibilities: Changes
    upto: int

    def sees(self, placed: Placed) -> bool:
        """Whether this event is for their eyes."""
        pos = placed.pos
        event = placed.event
        if event.type == "m.room.member" and event.state_key == self.user_id:  # 5
            return True
        changes_visibility = event.type == "m.room.history_visibility"
        for at in (pos - 1, pos) if changes_visibility else (pos,):
            visibility = _at(self.visibilities, at) or SHARED
            membership = _at(self.memberships, pos)
            if (
                visibility == WORLD_READABLE  # 1
                or membership == "join"  # 2
                or (visibility == SHARED and self._joined_after(pos))  # 3
                or (visibility == "invited" and membership == "invite")  # 4
            ):
                return True
        return False

    @property
    def present_upto(self) -> int:
        """The last position whose state they may see: until they went; 0 if they were never in."""
        if _at(self.visibilities, self.upto) == WORLD_READABLE:
            return self.upto
        went_at, is_in = 0, False
        for at, membership in self.memberships:
            if is_in and membership != "join":
                went_at = at
            is_in = membership == "join"
        return self.upto if is_in else went_at

    def membership_at(self, pos: int) -> str:
        """Their membership at a position, "leave" before the first."""
        return _at(self.memberships, pos) or "leave"

    def _joined_after(self, pos: int) -> bool:
        return any(at > pos and membership == "join" for at, membership in self.memberships)


def _at(changes: Changes, pos: int) -> str | None:
    index = bisect_right(changes, (pos, "\U0010ffff"))
    return changes[index - 1][1] if index else None


def sight_of(
    tx: Tx,
    head: Head,
    user_id: UserId,
    upto: int,
    *,
    is_known_to_them: bool = False,
    past: Past | None = None,
) -> Sight:
    """Read what one person may see. Raises 403 when the room is none of theirs.

    `is_known_to_them`: a room that they left without ever having been in it, declining an
    invitation, or that they forgot, is still one of which they see their own part.
    """
    past = past or pasts_of(tx, [head.room_id], user_id, upto)[head.room_id]
    memberships = tuple(each for each in past[0] if each[0] <= upto)
    visibilities = tuple(each for each in past[1] if each[0] <= upto)
    now = _at(memberships, upto)
    last = upto
    was_in = any(membership == "join" for _, membership in memberships)
    is_out = now in {"leave", "ban"} and was_in
    if is_out and (is_known_to_them or not rooms.is_forgotten(tx, user_id, head.room_id)):
        last = memberships[-1][0]
    elif not (
        is_known_to_them or now in {"join", "invite"} or _at(visibilities, upto) == WORLD_READABLE
    ):
        raise forbidden("You are not in this room.", because="never in the room")
    if _at(visibilities, upto) == WORLD_READABLE:
        last = upto
    return Sight(user_id, memberships, visibilities, last)


def pasts_of(tx: Tx, room_ids: Sequence[RoomId], user_id: UserId, upto: int) -> dict[RoomId, Past]:
    """What sight of each of these rooms stands on, read at once."""
    members = histories.of_rooms(tx, room_ids, "m.room.member", user_id, upto)
    shown = histories.of_rooms(tx, room_ids, "m.room.history_visibility", "", upto)
    return {
        room_id: (
            tuple((pos, str(content.get("membership"))) for pos, content in members[room_id]),
            tuple((pos, str(content.get("history_visibility"))) for pos, content in shown[room_id]),
        )
        for room_id in room_ids
    }


async def look(house: House, user_id: UserId, room_id: RoomId) -> Sight:
    """`sight_of`, for who needs nothing else from the database."""
    head = await head_of(house, room_id)
    upto = house.store.pos
    return await house.store.read(lambda tx: sight_of(tx, head, user_id, upto))


async def must_be_joined(house: House, user_id: UserId, room_id: RoomId) -> Head:
    """The room's head, for somebody who is in it now. 403 otherwise."""
    head = await head_of(house, room_id)
    if user_id not in head.joined:
        raise forbidden("You are not in this room.")
    return head
