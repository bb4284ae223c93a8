"""Aliases of rooms: give, take away, list.

1. Who is in a room may give it an alias of this server.
2. An alias is taken away by who gave it, by who may set the room's canonical alias, or by an
   administrator. If the room calls it its own, it does no longer, where its taker may say so.
3. An alias of an application service's namespace is given and taken by it alone, for any room, and
   by it no other (400 M_EXCLUSIVE).
4. Who is in the room sees its aliases, and everybody if its history is world readable.

Source: client-server API, "Room aliases".
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refused, forbidden, invalid_param, not_found, refused
from privity.matrix.ids import RoomAlias, RoomId, UserId, server_of
from privity.rooms.place import Wanted, place
from privity.rooms.preview import is_world_readable
from privity.rooms.sight import must_be_joined
from privity.store import accounts, rooms
from privity.store.heads import Head
from privity.store.sessions import Session

CANONICAL = "m.room.canonical_alias"
MOST_ALIASES = 100


async def give_alias(house: House, session: Session, alias: RoomAlias, room_id: RoomId) -> None:
    """Point an alias at a room. 409 if it points somewhere, 400 if it is of another server."""
    if server_of(alias) != house.server_name:
        message = "Aliases of this server end in its name."
        raise invalid_param(message)
    user_id = session.user_id
    house.keep_pace(pace.ALIAS, user_id)
    check_namespace(house, session, alias)  # 3
    if session.service_id is None:
        await must_be_joined(house, user_id, room_id)  # 1
    elif await house.store.heads.get(room_id) is None:
        raise not_found("There is no such room.")
    known = await house.store.read(lambda tx: rooms.aliases_of(tx, room_id))
    if len(known) >= MOST_ALIASES:
        raise forbidden("This room has too many aliases.", because="too many aliases")
    if not await house.store.write(lambda tx: rooms.add_alias(tx, alias, room_id, user_id)):
        raise refused(Errcode.UNKNOWN, "This alias is taken.", status=409)


def check_namespace(house: House, session: Session, alias: RoomAlias) -> None:
    """400 M_EXCLUSIVE for an alias that is not theirs to make."""
    if not house.services.may_have_alias(alias, session.service_id):
        says = "This alias belongs to an application service, or to none of its namespaces."
        raise refused(Errcode.EXCLUSIVE, says, status=400)


async def take_alias(house: House, session: Session, alias: RoomAlias) -> None:
    """Take an alias away. 404 if there is none, 403 M_FORBIDDEN."""
    user_id = session.user_id
    house.keep_pace(pace.ALIAS, user_id)
    check_namespace(house, session, alias)  # 3
    pointed = await house.store.read(lambda tx: rooms.alias(tx, alias))
    if pointed is None:
        message = "There is no room of this alias."
        raise not_found(message)
    room_id, creator = pointed
    head = await house.store.heads.get(room_id)
    is_theirs = user_id == creator or session.service_id is not None
    if not is_theirs and not _may_name(head, user_id):  # 2
        account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
        if account is None or not account.is_admin:
            raise forbidden("This alias is not yours.", because="another's alias")
    await house.store.write(lambda tx: rooms.remove_alias(tx, alias))
    if head is not None:
        await _no_longer_own(house, user_id, head, alias)


async def aliases_of(house: House, user_id: UserId, room_id: RoomId) -> list[RoomAlias]:
    """A room's aliases. 403 for who may not see them."""
    head = await house.store.heads.get(room_id)
    if head is None or not is_world_readable(head):  # 4
        await must_be_joined(house, user_id, room_id)
    return await house.store.read(lambda tx: rooms.aliases_of(tx, room_id))


def _may_name(head: Head | None, user_id: UserId) -> bool:
    if head is None or head.membership(user_id) != "join":
        return False
    return head.levels.of(user_id) >= head.levels.events.get(CANONICAL, head.levels.state_default)


async def _no_longer_own(house: House, user_id: UserId, head: Head, alias: RoomAlias) -> None:
    current = head.get(CANONICAL)
    if current is None:
        return
    content: dict[str, Any] = dict(current.content)
    if content.get("alias") == alias:
        del content["alias"]
    others = content.get("alt_aliases")
    if isinstance(others, list):
        content["alt_aliases"] = [other for other in others if other != alias]
    if content == current.content:
        return
    try:
        await place(house, head.room_id, lambda _: Wanted(CANONICAL, user_id, content, ""))
    except Refused:  # who gave an alias may take it, and not speak for the room
        return
