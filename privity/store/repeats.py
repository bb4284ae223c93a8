"""Requests that must not be done twice: the transaction ids of events, as far as memory reaches.

The database knows them all (`events_by_txn`); this spares it the question. A repeat that comes
while the first is under way waits for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from privity.matrix.ids import DeviceId, EventId, RoomId, UserId

MOST_KEPT = 20_000

Request = tuple[UserId, DeviceId, RoomId, str, str]
Outcome = asyncio.Future[EventId]


class Repeats:
    """The newest requests and what came of them."""

    def __init__(self) -> None:
        self._done: OrderedDict[Request, EventId] = OrderedDict()
        self._under_way: dict[Request, Outcome] = {}

    def done(self, request: Request) -> EventId | None:
        """What came of this request, if it is known here."""
        return self._done.get(request)

    def under_way(self, request: Request) -> Outcome | None:
        """The same request, not yet done."""
        return self._under_way.get(request)

    @contextmanager
    def first(self, request: Request) -> Iterator[Outcome]:
        """Do `request` now; a repeat of it waits until `set_result` or a failure."""
        outcome: Outcome = asyncio.get_running_loop().create_future()
        self._under_way[request] = outcome
        try:
            yield outcome
            self._done[request] = outcome.result()
            if len(self._done) > MOST_KEPT:
                self._done.popitem(last=False)
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error)
                outcome.exception()  # a repeat may be waiting, or nobody
            raise
        finally:
            del self._under_way[request]
