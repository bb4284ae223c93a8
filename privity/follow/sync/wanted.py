"""What a device asks of a sync, and for whom it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.filters import Filter
from privity.matrix.tokens import SyncToken
from privity.rooms.as_seen import Viewer
from privity.store.people import Person


@dataclass(frozen=True, slots=True)
class SyncWanted:
    """The parameters of `GET /sync`. `since` is None for a first sync."""

    since: SyncToken | None
    filter: Filter
    timeout_ms: int
    full_state: bool
    use_state_after: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One look at what is new: everything with `since < pos <= upto`, for one device."""

    wanted: SyncWanted
    viewer: Viewer
    person: Person
    upto: int

    @property
    def since(self) -> int:
        """The position that the device has; 0 for a first sync."""
        return self.wanted.since.pos if self.wanted.since else 0

    @property
    def is_first(self) -> bool:
        """Whether the device has nothing yet."""
        return self.wanted.since is None
