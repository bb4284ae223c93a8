"""The state of things at once, as it was asked for before `/sync`: of one room, or of all.

Source: client-server API, `GET /rooms/{roomId}/initialSync` ("Room Previews") and
`GET /initialSync`, deprecated.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson

from privity.follow.old.form import old_form
from privity.follow.sync.beside import PUSH_RULES
from privity.follow.sync.rendering import receipts_of
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Refused
from privity.matrix.filters import EventFilter
from privity.matrix.ids import RoomId, UserId
from privity.matrix.tokens import SyncToken, history_token
from privity.rooms import read
from privity.rooms.as_seen import Viewer
from privity.rooms.place import head_of
from privity.rooms.presence import content_of
from privity.store import account_data, receipts, rooms
from privity.store.account_data import Item
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.people import Person

Json = dict[str, Any]
GONE = frozenset({"leave", "ban"})


async def of_room(house: House, viewer: Viewer, room_id: RoomId, limit: int) -> Json:
    """One room: its newest messages, its state, what stands beside. 403 if it is none of theirs."""
    house.keep_pace(pace.LOOK_AROUND, viewer.user_id)
    person = await house.store.people.get(viewer.user_id)
    return await _of_room(house, viewer, person, room_id, limit)


async def _of_room(
    house: House, viewer: Viewer, person: Person, room_id: RoomId, limit: int
) -> Json:
    state, sight = await read.state(house, viewer.user_id, room_id)
    paging = read.Paging(None, None, is_forward=False, limit=limit, filter=EventFilter())
    page = await read.messages(house, viewer, room_id, paging)
    start = page.chunk[-1].pos - 1 if page.chunk else sight.upto
    standing = person.rooms.get(room_id)
    has_left = standing is not None and standing.membership in GONE

    def beside(tx: Tx) -> tuple[list[Item], list[Json], bool]:
        items = account_data.changed(tx, viewer.user_id, room_id, 0, sight.upto)
        moved = receipts.in_rooms(tx, viewer.user_id, [room_id], sight.upto)
        return items, receipts_of(moved[room_id]), bool(rooms.is_published(tx, room_id))

    items, read_upto, is_published = await house.store.read(beside)
    snapshot: Json = {
        "room_id": room_id,
        "messages": {
            "start": history_token(start),
            "end": history_token(sight.upto),
            "chunk": [
                old_form(placed, viewer, page.sight.membership_at(placed.pos))
                for placed in reversed(page.chunk)
            ],
        },
        "state": [old_form(placed, viewer, None) for placed in state],
        "visibility": "public" if is_published else "private",
        "account_data": _items(items),
        "presence": _presence(house, set() if has_left else _members(state)),
        "receipts": [
            {"type": "m.receipt", "room_id": room_id, "content": content}
            for content in ([] if has_left else read_upto)
        ],
    }
    if standing is not None:
        snapshot["membership"] = standing.membership
    return snapshot


async def of_everything(house: House, viewer: Viewer, limit: int, *, with_left_rooms: bool) -> Json:
    """Every room that they are in or invited to; those that they left if that is asked for."""
    house.keep_pace(pace.LOOK_AROUND, viewer.user_id)
    person = await house.store.people.get(viewer.user_id)
    end = SyncToken(house.store.pos, house.store.typing.serial)
    told: list[Json] = []
    moved: list[Json] = []
    seen = {person.user_id}
    for room_id, standing in list(person.rooms.items()):
        if standing.membership == "join" or (with_left_rooms and standing.membership in GONE):
            with suppress(Refused):  # an invitation that they declined: they were never in
                snapshot = await _of_room(house, viewer, person, room_id, limit)
                moved += snapshot.pop("receipts")
                seen.update(shown["sender"] for shown in snapshot.pop("presence"))
                told.append(snapshot)
        elif standing.membership == "invite":
            told.append(await _invitation(house, viewer, room_id))
    items = await house.store.read(
        lambda tx: account_data.changed(tx, person.user_id, None, 0, end.pos)
    )
    return {
        "end": str(end),
        "rooms": told,
        "presence": _presence(house, seen),
        "account_data": _items([item for item in items if item.type != PUSH_RULES]),
        "receipts": moved,
    }


async def _invitation(house: House, viewer: Viewer, room_id: RoomId) -> Json:
    head = await head_of(house, room_id)
    placed = head.state["m.room.member", viewer.user_id]
    invite = old_form(placed, viewer, "invite")
    sender = placed.event.sender
    return {"room_id": room_id, "membership": "invite", "inviter": sender, "invite": invite}


def _members(state: list[Placed]) -> set[UserId]:
    return {
        UserId(placed.event.state_key or "")
        for placed in state
        if placed.event.type == "m.room.member" and placed.event.content.get("membership") == "join"
    }


def _presence(house: House, user_ids: set[UserId]) -> list[Json]:
    presences = house.store.presence
    shown = [entry for user_id in sorted(user_ids) if (entry := presences.of(user_id)) is not None]
    return [
        {
            "type": "m.presence",
            "sender": entry.user_id,
            "content": {**content_of(house, entry), "user_id": entry.user_id},
        }
        for entry in shown
    ]


def _items(items: list[Item]) -> list[Json]:
    return [{"type": item.type, "content": orjson.loads(item.content)} for item in items]
