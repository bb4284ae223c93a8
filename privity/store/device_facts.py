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
        self._moves = 0

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
        moves = self._moves
        facts = await self._engine.read(lambda tx: read(tx, user_id, device_id))
        if moves == self._moves:
            self._facts[key] = facts
            if len(self._facts) > MOST_KEPT:
                self._facts.popitem(last=False)
        return facts

    def message_queued(self, user_id: UserId, device_id: DeviceId, pos: int) -> None:
        """A message waits for the device."""
        self._moves += 1
        facts = self._facts.get((user_id, device_id))
        if facts is not None and facts.oldest_message is None:
            self._facts[user_id, device_id] = replace(facts, oldest_message=pos)

    def forget(self, user_id: UserId, device_id: DeviceId) -> None:
        """The facts are others now."""
        self._moves += 1
        self._facts.pop((user_id, device_id), None)

    async def acknowledge(self, user_id: UserId, device_id: DeviceId, pos: int) -> None:
        """The device has everything up to `pos`: its messages up to there go."""
        facts = self.peek(user_id, device_id) or await self.get(user_id, device_id)
        if facts.oldest_message is not None and facts.oldest_message <= pos:
            await self._engine.write(lambda tx: inbox.delete_upto(tx, user_id, device_id, pos))
            self.forget(user_id, device_id)
