"""The house: what every deed stands on. `main.py` builds one; nothing in it changes afterwards."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field

from privity.clock import Clock
from privity.config import Config
from privity.guard.pace import Bucket, Pace, take
from privity.matrix.app_services import AppServices
from privity.matrix.errors import Refuse, Refused
from privity.matrix.ids import ServerName
from privity.matrix.signing import SigningKey
from privity.service_road import NoRoad, ServiceRoad
from privity.store.store import Store

MOST_BUCKETS = 100_000
MOST_DECODING = 2
IS_UNPACED: ContextVar[bool] = ContextVar("is_unpaced", default=False)
"""Whether this request is of an application service whose requests are not counted."""


class Buckets:
    """The token buckets of `guard.pace` that are not full, by what they limit."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, pace: Pace, key: Hashable, now_ms: int) -> None:
        """Take one token, or raise `Refused` (429)."""
        verdict = take(self._buckets.get((pace, key)), pace, now_ms)
        if isinstance(verdict, Refuse):
            raise Refused(verdict)
        self._buckets[pace, key] = verdict
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)


@dataclass(frozen=True, slots=True)
class House:
    """Configuration, clock, store and identity of this server; its services, the road to them.

    `decoding` is the turn to have a picture decoded, which takes a process.
    """

    config: Config
    clock: Clock
    store: Store
    server_name: ServerName
    key: SigningKey
    services: AppServices = field(default_factory=AppServices)
    road: ServiceRoad = field(default_factory=NoRoad)
    buckets: Buckets = field(default_factory=Buckets)
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_DECODING))

    def keep_pace(self, pace: Pace, key: Hashable) -> None:
        """Raise `Refused` (429) if `key` asks for more than `pace` allows."""
        if self.config.unsafe_no_rate_limits or (self.services.all and IS_UNPACED.get()):
            return
        self.buckets.take(pace, key, self.clock.now_ms())
