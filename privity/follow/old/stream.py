"""Listen to the old event stream: what is new, one event after the other.

1. What is told is what a sync would tell: events by `rooms.sight`, receipts, typing, presence,
   account data. SPEC: the last four are in no schema of this endpoint, which has always told them.
2. Who listens to one room need not be in it, if its history is world-readable; they are not woken
   by it, and look every second.
3. Who was logged out while they waited is told so, and nothing else.

Source: client-server API, `GET /events`, deprecated, and "Room Previews".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from privity.accounts.speak_as import still_good
from privity.follow.old.form import old_form
from privity.follow.sync.rendering import receipts_of
from privity.follow.sync.waiting import Waiting
from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId, UserId
from privity.matrix.tokens import SyncToken
from privity.rooms.as_seen import Viewer, array
from privity.rooms.place import head_of
from privity.rooms.presence import content_of
from privity.rooms.sight import WORLD_READABLE, look, sight_of
from privity.store import account_data, events, old_stream, presence, receipts
from privity.store.engine import Tx
from privity.store.sessions import Session
from privity.store.streams import PresenceSet, ReceiptMoved

MOST_EVENTS = 100
LOOK_EVERY_MS = 1000


@dataclass(frozen=True, slots=True)
class Listening:
    """From where somebody listens, how long at most, and to which room alone, if to one."""

    since: SyncToken | None
    timeout_ms: int
    room_id: RoomId | None


async def listen(house: House, waiting: Waiting, session: Session, wanted: Listening) -> bytes:
    """The rendered answer of `GET /events`. 403 for a room that is none of theirs."""
    if wanted.room_id is not None:
        await look(house, session.user_id, wanted.room_id)
    since = start = wanted.since or SyncToken(house.store.pos, house.store.typing.serial)
    left_ms = wanted.timeout_ms
    while True:
        chunk, since = await _chunk(house, session, since, wanted.room_id)
        if chunk or left_ms <= 0:
            said = (str(start).encode(), str(since).encode(), array(chunk))
            return b'{"start":"%s","end":"%s","chunk":%s}' % said
        part_ms = left_ms if wanted.room_id is None else min(left_ms, LOOK_EVERY_MS)  # 2
        waited = await waiting.wait(session.user_id, part_ms)
        if not waited.is_woken:
            left_ms -= part_ms
        await still_good(house, session)  # 3


async def _chunk(
    house: House, session: Session, since: SyncToken, room_id: RoomId | None
) -> tuple[list[bytes], SyncToken]:
    """What came after `since`, and the token after that."""
    user_id, upto = session.user_id, house.store.pos

    def find(tx: Tx) -> list[old_stream.Named]:
        if room_id is not None:
            return old_stream.of_room(tx, room_id, since.pos, upto, MOST_EVENTS)
        return old_stream.of_person(tx, user_id, since.pos, upto, MOST_EVENTS)

    named = await house.store.read(find)
    chunk, last = await _events(house, session, named, upto)
    end = SyncToken(
        upto if len(named) < MOST_EVENTS else last,
        max(since.typing, house.store.typing.serial),
    )
    rooms = await _rooms(house, user_id, room_id)
    beside = await house.store.read(
        lambda tx: _beside(tx, user_id, room_id, range(since.pos, end.pos))
    )
    chunk += _receipts(beside.receipts) if rooms else []
    chunk += _typing(house, rooms, since.typing)
    chunk += [encode(item) for item in beside.account_data]
    return chunk + await _presence(house, user_id, rooms, beside.presence), end


async def _rooms(house: House, user_id: UserId, room_id: RoomId | None) -> set[RoomId]:
    """The rooms of whose people one may hear what they do: one's own, or the one that all see."""
    person = await house.store.people.get(user_id)
    if room_id is None:
        return set(person.joined)
    head = await head_of(house, room_id)
    visibility = head.state.get(("m.room.history_visibility", ""))
    is_open = (
        visibility is not None
        and visibility.event.content.get("history_visibility") == WORLD_READABLE
    )
    return {room_id} if is_open or user_id in head.joined else set()


async def _events(
    house: House, session: Session, named: list[old_stream.Named], upto: int
) -> tuple[list[bytes], int]:
    viewer = Viewer(session.user_id, session.device_id, house.clock.now_ms())
    heads = [await head_of(house, room_id) for room_id in {room_id for _, room_id in named}]

    def job(tx: Tx) -> tuple[list[bytes], int]:
        sights = {
            head.room_id: sight_of(tx, head, viewer.user_id, upto, is_known_to_them=True)
            for head in heads
        }
        found = events.by_ids(tx, [event_id for event_id, _ in named])
        rendered = [
            encode(old_form(placed, viewer, sights[room_id].membership_at(placed.pos)))
            for event_id, room_id in named
            if sights[room_id].sees(placed := found[event_id])
        ]
        return rendered, max((placed.pos for placed in found.values()), default=0)

    return await house.store.read(job)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is not an event of a room."""

    receipts: list[ReceiptMoved]
    account_data: list[dict[str, Any]]
    presence: list[PresenceSet]


def _beside(tx: Tx, user_id: UserId, room_id: RoomId | None, places: range) -> _Beside:
    since, upto = places.start, places.stop
    if room_id is not None:
        moved = receipts.moved_in(tx, room_id, since, upto)
        return _Beside(moved, [], presence.changed_between(tx, since, upto))
    items = [
        {"type": kind, "content": orjson.loads(content), **({"room_id": named} if named else {})}
        for named, kind, content in account_data.changed_anywhere(tx, user_id, since, upto)
    ]
    moved = receipts.seen_by(tx, user_id, since, upto)
    return _Beside(moved, items, presence.changed_between(tx, since, upto))


def _receipts(moved: list[ReceiptMoved]) -> list[bytes]:
    by_room: dict[RoomId, list[ReceiptMoved]] = {}
    for receipt in moved:
        by_room.setdefault(receipt.room_id, []).append(receipt)
    return [
        encode({"type": "m.receipt", "room_id": room_id, "content": content})
        for room_id, of_room in by_room.items()
        for content in receipts_of(of_room)
    ]


def _typing(house: House, rooms: set[RoomId], since: int) -> list[bytes]:
    typing = house.store.typing
    return [
        encode(
            {
                "type": "m.typing",
                "room_id": room_id,
                "content": {"user_ids": typing.in_room(room_id, since) or []},
            }
        )
        for room_id in typing.changed_rooms(since)
        if room_id in rooms
    ]


async def _presence(
    house: House, user_id: UserId, rooms: set[RoomId], changed: list[PresenceSet]
) -> list[bytes]:
    if not house.config.presence:
        return []
    shown = []
    for entry in changed:
        other = await house.store.people.get(entry.user_id)
        if entry.user_id == user_id or not rooms.isdisjoint(other.joined):
            content = {**content_of(house, entry), "user_id": entry.user_id}
            shown.append(
                encode({"type": "m.presence", "sender": entry.user_id, "content": content})
            )
    return shown
