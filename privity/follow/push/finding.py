"""Finds in the stream what is worth a notification, and for whom.

1. An event is worth one to whoever is in the room, or is invited by it, has a pusher, and whose
   push rules say `notify`. Nobody is notified of what they did themselves, or of what came before
   they joined.
2. Who read something, or said something themselves, may have less unread than their devices show.

Source: client-server API, push module, "Server behaviour"; push gateway API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from privity.follow.attention import actions_of
from privity.house import House
from privity.matrix.ids import UserId
from privity.matrix.push_rules import Actions
from privity.store import pushers
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.notifications import Found
from privity.store.people import Person
from privity.store.streams import Entry, EventAdded, ReceiptMoved

HIGH, LOW = "high", "low"
PAUSE_AFTER = 200


async def find(house: House, owners: set[UserId], entries: Iterable[Entry]) -> list[Found]:
    """What these entries are worth to `owners`, who have pushers."""
    found: list[Found] = []
    for entry in entries:
        if isinstance(entry, EventAdded):
            found += await _in_event(house, owners, entry.placed)
        elif isinstance(entry, ReceiptMoved) and entry.user_id in owners:  # 2
            found.append(Found(entry.user_id, entry.pos, entry.room_id, None, LOW))
    return found


async def _in_event(house: House, owners: set[UserId], placed: Placed) -> list[Found]:
    event = placed.event
    head = house.store.heads.peek(event.room_id) or await _head_of(house, owners, placed)
    if head is None:
        return []
    found: list[Found] = []
    if event.sender in owners:  # 2
        found.append(Found(event.sender, placed.pos, event.room_id, None, LOW))
    for number, user_id in enumerate(_concerned(owners, head, placed)):
        person = house.store.people.peek(user_id) or await house.store.people.get(user_id)
        if _is_for(person, placed):
            actions = actions_of(person, head, placed)
            if actions.notify:
                prio = _prio(placed, actions)
                found.append(Found(user_id, placed.pos, event.room_id, event.event_id, prio))
        if number % PAUSE_AFTER == PAUSE_AFTER - 1:
            await asyncio.sleep(0)  # a large room must not hold up who sends
    return found


async def _head_of(house: House, owners: set[UserId], placed: Placed) -> Head | None:
    """A room that is not in memory: other processes use it, and it may be of no concern here."""
    room_id = placed.event.room_id
    is_for_one = placed.event.state_key in owners
    if is_for_one or await house.store.read(lambda tx: pushers.is_any_in(tx, room_id)):
        head: Head | None = await house.store.heads.get(room_id)
        return head
    return None


def _concerned(owners: set[UserId], head: Head, placed: Placed) -> Collection[UserId]:  # 1
    event = placed.event
    concerned = owners & head.joined
    if event.type == "m.room.member" and event.content.get("membership") == "invite":
        concerned |= owners & {UserId(event.state_key or "")}
    concerned.discard(event.sender)
    return concerned


def _is_for(person: Person, placed: Placed) -> bool:
    event = placed.event
    standing = person.rooms.get(event.room_id)
    if standing is None:
        return False
    if standing.membership == "join":
        return standing.since <= placed.pos
    is_theirs = event.type == "m.room.member" and event.state_key == person.user_id
    return standing.membership == "invite" and is_theirs and not person.wants_no_invitations


def _prio(placed: Placed, actions: Actions) -> str:
    is_loud = actions.highlight or any(
        isinstance(each, dict) and each.get("set_tweak") == "sound" for each in actions.raw
    )
    return HIGH if is_loud or placed.event.type == "m.room.encrypted" else LOW
