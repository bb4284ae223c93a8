"""When and from where each device was last here, until it is written: not on the road of a request.

What is noted in one minute is written as one row a device; a crash forgets that minute, no more.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import DeviceId, UserId


@dataclass(frozen=True, slots=True)
class Seen:
    """A device was here at `ts` (ms), from `address`."""

    user_id: UserId
    device_id: DeviceId
    ts: int
    address: str


class LastSeen:
    """What was noted since it was last taken."""

    def __init__(self) -> None:
        self._noted: dict[tuple[UserId, DeviceId], tuple[int, str]] = {}

    def note(self, user_id: UserId, device_id: DeviceId, ts: int, address: str) -> None:
        """The device is here."""
        self._noted[user_id, device_id] = (ts, address)

    def take(self) -> list[Seen]:
        """What is to be written, once."""
        noted, self._noted = self._noted, {}
        return [Seen(*key, *value) for key, value in noted.items()]
