"""The bus: how the processes of one cluster wake one another.

Rules of every bus:

1. What is said on it is a hint. Nothing is decided by it, and nothing is lost when it is lost: the
   news are in the database, where each process looks for them anyway, from time to time
   (`store.engine.writer.LOOK_FOR_NEWS_EVERY_S`).
2. Two things are said: that the clock moved, and asides (who types, who is here), which are kept
   nowhere else and are safe to lose.
3. Nobody waits for the bus. What cannot be said now is dropped, the oldest first, and a bus that
   is away is come back to in the background; then the database is looked at, for what was missed.
4. A process does not hear itself.
"""

from __future__ import annotations

from typing import Protocol

MOST_ASIDE_BYTES = 7000
"""A NOTIFY of PostgreSQL carries 8000 bytes, with what goes around it."""
MOST_UNSAID = 500
COME_BACK_AFTER_S = 0.5


class Ears(Protocol):
    """Who listens. Called in the loop."""

    def hint(self, pos: int | None) -> None:
        """Another process says that the clock is at `pos`; None: who knows, look."""
        ...

    def hear(self, aside: bytes) -> None:
        """Another process said this: JSON, if nobody meddled with it."""
        ...


class Bus(Protocol):
    """A way to the other processes."""

    is_up: bool
    """Whether what is said now has somebody to carry it."""

    needs_secret: bool
    """Whether others than the cluster's processes can say and hear what is on it."""

    async def start(self, ears: Ears, secret: bytes) -> None:
        """Begin to listen. Returns though the bus is away: it is come back to.

        `secret` is known to the cluster's processes alone; empty if it is not needed.
        """
        ...

    async def stop(self) -> None:
        """Hear and say nothing more."""
        ...

    def tell_news(self, pos: int) -> None:
        """This process committed everything up to `pos`."""
        ...

    def tell_aside(self, aside: bytes) -> None:
        """Say this to the other processes, if they can be reached: up to `MOST_ASIDE_BYTES`."""
        ...

    def describe(self) -> str:
        """For people: which bus, and where. Holds no password."""
        ...


class Silence:
    """The bus of a process that has none: others are found out by looking."""

    is_up = False
    needs_secret = False

    async def start(self, ears: Ears, secret: bytes) -> None:
        """Nothing begins."""

    async def stop(self) -> None:
        """Nothing ends."""

    def tell_news(self, pos: int) -> None:
        """Nobody hears."""

    def tell_aside(self, aside: bytes) -> None:
        """Nobody hears."""

    def describe(self) -> str:
        """For people."""
        return "none: each process looks by itself"
