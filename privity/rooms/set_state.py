"""Set state: `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`.

1. State that is there already, by the same person with the same content, is answered with the
   event that it is: clients repeat themselves, and history need not.
2. Membership goes the same road as through its own endpoints, whose rules it would else evade.
3. An alias that a room calls its own has to point at it (400 M_BAD_ALIAS).
4. A room that lets guests in no more has none.
5. What no power could set is 400, not 403: nobody should look for the power.
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, invalid_param, refused
from privity.matrix.ids import (
    BadId,
    EventId,
    RoomAlias,
    RoomId,
    UserId,
    parse_room_alias,
    parse_user_id,
)
from privity.rooms.membership import Change, change_membership
from privity.rooms.place import Wanted, head_of, place
from privity.rooms.turn_out_guests import turn_out_guests
from privity.store import rooms
from privity.store.heads import Head
from privity.store.sessions import Session


async def set_state(house: House, session: Session, room_id: RoomId, wanted: Wanted) -> EventId:
    """Set it, or find that it is so."""
    head = await head_of(house, room_id)
    current = head.get(wanted.type, wanted.state_key or "")
    if (  # 1
        current is not None
        and current.sender == wanted.sender
        and current.content == wanted.content
        and head.membership(wanted.sender) == "join"
    ):
        return current.event_id
    if head.membership(wanted.sender) == "join":
        _check_sense(head, wanted)  # 5
    house.keep_pace(pace.SEND, session.user_id)
    membership = wanted.content.get("membership")
    if wanted.type == "m.room.member" and isinstance(membership, str):  # 2
        return await _set_membership(house, session, room_id, wanted, membership)
    if wanted.type == "m.room.canonical_alias" and head.membership(wanted.sender) == "join":  # 3
        before = current.content if current else {}
        await _check_aliases(house, room_id, wanted.content, before)
    event = await place(house, room_id, lambda _: wanted)
    if wanted.type == "m.room.guest_access" and house.config.unsafe_guests:  # 4
        await turn_out_guests(house, room_id)
    return event.event_id


def _check_sense(head: Head, wanted: Wanted) -> None:
    if wanted.type == "m.room.create":
        raise invalid_param("A room is created once.")
    users = wanted.content.get("users") if wanted.type == "m.room.power_levels" else None
    if isinstance(users, dict) and head.levels.creators & users.keys():
        raise invalid_param("The creators of this room have all power, and no level.")


async def _set_membership(
    house: House, session: Session, room_id: RoomId, wanted: Wanted, membership: str
) -> EventId:
    more = {name: value for name, value in wanted.content.items() if name != "membership"}
    target = _user_id(wanted.state_key)
    change = Change(room_id, target, membership, more, is_whole=True, ts=wanted.ts)
    return await change_membership(house, session, change)


def _user_id(raw: str | None) -> UserId:
    try:
        return parse_user_id(raw)
    except BadId as error:
        raise refused(Errcode.INVALID_PARAM, "This is no user id.", status=400) from error


async def _check_aliases(
    house: House, room_id: RoomId, content: dict[str, Any], before: dict[str, Any]
) -> None:
    added = _aliases(content) - _aliases(before, is_checked=True)
    if not added:
        return
    own = await house.store.read(lambda tx: rooms.aliases_of(tx, room_id))
    for alias in added.difference(own):
        raise refused(Errcode.BAD_ALIAS, f"{alias} is no alias of this room.", status=400)


def _aliases(content: dict[str, Any], *, is_checked: bool = False) -> set[RoomAlias]:
    named = [content.get("alias"), *(content.get("alt_aliases") or [])]
    try:
        return {parse_room_alias(alias) for alias in named if alias not in (None, "")}
    except (BadId, TypeError) as error:
        if is_checked:
            return set()
        message = "This is no room alias."
        raise refused(Errcode.INVALID_PARAM, message, status=400) from error
