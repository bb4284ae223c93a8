"""May somebody reach out to somebody else: the contact gate, asked before every invitation.

1. Only people of this server can be invited: it speaks to no other.
2. The invited's own word (`m.invite_permission_config`).
3. To strangers one reaches out at a stranger's pace. Administrators know everybody.
4. Who is unknown may be one whom an application service is to make: it is asked first.
"""

from __future__ import annotations

from privity.guard import gates, pace
from privity.guard.strangers import InvitationFacts
from privity.house import House
from privity.matrix.errors import Refuse, Refused, forbidden
from privity.matrix.ids import UserId, server_of
from privity.service_road import make_user
from privity.store import accounts


async def may_invite(house: House, inviter: UserId, invited: UserId) -> None:
    """Raise 403 M_FORBIDDEN, 403 M_INVITE_BLOCKED or 429 if `inviter` may not."""
    if server_of(invited) != house.server_name:  # 1
        raise forbidden("This server does not speak to other servers.", because="remote invitee")
    if house.services.of_user(invited):  # 4
        await _have_made(house, inviter, invited)
    person = await house.store.people.get(invited)
    verdict = gates.contact(InvitationFacts(person.wants_no_invitations))  # 2
    if isinstance(verdict, Refuse):
        raise Refused(verdict)
    if not await share_a_room(house, inviter, invited):  # 3
        await keep_strangers_pace(house, inviter)


async def _have_made(house: House, inviter: UserId, invited: UserId) -> None:
    if await house.store.read(lambda tx: accounts.by_id(tx, invited)) is None:
        house.keep_pace(pace.ASK_SERVICE, inviter)
        await make_user(house.services, house.road, invited)


async def keep_strangers_pace(house: House, user_id: UserId) -> None:
    """Take one of the few times a day that somebody may reach out to strangers, or 429."""
    if house.config.unsafe_strangers_may_invite:
        return
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    if account is None or not account.is_admin:
        house.keep_pace(pace.STRANGERS, user_id)


async def share_a_room(house: House, one: UserId, other: UserId) -> bool:
    """Whether there is a room that both are in: if not, they are strangers."""
    people = house.store.people
    return not (await people.get(one)).joined.isdisjoint((await people.get(other)).joined)
