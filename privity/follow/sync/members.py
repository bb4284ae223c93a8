"""Lazy loading: which members' events a device has already been given.

A member counts as given once the device syncs from the position of the answer that it came with,
or from a later one: an answer may be lost on its way.
Kept in memory only: after a restart a member comes once more, which clients take well.
Source: client-server API, "Lazy-loading room members".
"""

from __future__ import annotations

from collections import OrderedDict

from privity.follow.sync.section import Section
from privity.follow.sync.wanted import Asked
from privity.matrix.ids import DeviceId, EventId, RoomId, UserId
from privity.store.events import Placed

MOST_KEPT = 20_000

_Key = tuple[UserId, DeviceId, RoomId]
_Members = dict[str, tuple[EventId, int]]


class Given:
    """By device and room: the member events that were sent."""

    def __init__(self) -> None:
        self._given: OrderedDict[_Key, _Members] = OrderedDict()

    def keep_wanted(self, asked: Asked, section: Section) -> None:
        """Leave in the section's state only the members that it needs, and add those missing."""
        given = self._of(asked, section.room_id)
        redundant = asked.wanted.filter.room.state.include_redundant_members
        needed = {placed.event.sender for placed in section.timeline}
        is_all = section.is_whole or asked.wanted.full_state
        if is_all:
            needed.add(asked.person.user_id)
        if section.summary is not None:
            needed.update(section.summary.get("m.heroes", ()))
        kept: list[Placed] = []

        def has(member: Placed) -> bool:
            event_id, pos = given.get(member.event.state_key or "", ("", 0))
            return event_id == member.event.event_id and pos <= asked.since

        for placed in section.state:
            event = placed.event
            if event.type != "m.room.member":
                kept.append(placed)
            elif event.state_key in needed or not is_all:
                needed.discard(UserId(event.state_key or ""))
                if redundant or not has(placed):
                    given[event.state_key or ""] = event.event_id, asked.upto
                    kept.append(placed)
        in_timeline = {
            placed.event.state_key: (placed.event.event_id, asked.upto)
            for placed in section.timeline
            if placed.event.type == "m.room.member" and placed.event.state_key is not None
        }
        for user_id in needed - in_timeline.keys():
            member = section.head.state.get(("m.room.member", user_id))
            if member is not None and (redundant or not has(member)):
                given[user_id] = member.event.event_id, asked.upto
                kept.append(member)
        given.update(in_timeline)
        section.state = kept

    def _of(self, asked: Asked, room_id: RoomId) -> _Members:
        key = (asked.viewer.user_id, asked.viewer.device_id, room_id)
        given = self._given.setdefault(key, {})
        self._given.move_to_end(key)
        if asked.is_first:
            given.clear()
        if len(self._given) > MOST_KEPT:
            self._given.popitem(last=False)
        return given
