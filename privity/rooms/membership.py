"""Join, invite, leave, kick, ban, unban: one deed, for they are one event of different content.

Whether it may be is for the room's rules; here is what the rules do not say:

1. Who has joined and joins again, or is out and leaves, changes nothing: no event, no error.
2. Free text (`reason`) would be words in clear: it is dropped (threat `plaintext`).
3. Whether somebody may be invited is for the contact gate (see `contact`).
4. Who joins a restricted room because they are in another needs somebody who may invite to stand
   for them; here the server names one, whomever the client names.
5. A knock is a stranger's road: at a stranger's pace.
6. A guest joins rooms that let guests in, and no others (client-server API, "Guest Access").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privity.guard import pace
from privity.guard.plaintext import without_free_text
from privity.house import House
from privity.matrix.errors import Errcode, forbidden, refused
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.membership_rules import AUTHORISER
from privity.rooms.contact import keep_strangers_pace, may_invite
from privity.rooms.place import Wanted, head_of, place
from privity.rooms.preview import allowed_rooms
from privity.rooms.sight import must_be_joined
from privity.rooms.take_along import take_along
from privity.store import accounts, profiles, rooms
from privity.store.engine import WriteTx
from privity.store.heads import Head
from privity.store.people import Person
from privity.store.profiles import NOBODY
from privity.store.sessions import Session


@dataclass(frozen=True, slots=True)
class Change:
    """The membership that `user_id` is to have. `more` goes into the content.

    With `is_whole`, `more` is all the rest of it: it is written though the membership is the same
    as before, and the profile is not added. `ts`: when an application service says that it was.
    """

    room_id: RoomId
    user_id: UserId
    membership: str
    more: dict[str, Any]
    is_whole: bool = False
    ts: int | None = None


async def change_membership(house: House, session: Session, change: Change) -> EventId:
    """Make it so. The event that made it so, if it is so already (rule 1)."""
    if change.membership == "invite":
        house.keep_pace(pace.INVITE, session.user_id)
        await may_invite(house, session.user_id, change.user_id)
    if (already := await _already_so(house, session, change)) is not None:
        return already
    shown = {}
    if change.membership in {"join", "invite", "knock"} and not change.is_whole:
        profile = await house.store.read(lambda tx: profiles.of(tx, change.user_id))
        shown = (profile or NOBODY).as_member_content()
    if change.membership == "knock":  # 5
        await keep_strangers_pace(house, session.user_id)
    person = await house.store.people.get(change.user_id)
    joins = change.membership == "join" and change.user_id == session.user_id
    more = {name: value for name, value in change.more.items() if name != AUTHORISER}  # 4
    if not house.config.unsafe_allow_plaintext:
        more = without_free_text(more)  # 2

    def want(head: Head) -> Wanted:
        if session.is_guest and change.membership == "join":
            _lets_guests_in(head)
        content = {**shown, **more, **_kept(head, change), "membership": change.membership}
        if joins:
            content |= _authorised(head, person)
        return Wanted("m.room.member", session.user_id, content, change.user_id, ts=change.ts)

    event = await place(house, change.room_id, want)
    if joins:
        head = await head_of(house, change.room_id)
        await take_along(house, session.user_id, head)
    return event.event_id


async def _already_so(house: House, session: Session, change: Change) -> EventId | None:  # 1
    """The event that made it so, if it is. That is answered without a turn: so look first."""
    is_own_way = change.membership in {"join", "leave"} and change.user_id == session.user_id
    head = await head_of(house, change.room_id)
    if not is_own_way or change.is_whole or head.membership(change.user_id) != change.membership:
        return None
    if house.store.has_company:
        await house.store.catch_up()
        head = await head_of(house, change.room_id)
    member = head.get("m.room.member", change.user_id)
    if member is None or member.content.get("membership") != change.membership:
        return None
    return member.event_id


def _kept(head: Head, change: Change) -> dict[str, Any]:
    """A direct chat stays one: the mark that came with the invitation stays on the join."""
    invite = head.get("m.room.member", change.user_id)
    is_answer = change.membership == "join" and invite is not None
    if is_answer and invite is not None and invite.content.get("is_direct") is True:
        return {"is_direct": True}
    return {}


def _lets_guests_in(head: Head) -> None:  # 6
    access = head.get("m.room.guest_access", "")
    if access is None or access.content.get("guest_access") != "can_join":
        says = "Guests cannot join this room."
        raise refused(Errcode.GUEST_ACCESS_FORBIDDEN, says)


def _authorised(head: Head, person: Person) -> dict[str, Any]:  # 4
    if head.membership(person.user_id) in {"join", "invite"}:
        return {}
    if person.joined.isdisjoint(allowed_rooms(head)):
        return {}
    levels = head.levels
    may = next((member for member in head.joined if levels.of(member) >= levels.invite), None)
    return {AUTHORISER: may} if may else {}


async def kick(house: House, session: Session, change: Change) -> EventId:
    """Remove somebody who is in the room, invited or knocking. 403 M_FORBIDDEN for others."""
    head = await must_be_joined(house, session.user_id, change.room_id)
    if head.membership(change.user_id) not in {"join", "invite", "knock"}:
        raise forbidden("They are not in this room.", because="kick of one who is out")
    return await change_membership(house, session, change)


async def unban(house: House, session: Session, change: Change) -> EventId:
    """Lift a ban. 403 M_FORBIDDEN if there is none."""
    head = await must_be_joined(house, session.user_id, change.room_id)
    if head.membership(change.user_id) != "ban":
        raise forbidden("They are not banned.", because="unban of one who is not banned")
    return await change_membership(house, session, change)


async def forget(house: House, user_id: UserId, room_id: RoomId) -> None:
    """Hear nothing more of a room that one has left. 400 while one is in it."""
    person = await house.store.people.get(user_id)
    standing = person.rooms.get(room_id)
    if standing is None:
        raise forbidden("You are not in this room.", because="forget of an unknown room")
    if standing.membership not in {"leave", "ban"}:
        raise refused(Errcode.UNKNOWN, "Leave the room before you forget it.", status=400)

    def job(tx: WriteTx) -> None:
        rooms.forget(tx, user_id, room_id)
        accounts.tell_changed(tx, user_id)

    await house.store.write(job)
