"""Those who read the stream in this process, as the doors reach them."""

from __future__ import annotations

from dataclasses import dataclass

from privity.follow.sync.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Followers:
    """The followers that requests talk to."""

    waiting: Waiting

    def drain(self) -> None:
        """The server stops: let go whoever waits."""
        self.waiting.drain()
