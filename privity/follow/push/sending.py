"""Sends what waits for each pusher, oldest first, one at a time.

1. A gateway hears which event, in which room, and how much is unread. Nothing that anybody said,
   no name of a person or a room, no sender: whatever format its client asked for.
   SPEC: a pusher without `format: event_id_only` is to be told the content of the event and who
   sent it. Here it is told what that format has, unless every `unsafe_` switch is on. `unread` is
   told also when it is 0, which "should be omitted": else no gateway would learn that somebody has
   read everything.
2. What was read, or redacted, before it could be sent is told as a count only, and that only if it
   is another than the gateway heard last.
3. A gateway that fails is asked again later and later, for a day. Then what waits is dropped.
4. A pushkey that the gateway rejects is removed with its pusher.
5. What waits is in the database until it is sent, so a process that dies loses nothing; it may be
   told twice. The id of the event tells the gateway.
6. One gateway has a few of them at a time: one that hangs does not hold up the others.

Source: push gateway API.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from typing import Any, Protocol

from privity.accounts.set_pusher import push_bounds
from privity.follow.attention import is_read
from privity.follow.push.badge import badge_of, unread_rooms
from privity.follow.push.in_full import in_full
from privity.follow.sync.unread import Unread
from privity.guard.reach import Gateway, gateway_of, may_be_called
from privity.house import House
from privity.log import log
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId
from privity.store import events, notifications, pushers
from privity.store.engine import DatabaseAway, Tx
from privity.store.events import Placed
from privity.store.notifications import Waiting

FIRST_AGAIN_MS = 1_000
LAST_AGAIN_MS = 15 * 60_000
GIVE_UP_AFTER_MS = 24 * 3_600_000
MOST_AT_ONCE = 100
MOST_AT_ONE_GATEWAY = 20
MOST_LOOKED_AT = 500
LOOK_AGAIN_MS = 50


class GatewayAway(Exception):  # noqa: N818 - named for what happened
    """A gateway did not take a notification. The text names no address and no key."""


class Gateways(Protocol):
    """The way to the gateways."""

    async def notify(self, gateway: Gateway, body: bytes) -> list[str]:
        """Tell a gateway. The pushkeys that it rejects. Raises `GatewayAway`."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


