"""The store: one database, and what is kept of it in memory.

Everything in memory moves in one place, `publish`, in the loop's thread, in the order of the
stream. So at any moment of the loop all of it shows the database exactly as of `pos`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from privity.config import Config
from privity.store import identity, presence, streams
from privity.store.arrivals import Arrivals
from privity.store.bus import Bus, Silence
from privity.store.device_facts import KnownDevices
from privity.store.engine import Engine, ReadJob, Row, Tx, WriteJob
from privity.store.engine.connection import MOST_STATE_CHANGES
from privity.store.files import Files
from privity.store.filters import KeptFilters
from privity.store.heads import Heads
from privity.store.last_seen import LastSeen
from privity.store.people import People
from privity.store.presence import Presences
from privity.store.repeats import Repeats
from privity.store.sessions import Sessions
from privity.store.shouts import Shouts
from privity.store.streams import (
    AccountChanged,
    AccountDataSet,
    EventAdded,
    MediaCame,
    MessageQueued,
    OneTimeKeysChanged,
    PresenceSet,
)
from privity.store.typing import Typing, TypingChanged

T = TypeVar("T")

MEDIA_FOLDER = "media"
ANYWHERE = 1 << 62


class Follower(Protocol):
    """Somebody who reads the stream after the commit (see `privity.follow`)."""

    def follow(self, pos: int, entries: list[streams.Entry | TypingChanged]) -> None:
        """`entries` are committed, in order, and everything up to `pos` is."""
        ...


class Store:
    """The database and its memory."""

    def __init__(
        self, engine: Engine, config: Config, bus: Bus | None = None, files: Files | None = None
    ) -> None:
        self.engine = engine
        self.bus: Bus = bus or Silence()
        self.shouts = Shouts(self.bus)
        self.files = files or Files(config.data_dir / MEDIA_FOLDER)
        self.heads = Heads(engine, config.room_cache_events)
        self.people = People(engine)
        self.sessions = Sessions(engine)
        self.devices = KnownDevices(engine)
        self.typing = Typing()
        self.filters = KeptFilters(engine)
        self.repeats = Repeats()
        self.presence = Presences()
        self._has_presence = config.presence
        self.last_seen = LastSeen()
        self.arrivals = Arrivals()
        self.pos = 0
        self._followers: list[Follower] = []
        self._moves: dict[type, Callable[[Any], None]] = {
            AccountDataSet: self.people.account_data_set,
            MessageQueued: lambda e: self.devices.message_queued(e.user_id, e.device_id, e.pos),
            OneTimeKeysChanged: lambda e: self.devices.forget(e.user_id, e.device_id),
            AccountChanged: self._account_changed,
            PresenceSet: self.presence.published,
            MediaCame: lambda e: self.arrivals.came(e.media_id),
        }

    async def start(self) -> None:
        """Open the database and the folder of media."""
        self.pos = await self.engine.start(self)
        if self._has_presence:
            for entry in await self.engine.read(presence.everybody_here):
                self.presence.published(entry)
        await self.files.start()
        secret = await self._bus_secret() if self.bus.needs_secret else b""
        await self.bus.start(self, secret)

    async def stop(self) -> None:
        """Finish what was accepted, close."""
        await self.bus.stop()
        await self.files.stop()
        await self.engine.stop()

    async def _bus_secret(self) -> bytes:
        new = secrets.token_bytes(32)
        return await self.engine.write(lambda tx: identity.bus_secret(tx, new))

    def tell(self, follower: Follower) -> None:
        """From now on `follower` hears of every commit."""
        self._followers.append(follower)

    async def read(self, job: ReadJob[T]) -> T:
        """Run `job` over one snapshot."""
        return await self.engine.read(job)

    async def write(self, job: WriteJob[T], undo: Callable[[], None] | None = None) -> T:
        """Run `job` in the next group; done when it is on the disk and published."""
        return await self.engine.write(job, undo)

    @property
    def has_company(self) -> bool:
        """Whether other processes may be writing to the same database."""
        return self.engine.is_shared

    async def catch_up(self) -> None:
        """Done when all is published here that any process had committed when it was asked."""
        await self.engine.catch_up()

    async def reach(self, pos: int) -> bool:
        """Whether everything up to `pos` is published here, after a look if there is company.

        For tokens: a client brings one to this process that another gave it a moment ago.
        """
        if pos > self.pos and self.has_company:
            await self.catch_up()
        return pos <= self.pos

    def tell_typing(self, changed: list[TypingChanged]) -> None:
        """Tell the followers who types where; nothing of it is committed anywhere."""
        for follower in self._followers:
            follower.follow(self.pos, list(changed))

    def _account_changed(self, entry: AccountChanged) -> None:
        self.sessions.forget(entry.user_id)
        self.people.forget(entry.user_id)

    # -- What other processes say

    def hint(self, pos: int | None) -> None:
        """The clock may be at `pos`; None: who knows."""
        self.engine.hint(ANYWHERE if pos is None else pos)

    def hear(self, aside: bytes) -> None:
        """Something that is kept nowhere."""
        self.shouts.heard(aside)

    # -- News

    def others_wrote(self, upto: int, changes: list[Row]) -> None:
        """In the writer's thread: note what events under way may rely on no longer."""
        elsewhere = self.heads.elsewhere
        if len(changes) == MOST_STATE_CHANGES:
            elsewhere.forget(upto)
        for room_id, kind, state_key, pos in changes:
            elsewhere.note(room_id, (kind, state_key), pos)

    def read_news(self, tx: Tx, since: int, upto: int) -> list[Any]:
        """In the writer's thread: what another process wrote."""
        entries = streams.entries_between(tx, since, upto)
        for entry in entries:
            if isinstance(entry, EventAdded) and entry.placed.event.state_key is not None:
                event = entry.placed.event
                key = (event.type, event.state_key or "")
                self.heads.elsewhere.note(event.room_id, key, entry.pos)
        return list(entries)

    def committed(self, pos: int) -> None:
        """In the loop's thread: this process itself wrote, the last of it at `pos`."""
        self.bus.tell_news(pos)

    def publish(self, pos: int, entries: list[Any]) -> None:
        """In the loop's thread: move what is in memory, then tell the followers."""
        for entry in entries:
            if isinstance(entry, EventAdded):
                self.heads.published(entry)
                self.people.published(entry.placed)
            elif (move := self._moves.get(type(entry))) is not None:
                move(entry)
        self.pos = pos
        if entries:
            for follower in self._followers:
                follower.follow(pos, entries)
