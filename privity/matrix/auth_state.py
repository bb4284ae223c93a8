"""The part of a room's state that the authorisation rules look at, and how they say no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from privity.matrix.events import Event
from privity.matrix.power_levels import PowerLevels
from privity.matrix.versions import RoomVersion


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that the rules do not allow. `rule` is the number in rooms/v12, such as `5.4.3`."""

    rule: str
    because: str


class AuthState(Protocol):
    """The state before an event. `levels` must be those of `create` and `power_levels`."""

    @property
    def create(self) -> Event | None:
        """The accepted `m.room.create` event."""
        ...

    @property
    def power_levels(self) -> Event | None:
        """The `m.room.power_levels` event."""
        ...

    @property
    def levels(self) -> PowerLevels:
        """The levels in force, parsed: `PowerLevels.of_room(create, power_levels, version)`."""
        ...

    @property
    def join_rules(self) -> Event | None:
        """The `m.room.join_rules` event."""
        ...

    def membership(self, user_id: str) -> str:
        """`join`, `invite`, `leave`, `ban` or `knock`; `leave` for a user never heard of."""
        ...

    def third_party_invite(self, token: str) -> Event | None:
        """The `m.room.third_party_invite` event with this token as its state key."""
        ...


class EventsAuthState:
    """An `AuthState` over a set of state events; of two for the same key the later counts."""

    def __init__(self, events: Iterable[Event], version: RoomVersion) -> None:
        self._events = {(e.type, e.state_key): e for e in events}
        self._version = version

    @property
    def create(self) -> Event | None:
        """The create event of the set."""
        return self._events.get(("m.room.create", ""))

    @property
    def power_levels(self) -> Event | None:
        """The power levels of the set."""
        return self._events.get(("m.room.power_levels", ""))

    @cached_property
    def levels(self) -> PowerLevels:
        """Parsed when they are first asked for."""
        return PowerLevels.of_room(self.create, self.power_levels, self._version)

    @property
    def join_rules(self) -> Event | None:
        """The join rules of the set."""
        return self._events.get(("m.room.join_rules", ""))

    def membership(self, user_id: str) -> str:
        """As the user's membership event of the set says; `leave` without one."""
        return membership_in(self._events.get(("m.room.member", user_id)))

    def third_party_invite(self, token: str) -> Event | None:
        """The third party invite of the set with this token."""
        return self._events.get(("m.room.third_party_invite", token))


def membership_in(member: Event | None) -> str:
    """The membership that a `m.room.member` event states; `leave` without one."""
    if member is None:
        return "leave"
    membership = member.content.get("membership")
    return membership if isinstance(membership, str) else "leave"
