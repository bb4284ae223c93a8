"""What an application service hears that keeps the keys of its people's devices itself.

What `/sync` would tell each of its devices: messages to them, how many one-time keys they have
left, whose devices changed. It asks for it with `org.matrix.msc3202` in its registration, and its
devices then do not sync: a message goes once the service took it.

SPEC: not in the specification yet; the names are of MSC3202 and MSC4203, as bridges have them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.matrix.app_services import AppService, AppServices
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_facts, inbox
from privity.store.device_facts import DeviceFacts
from privity.store.engine import Tx
from privity.store.inbox import Target
from privity.store.streams import DeviceListChanged, OneTimeKeysChanged, newest

TO_DEVICE = "de.sorunome.msc2409.to_device"
KEY_COUNTS = "org.matrix.msc3202.device_one_time_keys_count"
FALLBACK_TYPES = "org.matrix.msc3202.device_unused_fallback_key_types"
DEVICE_LISTS = "org.matrix.msc3202.device_lists"

Json = dict[str, Any]


@dataclass(slots=True)
class Crypto:
    """Some of the stream. `changed`: whose devices changed, and who alone may see it, or None."""

    messages: list[tuple[int, Target, bytes]] = field(default_factory=list)
    keys: list[tuple[Target, DeviceFacts]] = field(default_factory=list)
    changed: list[tuple[UserId, UserId | None]] = field(default_factory=list)


def read(tx: Tx, services: AppServices, service: AppService, since: int, upto: int) -> Crypto:
    """What concerns the devices of its people, with `since < pos <= upto`."""
    found = Crypto()
    if not service.wants_crypto:
        return found
    found.messages = [
        each
        for each in inbox.between(tx, since, upto)
        if services.speaks_for(service, each[1].user_id)
    ]
    moved = {target: None for _, target, _ in found.messages}
    for entry in newest(tx, since, upto, (OneTimeKeysChanged, DeviceListChanged)):
        if isinstance(entry, OneTimeKeysChanged) and services.speaks_for(service, entry.user_id):
            moved[Target(entry.user_id, entry.device_id)] = None
        elif isinstance(entry, DeviceListChanged):
            found.changed.append((entry.user_id, entry.seen_by))
    found.keys = [
        (target, device_facts.read(tx, target.user_id, target.device_id)) for target in moved
    ]
    return found


def told(crypto: Crypto, upto: int, changed: Iterable[UserId]) -> Json:
    """As members of a transaction. `changed` is whose lists the service is to ask for again."""
    members: Json = {}
    messages = [
        {**orjson.loads(raw), "to_user_id": to.user_id, "to_device_id": to.device_id}
        for pos, to, raw in crypto.messages
        if pos <= upto
    ]
    if messages:
        members[TO_DEVICE] = messages
    if crypto.keys:
        counts: dict[UserId, Json] = defaultdict(dict)
        unused: dict[UserId, Json] = defaultdict(dict)
        for to, facts in crypto.keys:
            counts[to.user_id][to.device_id] = facts.one_time_key_counts
            unused[to.user_id][to.device_id] = facts.unused_fallback_types
        members |= {KEY_COUNTS: counts, FALLBACK_TYPES: unused}
    if names := sorted(set(changed)):
        members[DEVICE_LISTS] = {"changed": names, "left": []}
    return members


def targets_of(body: bytes) -> set[Target]:
    """The devices to which a transaction held messages."""
    return {
        Target(UserId(message["to_user_id"]), DeviceId(message["to_device_id"]))
        for message in orjson.loads(body).get(TO_DEVICE, ())
    }
