"""Who may do what: the power levels of a room, parsed once.

1. A named level that is absent has its default: `invite`, `events_default`, `users_default` 0;
   `kick`, `ban`, `redact`, `state_default` and a notification 50.
2. Without a `m.room.power_levels` event the creator has 100 (versions 10 and 11) and others 0.
3. Version 12: the creators' power is infinite, whatever the event says.

Source: client-server API, "m.room.power_levels"; rooms/v12, "Authorisation rules".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any

from privity.matrix.events import Event
from privity.matrix.ids import UserId
from privity.matrix.versions import RoomVersion

_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PowerLevels:
    """The power levels in force. Levels are integers; a version 12 creator has `math.inf`."""

    users: Mapping[str, int]
    users_default: int
    events: Mapping[str, int]
    events_default: int
    state_default: int
    invite: int
    kick: int
    ban: int
    redact: int
    notification_levels: Mapping[str, int]
    creators: frozenset[UserId]

    @classmethod
    def of_room(
        cls, create: Event | None, power_levels: Event | None, version: RoomVersion
    ) -> PowerLevels:
        """The levels in force in a room with this create event and these power levels."""
        creators = creators_of(create, version)
        if power_levels is not None:
            return cls.of_content(
                power_levels.content, creators if version.privileged_creators else frozenset()
            )
        if version.privileged_creators:  # 3
            return cls.of_content({}, creators)
        return cls.of_content({"users": dict.fromkeys(creators, 100)}, frozenset())  # 2

    @classmethod
    def of_content(
        cls, content: Mapping[str, Any], creators: frozenset[UserId] = frozenset()
    ) -> PowerLevels:
        """The levels of a content. What is not an integer counts as absent."""
        return cls(
            users=_levels_in(content, "users"),
            users_default=_level(content, "users_default", 0),  # 1
            events=_levels_in(content, "events"),
            events_default=_level(content, "events_default", 0),
            state_default=_level(content, "state_default", 50),
            invite=_level(content, "invite", 0),
            kick=_level(content, "kick", 50),
            ban=_level(content, "ban", 50),
            redact=_level(content, "redact", 50),
            notification_levels=_levels_in(content, "notifications"),
            creators=creators,
        )

    def of(self, user_id: str) -> float:
        """The power of a user: an integer, or `math.inf` for a version 12 creator."""
        if user_id in self.creators:
            return inf
        return self.users.get(user_id, self.users_default)

    def to_send(self, event_type: str, is_state: bool) -> int:  # noqa: FBT001 - as in the rules
        """The power that sending an event of this type takes."""
        default = self.state_default if is_state else self.events_default
        return self.events.get(event_type, default)

    def notifications(self, key: str) -> int:
        """The power that a notification of this key takes (`room` for `@room`)."""
        return self.notification_levels.get(key, 50)


def creators_of(create: Event | None, version: RoomVersion) -> frozenset[UserId]:
    """The creators of a room: one user up to version 11, with `additional_creators` from 12."""
    if create is None:
        return frozenset()
    if version.creator_in_content:
        creator = create.content.get("creator")
        return frozenset((UserId(creator),)) if isinstance(creator, str) else frozenset()
    if not version.privileged_creators:
        return frozenset((create.sender,))
    more = create.content.get("additional_creators")
    users = more if isinstance(more, list) else ()
    return frozenset((create.sender, *(UserId(user) for user in users if isinstance(user, str))))


def _level(content: Mapping[str, Any], name: str, default: int) -> int:
    value = content.get(name)
    return value if type(value) is int else default


def _levels_in(content: Mapping[str, Any], name: str) -> Mapping[str, int]:
    levels = content.get(name)
    if not isinstance(levels, dict):
        return _NONE
    return {key: value for key, value in levels.items() if type(value) is int}
