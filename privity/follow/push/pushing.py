"""The follower that notifies: one process of the cluster does, the others stand by.

1. Nothing is looked at while nobody has a pusher. Who has one is in memory; a change of an account
   (a pusher set or gone, a device's end, a lock) has that person looked up anew.
2. One process at a time holds the lease, looks through the stream and sends. A server that is alone
   with its database needs none.
3. What a position was worth is written down with the position (`store/notifications.py`); a
   position that was worth nothing only now and then, for it would be worth nothing again.

Source: client-server API, push module, "Server behaviour".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

from privity.follow.push.finding import find
from privity.follow.push.sending import Gateways, Sending
from privity.follow.sync.recent import Recent
from privity.follow.sync.unread import Unread
from privity.house import House
from privity.log import log
from privity.matrix.ids import UserId
from privity.store import events, leases, notifications, pushers
from privity.store.engine import DatabaseAway, Tx
from privity.store.streams import AccountChanged, Entry, EventAdded, ReceiptMoved
from privity.store.typing import TypingChanged

LEASE = "pushing"
LEASE_MS = 12_000
RENEW_EVERY_S = 4.0
AGAIN_AFTER_S = 5.0
PAGE = 1_000
WRITE_AFTER = 5_000


class Pushing:
    """Looks through the stream for what is worth a notification."""

    def __init__(self, house: House, recent: Recent, unread: Unread) -> None:
        self._house = house
        self._recent = recent
        self._holder = secrets.token_hex(8)
        self._owners: set[UserId] | None = None
        self._changed: set[UserId] = set()
        self._looked: int | None = None
        self._written = 0
        self._asked_ms = 0
        self._has_lease = False
        self.woken = asyncio.Event()
        self.sending = Sending(house, unread, self.woken.set)

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """Note whose pushers may have changed; wake up for what may be worth a notification."""
        del pos
        for entry in entries:
            if isinstance(entry, AccountChanged):
                self._changed.add(entry.user_id)
                self.woken.set()
            elif self._owners and isinstance(entry, EventAdded | ReceiptMoved):
                self.woken.set()

    async def look(self) -> bool:
        """Look at what is new and keep what is worth it. False: nobody to notify, or not by us."""
        await self._learn_owners()
        if not self._owners:
            self._looked = None
            return False
        if not await self._is_ours():
            self._looked = None
            self.sending.forget()
            return False
        if self._looked is None:
            await self._begin()
        while self._looked is not None and self._looked < self._house.store.pos:
            await self._look_on(self._looked, self._owners)
        if self._looked is None:  # somebody else looked further: see how far
            self.woken.set()
        return True

    @property
    def is_idle(self) -> bool:
        """Whether nobody has a pusher."""
        return not self._owners

    async def stop(self) -> None:
        """Another process may begin at once."""
        await self.sending.stop()
        if self._has_lease:
            with suppress(DatabaseAway):
                await self._house.store.write(lambda tx: leases.give_back(tx, LEASE, self._holder))

    async def _learn_owners(self) -> None:  # 1
        changed, self._changed = self._changed, set()
        try:
            if self._owners is None:
                self._owners = await self._house.store.read(pushers.owners)
            elif changed:
                owners = await self._house.store.read(lambda tx: pushers.owners(tx, changed))
                self._owners = (self._owners - changed) | owners
        except DatabaseAway:
            self._changed |= changed
            raise

    async def _is_ours(self) -> bool:  # 2
        store, now_ms = self._house.store, self._house.clock.now_ms()
        if not store.has_company:
            return True
        if self._asked_ms + RENEW_EVERY_S * 1000 <= now_ms:
            self._has_lease = await store.write(
                lambda tx: leases.take(tx, LEASE, self._holder, now_ms, LEASE_MS)
            )
            self._asked_ms = now_ms
        return self._has_lease

    async def _begin(self) -> None:
        def job(tx: Tx) -> tuple[int | None, list[int]]:
            return notifications.looked_upto(tx), notifications.concerned(tx)

        self._looked, concerned = await self._house.store.read(job)
        self._written = self._looked or 0
        self.sending.add(concerned)

    async def _look_on(self, since: int, owners: set[UserId]) -> None:
        store = self._house.store
        upto = min(store.pos, since + PAGE)
        entries: list[Entry] | None = self._recent.between(since, upto)
        if entries is None:
            entries = await store.read(lambda tx: _events_between(tx, since, upto))
        found = await find(self._house, owners, entries)
        if found or upto >= self._written + WRITE_AFTER:  # 3
            now_ms = self._house.clock.now_ms()
            wanted = await store.read(lambda tx: notifications.wanted(tx, found))
            if not await store.write(
                lambda tx: notifications.keep(tx, since, upto, wanted, now_ms)
            ):
                self._looked = None
                return
            self._written = upto
            self.sending.add(pusher_id for pusher_id, _ in wanted.rows)
        self._looked = upto


def _events_between(tx: Tx, since: int, upto: int) -> list[Entry]:
    return [EventAdded(placed.pos, placed) for placed in events.between(tx, since, upto)]


async def keep_pushing(pushing: Pushing, open_gateways: Callable[[], Gateways]) -> None:
    """Do so for as long as the server runs. The way to gateways is opened when there is need."""
    gateways: Gateways | None = None
    try:
        while True:
            pushing.woken.clear()
            try:
                if await pushing.look():
                    gateways = gateways or open_gateways()
                    pushing.sending.start_due(gateways)
                timeout_s = None if pushing.is_idle else RENEW_EVERY_S
            except DatabaseAway as error:
                log.warning("push.waits", because=str(error))
                timeout_s = AGAIN_AFTER_S
            await _wait(pushing, timeout_s)
    finally:
        await pushing.stop()
        if gateways is not None:
            await gateways.close()


async def _wait(pushing: Pushing, timeout_s: float | None) -> None:
    due_ms = pushing.sending.next_in_ms()
    if due_ms is not None and timeout_s is not None:
        timeout_s = min(timeout_s, due_ms / 1000)
    try:
        async with asyncio.timeout(timeout_s):
            await pushing.woken.wait()
    except TimeoutError:
        return
