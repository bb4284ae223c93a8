"""One look of a sync: which rooms it says something of, and what of it has to be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from privity.follow.sync import section as sections
from privity.follow.sync.changes import Changes
from privity.follow.sync.rendering import Parts
from privity.follow.sync.section import Section
from privity.follow.sync.unread import Count, Unread
from privity.follow.sync.wanted import Asked
from privity.matrix.ids import RoomId
from privity.store.people import Standing


@dataclass(slots=True)
class Look:
    """One look under way: what changed, what the answer has so far, what must still be read."""

    changes: Changes
    parts: Parts
    unread: list[Section] = field(default_factory=list)
    is_counting: bool = False

    @property
    def needs_reading(self) -> bool:
        """Whether the database has to be asked."""
        return bool(
            self.unread
            or self.is_counting
            or self.parts.asked.is_first
            or self.changes.account_data
            or self.changes.room_account_data
        )

    def candidates(self, asked: Asked) -> list[RoomId]:
        """The rooms that the answer may say something of."""
        changes = self.changes
        if changes.events is None or asked.wanted.full_state:
            return list(asked.person.rooms)
        return list({**changes.events, **changes.receipts, **changes.room_account_data})

    def forgotten(self, asked: Asked) -> list[tuple[RoomId, Standing]]:
        """The rooms that they left and forgot since: this device has to hear of it too."""
        if asked.is_first:
            return []
        return [
            (room_id, standing)
            for room_id, standing in asked.person.forgotten.items()
            if self.concerns(asked, room_id, standing)
        ]

    def concerns(self, asked: Asked, room_id: RoomId, standing: Standing) -> bool:
        """Whether the answer says anything of this room."""
        wanted = asked.wanted
        if standing.since > asked.upto or not wanted.filter.room.allows(room_id):
            return False
        is_new = standing.since > asked.since
        if standing.membership == "join":
            return (
                is_new
                or wanted.full_state
                or self.changes.events is None
                or room_id in self.changes.events
                or room_id in self.changes.receipts
                or room_id in self.changes.room_account_data
            )
        if standing.membership in {"invite", "knock"}:
            return standing.pos > asked.since
        if asked.is_first:
            return wanted.filter.room.include_leave
        return is_new

    def begin(self, asked: Asked, section: Section) -> None:
        """Put a room where it belongs in the answer, and fill it if memory can."""
        membership = section.standing.membership
        room_id = section.room_id
        if membership == "invite":
            if not _is_unwanted(asked, section):
                self.parts.invited[room_id] = section
            return
        if membership == "knock":
            self.parts.knocked[room_id] = section
            return
        if membership != "join":
            self.parts.left[room_id] = section
            self.unread.append(section)
            return
        self.parts.joined[room_id] = section
        shows = asked.wanted.filter.room.ephemeral.passes
        if room_id in self.changes.receipts and shows("m.receipt", "", room_id, {}):
            self.parts.receipts[room_id] = self.changes.receipts[room_id]
        reads = asked.wanted.filter.room.timeline.asks_for_relations
        if section.is_whole or self.changes.events is None or reads:
            self.unread.append(section)
        else:
            new = self.changes.events.get(room_id, [])
            sections.fill_from_memory(asked, section, new)

    def count(self, asked: Asked, section: Section, unread: Unread) -> None:
        """The room's unread messages, if memory knows them."""
        count: Count | None = unread.known(asked, section.head, self.changes)
        if count is None:
            self.is_counting = True
        else:
            self.parts.counts[section.room_id] = count


def _is_unwanted(asked: Asked, section: Section) -> bool:
    """Whether the person takes no invitations, or none of who sent this one."""
    person = asked.person
    return person.wants_no_invitations or section.inviter in person.ignored
