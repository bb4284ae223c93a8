"""A follower of the stream that keeps what it hears."""

from __future__ import annotations

from privity.store.streams import Entry
from privity.store.typing import TypingChanged
from tests.world import World


class Listening:
    """Listens from now on."""

    def __init__(self, world: World) -> None:
        self.heard: list[Entry | TypingChanged] = []
        world.store.tell(self)

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """What was committed."""
        del pos
        self.heard += entries

    def kinds(self) -> set[type]:
        """The kinds of entries that were heard."""
        return {type(entry) for entry in self.heard}
