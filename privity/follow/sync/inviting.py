"""Whether an invitation may show what its sender chose: threat `strangers`."""

from __future__ import annotations

from privity.follow.sync.section import Section
from privity.guard import strangers
from privity.house import House
from privity.rooms.contact import share_a_room


async def may_show_words(house: House, section: Section) -> bool:
    """Whether the room's name and picture, and the inviter's, are told to who is invited."""
    inviter = section.inviter
    return strangers.may_show_words(
        shares_a_room=inviter is not None
        and inviter != section.user_id
        and await share_a_room(house, inviter, section.user_id),
        strangers_may_invite=house.config.unsafe_strangers_may_invite,
    )
