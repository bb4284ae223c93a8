"""A new name or avatar is shown in every room that the person is in."""

from __future__ import annotations

from privity.house import House
from privity.matrix.errors import Refused
from privity.matrix.ids import RoomId, UserId
from privity.rooms.place import Wanted, place
from privity.store.heads import Head
from privity.store.profiles import Profile


async def follow_profile(house: House, user_id: UserId, profile: Profile) -> None:
    """Renew the membership in each room. One that refuses keeps the old name."""
    person = await house.store.people.get(user_id)
    for room_id in sorted(person.joined):
        await _renew(house, user_id, room_id, profile)


async def _renew(house: House, user_id: UserId, room_id: RoomId, profile: Profile) -> None:
    def want(head: Head) -> Wanted:
        member = head.get("m.room.member", user_id)
        content = dict(member.content) if member else {"membership": "join"}
        for name in ("displayname", "avatar_url"):
            content.pop(name, None)
        return Wanted("m.room.member", user_id, content | profile.as_member_content(), user_id)

    try:
        await place(house, room_id, want)
    except Refused:  # left or banned in the meantime
        return