class Sending:
    """What is on its way from this process, and how often it went how.

    `ended` is called whenever one pusher is done with.
    """

    def __init__(self, house: House, unread: Unread, ended: Callable[[], None]) -> None:
        self._house = house
        self._unread = unread
        self._ended = ended
        self._ready: dict[int, Gateway | None] = {}
        self._later: list[tuple[int, int]] = []
        self._failures: Counter[int] = Counter()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._at: Counter[Gateway] = Counter()
        self.count: Counter[str] = Counter()

    def add(self, pusher_ids: Iterable[int]) -> None:
        """Something waits for these pushers. Those that fail have their time already."""
        for pusher_id in pusher_ids:
            if pusher_id not in self._failures:
                self._ready.setdefault(pusher_id, None)

    def forget(self) -> None:
        """Another process sends from now on."""
        self._ready.clear()
        self._later.clear()
        self._failures.clear()

    def start_due(self, gateways: Gateways) -> None:
        """Begin to send for the pushers whose time has come."""
        now_ms = self._house.clock.now_ms()
        while self._later and self._later[0][0] <= now_ms:
            self._ready.setdefault(heappop(self._later)[1], None)
        for pusher_id, gateway in list(islice(self._ready.items(), MOST_LOOKED_AT)):
            if len(self._tasks) == MOST_AT_ONCE:
                break
            del self._ready[pusher_id]
            if pusher_id in self._tasks or (gateway and self._is_busy(gateway)):
                self._ready[pusher_id] = gateway  # behind the others
            else:
                self._tasks[pusher_id] = asyncio.create_task(self._send_all(gateways, pusher_id))

    def next_in_ms(self) -> int | None:
        """How long until something is due; None: when something that is on its way has ended."""
        if len(self._tasks) == MOST_AT_ONCE:
            return None
        if len(self._ready) > MOST_LOOKED_AT:
            return LOOK_AGAIN_MS
        return max(0, self._later[0][0] - self._house.clock.now_ms()) if self._later else None

    async def rest(self) -> None:
        """Done when nothing is on its way."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self) -> None:
        """Break off. What was not sent waits in the database."""
        for task in self._tasks.values():
            task.cancel()
        await self.rest()

    def _is_busy(self, gateway: Gateway) -> bool:
        return self._at[gateway] >= MOST_AT_ONE_GATEWAY

    async def _send_all(self, gateways: Gateways, pusher_id: int) -> None:
        try:
            while await self._send_one(gateways, pusher_id):
                self._failures.pop(pusher_id, None)
        except (GatewayAway, DatabaseAway) as error:  # 3
            self.count["failed"] += 1
            self._failures[pusher_id] += 1
            wait_ms = min(FIRST_AGAIN_MS << min(self._failures[pusher_id] - 1, 20), LAST_AGAIN_MS)
            heappush(self._later, (self._house.clock.now_ms() + wait_ms, pusher_id))
            log.info("push.later", pusher=pusher_id, because=str(error), wait_ms=wait_ms)
        finally:
            del self._tasks[pusher_id]
            self._ended()

    async def _send_one(self, gateways: Gateways, pusher_id: int) -> bool:
        """Send the oldest that waits for a pusher. False when nothing does, or not now."""
        store = self._house.store
        step = await store.read(lambda tx: _next(tx, pusher_id))
        if step is None:
            return False
        waiting = step.waiting
        gateway = gateway_of(waiting.pusher.pusher.data.get("url"))
        if gateway is None or may_be_called(gateway, push_bounds(self._house)) is not None:
            await store.write(lambda tx: notifications.drop_of(tx, pusher_id))
            return False
        if waiting.ts + GIVE_UP_AFTER_MS <= self._house.clock.now_ms():  # 3
            self.count["dropped"] += 1
            await store.write(lambda tx: notifications.sent(tx, waiting, None))
            return True
        if self._is_busy(gateway):  # 6
            self._ready[pusher_id] = gateway
            return False
        self._at[gateway] += 1
        try:
            await self._tell(gateways, gateway, step)
        finally:
            self._at -= Counter({gateway: 1})
        return True

    async def _tell(self, gateways: Gateways, gateway: Gateway, step: _Step) -> None:
        store, waiting, placed = self._house.store, step.waiting, step.placed
        kept = waiting.pusher
        badge = await badge_of(self._house, self._unread, kept.user_id, step.unread_rooms)
        if placed is None and badge == kept.badge:  # 2
            await store.write(lambda tx: notifications.sent(tx, waiting, None))
            return
        told = told_of(waiting, badge, is_new=placed is not None)
        if placed is not None and self._house.config.is_open:
            told = await in_full(self._house, waiting, placed, told)
        rejected = await gateways.notify(gateway, encode({"notification": told}))
        if kept.pusher.pushkey in rejected:  # 4
            key = kept.user_id, kept.pusher.app_id, kept.pusher.pushkey
            await store.write(lambda tx: pushers.remove(tx, *key))
            self.count["rejected"] += 1
            log.info("push.rejected", pusher=kept.pusher_id)
            return
        self.count["sent"] += 1
        await store.write(lambda tx: notifications.sent(tx, waiting, badge))


@dataclass(frozen=True, slots=True)
class _Step:
    """One that waits, its event if it is still new, and the rooms that may hold unread messages."""

    waiting: Waiting
    placed: Placed | None
    unread_rooms: list[RoomId]


def _next(tx: Tx, pusher_id: int) -> _Step | None:
    waiting = notifications.next_of(tx, pusher_id)
    if waiting is None:
        return None
    user_id = waiting.pusher.user_id
    placed = events.by_id(tx, waiting.event_id) if waiting.event_id else None
    if placed is not None and (placed.redaction is not None or is_read(tx, user_id, placed)):  # 2
        placed = None
    return _Step(waiting, placed, unread_rooms(tx, user_id))


def told_of(waiting: Waiting, badge: int, *, is_new: bool) -> dict[str, Any]:
    """The `notification` of `POST /_matrix/push/v1/notify` (rule 1)."""
    kept = waiting.pusher
    data = {name: value for name, value in kept.pusher.data.items() if name != "url"}
    told: dict[str, Any] = {
        "prio": waiting.prio if is_new else "low",
        "counts": {"unread": badge},
        "devices": [
            {
                "app_id": kept.pusher.app_id,
                "pushkey": kept.pusher.pushkey,
                "pushkey_ts": kept.ts // 1000,
                "data": data,
            }
        ],
    }
    if is_new and waiting.event_id is not None:
        told |= {"event_id": waiting.event_id, "room_id": waiting.room_id}
    return told
