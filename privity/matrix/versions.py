"""Room versions 10, 11 and 12, and in what they differ; and the older ones, back to the first.

Rooms of the older ones are made only where every `unsafe_` switch is on. Their power levels are
integers here too, where they took texts; and the state of version 1 is resolved as that of the
others, which no room of one server will ever notice.

Source: rooms/v1 to rooms/v12 of the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType


class Redaction(Enum):
    """The redaction algorithms, each named for the room version that brought it."""

    V1 = "1"
    V6 = "6"
    V8 = "8"
    V9 = "9"
    V11 = "11"


class EventIds(Enum):
    """What an event's id is.

    - `OWN`: whatever its server called it; those who refer to it add its reference hash
    - `BASE64`: `$` and its reference hash in Base64, whose `/` has to be escaped in a path
    - `HASH`: `$` and its reference hash in Base64 for URLs
    """

    OWN = "1"
    BASE64 = "3"
    HASH = "4"


class StateResolution(Enum):
    """The state resolution algorithms."""

    V2 = "2"
    V2_1 = "2.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomVersion:
    """What a room version decides.

    - `creator_in_content`: the creator is `content.creator` of the create event, not its sender
    - `redacts_in_content`: a redaction names its target in `content.redacts`, not at the top
    - `room_id_is_create_hash`: the room id is the create event's id with the sigil `!`; the create
      event has no `room_id` and is never among the auth events
    - `privileged_creators`: the creators' power is infinite and is not in the power levels
    - `join_rules`: those that it knows; any other lets nobody in
    - `event_ids`: how an event is named
    - `has_alias_rule`: each server says in a state event of its own which aliases it has
    """

    id: str
    stable: bool
    creator_in_content: bool
    redaction: Redaction
    redacts_in_content: bool
    room_id_is_create_hash: bool
    privileged_creators: bool
    state_resolution: StateResolution
    join_rules: frozenset[str] = frozenset(
        {"public", "invite", "knock", "restricted", "knock_restricted"}
    )
    event_ids: EventIds = EventIds.HASH
    has_alias_rule: bool = False

    @property
    def has_restricted_rooms(self) -> bool:
        """Whether members of one room may be let into another."""
        return "restricted" in self.join_rules


V10 = RoomVersion(
    id="10",
    stable=True,
    creator_in_content=True,
    redaction=Redaction.V9,
    redacts_in_content=False,
    room_id_is_create_hash=False,
    privileged_creators=False,
    state_resolution=StateResolution.V2,
)

V11 = RoomVersion(
    id="11",
    stable=True,
    creator_in_content=False,
    redaction=Redaction.V11,
    redacts_in_content=True,
    room_id_is_create_hash=False,
    privileged_creators=False,
    state_resolution=StateResolution.V2,
)

V12 = RoomVersion(
    id="12",
    stable=True,
    creator_in_content=False,
    redaction=Redaction.V11,
    redacts_in_content=True,
    room_id_is_create_hash=True,
    privileged_creators=True,
    state_resolution=StateResolution.V2_1,
)

V9 = replace(V10, id="9", join_rules=V10.join_rules - {"knock_restricted"})
V8 = replace(V9, id="8", redaction=Redaction.V8)
V7 = replace(V8, id="7", redaction=Redaction.V6, join_rules=V8.join_rules - {"restricted"})
V6 = replace(V7, id="6", join_rules=V7.join_rules - {"knock"})
V5 = replace(V6, id="5", redaction=Redaction.V1, has_alias_rule=True)
V4 = replace(V5, id="4")
V3 = replace(V4, id="3", event_ids=EventIds.BASE64)
V2 = replace(V3, id="2", event_ids=EventIds.OWN)
V1 = replace(V2, id="1")

MADE: Mapping[str, RoomVersion] = MappingProxyType({v.id: v for v in (V10, V11, V12)})
KNOWN: Mapping[str, RoomVersion] = MappingProxyType(
    {**{v.id: v for v in (V1, V2, V3, V4, V5, V6, V7, V8, V9)}, **MADE}
)

DEFAULT = "12"
