"""The follower that sends an application service what it hears; one for each service.

1. One transaction at a time: the next is made when the service has taken the last. It is in the
   database, whole and numbered, before it is sent, and is sent until it is taken: a kill at any
   moment has the same number come again with the same content, and nothing is left out.
2. A service that is away is tried again after a second, then two, four ... up to five minutes;
   nobody waits for it but itself. A ping of the service ends the wait.
3. One process of a cluster at a time holds the lease and sends. A server that is alone with its
   database needs none.
4. Where nothing was of interest, the position is written only now and then: it would be looked at
   again, and be of no interest again.
5. Who is typing is told as it is when a transaction is made, and is not kept for who is away.
6. The number of a transaction is the time, or one more than the last: a database that comes back
   from a backup gives none again that the service knows.

Source: application service API, "Pushing events".
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import replace

import orjson

from privity.follow.services.crypto import targets_of
from privity.follow.services.interest import Heard, Interest
from privity.follow.sync.recent import Recent
from privity.house import House
from privity.log import log
from privity.matrix.app_services import AppService
from privity.matrix.ids import DeviceId, RoomId
from privity.rooms.as_seen import Viewer, array, render
from privity.service_road import Reply, ServiceAway, ask
from privity.store import leases, service_queues
from privity.store.engine import DatabaseAway
from privity.store.service_queues import Queue
from privity.store.streams import Entry
from privity.store.typing import TypingChanged

LEASE_MS = 15_000
RENEW_EVERY_S = 5.0
SEND_WITHIN_S = 60.0
LONGEST_PAUSE_S = 300.0
WRITE_AFTER = 2_000
MOST_TYPED = 1_000
EPHEMERAL = ("ephemeral", "de.sorunome.msc2409.ephemeral")


class Feeding:
    """Sends one service what it hears."""

    def __init__(self, house: House, recent: Recent, service: AppService) -> None:
        self._house = house
        self.service = service
        self._interest = Interest(house, recent, service)
        self._lease = f"service {service.id}"
        self._holder = secrets.token_hex(8)
        self._queue: Queue | None = None
        self._looked = 0
        self._typed: dict[RoomId, None] = {}
        self._asked_ms = 0
        self._has_lease = False
        self._failures = 0
        self.woken = asyncio.Event()
        self._pinged = asyncio.Event()

    def follow(self, pos: int, entries: list[Entry | TypingChanged]) -> None:
        """There is something to look at."""
        del pos
        for entry in entries:
            if isinstance(entry, TypingChanged) and len(self._typed) < MOST_TYPED:
                self._typed[entry.room_id] = None
        self.woken.set()

    def pinged(self) -> None:
        """The service says that it is there (rule 2)."""
        self._pinged.set()

    async def feed(self) -> bool:
        """Send all that there is. False: not by this process, or the service is away."""
        if not await self._is_ours():
            self._queue = None
            return False
        queue, self._queue = self._queue or await self._begin(), None  # what fails begins anew
        while True:
            if queue.body is None:
                filled = await self._fill(queue)
                queue = filled or await self._begin()
                if filled is not None and filled.body is None:
                    self._queue = filled
                    return True
            elif not await self._send(queue):
                self._queue = queue
                return False
            else:
                queue = replace(queue, body=None)

    async def stop(self) -> None:
        """Another process may go on at once."""
        if self._has_lease:
            with suppress(DatabaseAway):
                await self._house.store.write(
                    lambda tx: leases.give_back(tx, self._lease, self._holder)
                )

    async def wait(self, *, is_done: bool) -> None:
        """Until there is something to do."""
        within_s = RENEW_EVERY_S if self._house.store.has_company else None
        event = self.woken
        if not is_done and self._failures:  # 2
            within_s, event = min(2.0 ** (self._failures - 1), LONGEST_PAUSE_S), self._pinged
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await event.wait()

    async def _is_ours(self) -> bool:  # 3
        store, now_ms = self._house.store, self._house.clock.now_ms()
        if not store.has_company:
            return True
        if self._asked_ms + RENEW_EVERY_S * 1000 <= now_ms:
            self._has_lease = await store.write(
                lambda tx: leases.take(tx, self._lease, self._holder, now_ms, LEASE_MS)
            )
            self._asked_ms = now_ms
        return self._has_lease

    async def _begin(self) -> Queue:
        store, service_id = self._house.store, self.service.id
        queue = await store.read(lambda tx: service_queues.of(tx, service_id))
        if queue is None:
            new = Queue(service_id, store.pos, self._house.clock.now_ms(), None)
            queue = await store.write(lambda tx: service_queues.begin(tx, new))
        self._interest.forget()
        self._looked = queue.pos
        return queue

    async def _fill(self, queue: Queue) -> Queue | None:
        """With what comes next, if anything does. None: another process went on meanwhile."""
        store = self._house.store
        while self._looked < store.pos or self._typed:
            typed, self._typed = list(self._typed), {}
            heard = await self._interest.look(self._looked, store.pos, typed)
            is_worth_it = heard.events or heard.ephemeral or heard.crypto
            body = self._body(heard) if is_worth_it else None
            if body is not None or heard.upto >= queue.pos + WRITE_AFTER:  # 4
                moved = await self._move(queue, heard.upto, body)
                if moved is None:
                    return None
                queue = moved
            self._looked = heard.upto
            if body is not None:
                break
        return queue

    async def _move(self, queue: Queue, upto: int, body: bytes | None) -> Queue | None:
        after = replace(queue, pos=upto)
        if body is not None:  # 6
            number = max(queue.txn_id + 1, self._house.clock.now_ms())
            after = replace(after, txn_id=number, body=body)
        is_moved = await self._house.store.write(lambda tx: service_queues.move(tx, queue, after))
        return after if is_moved else None

    def _body(self, heard: Heard) -> bytes:
        viewer = Viewer(self.service.sender, DeviceId(""), self._house.clock.now_ms())
        members = [b'"events":%s' % array([render(each, viewer, None) for each in heard.events])]
        if heard.ephemeral:
            told = orjson.dumps(heard.ephemeral)
            members += [b'"%s":%s' % (name.encode(), told) for name in EPHEMERAL]
        if heard.crypto:
            members.append(orjson.dumps(heard.crypto)[1:-1])
        return b"{%s}" % b",".join(members)

    async def _send(self, queue: Queue) -> bool:
        road, path = self._house.road, f"/transactions/{queue.txn_id}"
        body = queue.body or b"{}"
        self._pinged.clear()
        try:
            reply = await ask(road, self.service, "PUT", path, body, SEND_WITHIN_S)
            because = "" if reply.is_good else _answered(reply)
        except ServiceAway as error:
            because = str(error)
        if because:
            self._failures += 1
            log.warning("service.away", service=self.service.id, because=because)
            return False
        self._failures = 0
        if self.service.wants_crypto:
            for to in targets_of(body):
                devices = self._house.store.devices
                await devices.acknowledge(to.user_id, to.device_id, queue.pos)
        await self._house.store.write(lambda tx: service_queues.taken(tx, queue))
        return True


def _answered(reply: Reply) -> str:
    return f"it answered {reply.status}"


async def keep_feeding(feeding: Feeding) -> None:
    """Do so for as long as the server runs."""
    service_id = feeding.service.id
    try:
        while True:
            feeding.woken.clear()
            try:
                is_done = await feeding.feed()
            except DatabaseAway as error:
                log.warning("service.waits", because=str(error))
                await asyncio.sleep(RENEW_EVERY_S)
                continue
            except Exception as error:  # noqa: BLE001 - else it would never hear anything again
                log.error("bug", kind=type(error).__name__, road="service", service=service_id)
                await asyncio.sleep(LONGEST_PAUSE_S)
                continue
            await feeding.wait(is_done=is_done)
    finally:
        await feeding.stop()
