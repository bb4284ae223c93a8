"""Media that was promised and is waited for: who waits is told when it comes, to any process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Arrivals:
    """The requests of this process that wait for media."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.is_draining = False

    @contextmanager
    def expected(self, media_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when this media came, or when the server stops."""
        came = asyncio.Event()
        waiting = self._waiting.setdefault(media_id, set())
        waiting.add(came)
        if self.is_draining:
            came.set()
        try:
            yield came
        finally:
            waiting.discard(came)
            if not waiting:
                self._waiting.pop(media_id, None)

    def came(self, media_id: str) -> None:
        """This media is here now."""
        for waiting in self._waiting.get(media_id, ()):
            waiting.set()

    def drain(self) -> None:
        """The server stops: nobody waits any more."""
        self.is_draining = True
        for media_id in list(self._waiting):
            self.came(media_id)
