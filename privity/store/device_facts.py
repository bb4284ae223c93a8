"""What every sync of a device tells and asks of it, kept in memory: no query for an empty poll."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from privity.matrix.ids import DeviceId, UserId
from privity.store import inbox, one_time_keys
from privity.store.engine import Engine, Tx

MOST_KEPT = 50_000
ALWAYS_TOLD = "signed_curve25519"

_Key = tuple[UserId, DeviceId]


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Keys left, fallback keys unused, and where its oldest waiting message stands (or None)."""

    one_time_key_counts: dict[str, int] = field(default_factory=dict)
    unused_fallback_types: list[str] = field(default_factory=list)
    oldest_message: int | None = None


def read(tx: Tx, user_id: UserId, device_id: DeviceId) -> DeviceFacts:
    """The facts, from the database."""
    counts = one_time_keys.counts(tx, user_id, device_id)
    return DeviceFacts(
        {ALWAYS_TOLD: 0, **counts},
        one_time_keys.unused_fallback_types(tx, user_id, device_id),
        inbox.oldest(tx, user_id, device_id),
    )


class KnownDevices:
    """The facts of the devices in use."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._facts: OrderedDict[_Key, DeviceFacts] = OrderedDict()
        self._reading: dict[_Key, set[object]] = {}
        """Reads under way, by device. One that the facts moved under is taken out."""

    def peek(self, user_id: UserId, device_id: DeviceId) -> DeviceFacts | None:
        """The facts, if they are in memory."""
        return self._facts.get((user_id, device_id))

    async def get(self, user_id: UserId, device_id: DeviceId) -> DeviceFacts:
        """The facts, read if need be."""
        key = (user_id, device_id)
        facts = self._facts.get(key)
        if facts is not None:
            self._facts.move_to_end(key)
            return facts
        this_read, reads = object(), self._reading.setdefault(key, set())
        reads.add(this_read)
        try:
            facts = await self._engine.read(lambda tx: read(tx, user_id, device_id))
            if this_read in reads:
                self._facts[key] = facts
                if len(self._facts) > MOST_KEPT:
                    self._facts.popitem(last=False)
            return facts
        finally:
            reads.discard(this_read)
            if not reads and self._reading.get(key) is reads:
                del self._reading[key]

    def message_queued(self, user_id: UserId, device_id: DeviceId, pos: int) -> None:
        """A message waits for the device."""
        key = (user_id, device_id)
        self._distrust_reads(key)
        facts = self._facts.get(key)
        if facts is not None and facts.oldest_message is None:
            self._facts[key] = replace(facts, oldest_message=pos)

    def forget(self, user_id: UserId, device_id: DeviceId) -> None:
        """The facts are others now."""
        key = (user_id, device_id)
        self._distrust_reads(key)
        self._facts.pop(key, None)

    async def acknowledge(self, user_id: UserId, device_id: DeviceId, pos: int) -> None:
        """The device has everything up to `pos`: its messages up to there go."""
        facts = self.peek(user_id, device_id) or await self.get(user_id, device_id)
        if facts.oldest_message is not None and facts.oldest_message <= pos:
            await self._engine.write(lambda tx: inbox.delete_upto(tx, user_id, device_id, pos))
            self.forget(user_id, device_id)

    def _distrust_reads(self, key: _Key) -> None:
        reads = self._reading.get(key)
        if reads is not None:
            reads.clear()
