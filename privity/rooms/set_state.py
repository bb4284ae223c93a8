"""Set state: `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`.

1. State that is there already, by the same person with the same content, is answered with the
   event that it is: clients repeat themselves, and history need not.
2. Membership and its free text go the same way as through the membership endpoints.
3. An alias that a room calls its own has to point at it (400 M_BAD_ALIAS).
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.guard.plaintext import without_free_text
from privity.house import House
from privity.matrix.errors import Errcode, refused
from privity.matrix.ids import BadId, EventId, RoomAlias, RoomId, parse_room_alias
from privity.rooms.place import Wanted, head_of, place
from privity.store import rooms
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
    house.keep_pace(pace.SEND, session.user_id)
    if wanted.type == "m.room.member":  # 2
        wanted = _without_reason(house, wanted)
    if wanted.type == "m.room.canonical_alias":  # 3
        before = current.content if current else {}
        await _check_aliases(house, room_id, wanted.content, before)
    event = await place(house, room_id, lambda _: wanted)
    return event.event_id


def _without_reason(house: House, wanted: Wanted) -> Wanted:
    if house.config.unsafe_allow_plaintext:
        return wanted
    content = without_free_text(wanted.content)
    return Wanted(wanted.type, wanted.sender, content, wanted.state_key)


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
