"""What somebody was notified of, or would have been: their rooms, by their push rules.

1. Nothing is written down when an event comes: the rules of today decide, for the rooms in which
   the person is, back to where they joined.
2. A page looks at `MOST_LOOKED_AT` events at most. One that found fewer than were asked for says
   where to go on, as long as there is more to look at.
3. SPEC: an invitation from a stranger is left out: its event can hold words that the stranger
   chose (`guard/strangers.py`). A sync tells of it, without them.

Source: client-server API, `GET /notifications`.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.follow import attention
from privity.follow.attention import actions_of
from privity.guard.strangers import may_show_words
from privity.house import House
from privity.matrix.ids import UserId
from privity.matrix.push_rules import Actions
from privity.rooms.as_seen import Viewer
from privity.rooms.contact import share_a_room
from privity.store import notified
from privity.store.engine import Tx
from privity.store.events import Placed

LOOKED_AT_ONCE = 200
MOST_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Notified:
    """An event that the person's rules notify of, and what they say; `is_read` by a receipt."""

    placed: Placed
    actions: Actions
    membership: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `end` is where to go on, None at the end."""

    chunk: list[Notified]
    end: int | None


async def notified_of(
    house: House, viewer: Viewer, upto: int | None, limit: int, *, highlights_only: bool
) -> Page:
    """One page of what the person was notified of, at or below the position `upto`."""
    at = house.store.pos if upto is None else min(upto, house.store.pos)
    chunk: list[Notified] = []
    for _ in range(MOST_LOOKED_AT // LOOKED_AT_ONCE):  # 2
        looked_at = await _look(house, viewer, at)
        for placed, one in looked_at:
            at = placed.pos - 1
            if one is not None and (one.actions.highlight or not highlights_only):
                chunk.append(one)
                if len(chunk) == limit:
                    return Page(chunk, at)
        if len(looked_at) < LOOKED_AT_ONCE:
            return Page(chunk, None)
    return Page(chunk, at)


async def _look(house: House, viewer: Viewer, upto: int) -> list[tuple[Placed, Notified | None]]:
    """The next events, newest first, each with what it was worth."""
    user_id = viewer.user_id

    def job(tx: Tx) -> list[tuple[Placed, bool]]:
        found = notified.newest(tx, user_id, upto, LOOKED_AT_ONCE)
        return [(placed, attention.is_read(tx, user_id, placed)) for placed in found]

    found = await house.store.read(job)
    await house.store.heads.bring(list({placed.event.room_id for placed, _ in found}))
    return [(placed, await _worth(house, viewer, placed, is_read=old)) for placed, old in found]


async def _worth(house: House, viewer: Viewer, placed: Placed, *, is_read: bool) -> Notified | None:
    event = placed.event
    person = await house.store.people.get(viewer.user_id)
    head = await house.store.heads.get(event.room_id)
    standing = person.rooms.get(event.room_id)
    if head is None or standing is None or event.sender == viewer.user_id:
        return None
    actions = actions_of(person, head, placed)
    is_wanted = actions.notify and (
        standing.membership == "join" or await _may_show(house, viewer.user_id, event.sender)
    )
    return Notified(placed, actions, standing.membership, is_read) if is_wanted else None


async def _may_show(house: House, user_id: UserId, inviter: UserId) -> bool:  # 3
    return may_show_words(
        shares_a_room=await share_a_room(house, inviter, user_id),
        strangers_may_invite=house.config.unsafe_strangers_may_invite,
    )
