"""Query the keys of people, claim one-time keys of their devices, and whose keys changed.

1. Signatures of others than the owner are shown only to whoever made them.
2. The user-signing key is its owner's business alone.
3. A one-time key is given out once: the claim is one write job, serial with all others.
4. Whose list changed is told to those who share a room with them, and of those who share none any
   more, only to whom they did share one with.
5. A device whose owner has a cross-signing identity and has not signed it gets no session from
   others: whoever stole a password or a token would read along with it (threat `identity`). Its
   owner's own claims work, so that it can be verified; `unsafe_unsigned_devices` lifts the rule.

SPEC: the specification has a server give out keys of every device (rule 5).

Source: client-server API, "POST /keys/query", "POST /keys/claim", "GET /keys/changes".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.guard import pace
from privity.house import House
from privity.keys.checking import public_part, too_large
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, one_time_keys
from privity.store.device_keys import DeviceKeys, Signature
from privity.store.engine import Tx, WriteTx

MOST_PEOPLE = 5000
MOST_CLAIMS = 5000

Json = dict[str, Any]
Signatures = Mapping[tuple[UserId, str], list[Signature]]


@dataclass(slots=True)
class Found:
    """The keys that were asked for, as the endpoint answers them."""

    device_keys: dict[UserId, dict[DeviceId, Json]] = field(default_factory=dict)
    master_keys: dict[UserId, Json] = field(default_factory=dict)
    self_signing_keys: dict[UserId, Json] = field(default_factory=dict)
    user_signing_keys: dict[UserId, Json] = field(default_factory=dict)


async def query(house: House, viewer: UserId, wanted: Mapping[UserId, list[DeviceId]]) -> Found:
    """The keys of these people; an empty list of devices is all of them. Three queries in all.

    Whoever is not known has no devices: the answer is the same as for somebody who has none.
    """
    house.keep_pace(pace.QUERY_KEYS, viewer)
    if len(wanted) > MOST_PEOPLE:
        raise too_large(f"Ask for up to {MOST_PEOPLE} people at once.")

    def job(tx: Tx) -> Found:
        found = Found({user_id: {} for user_id in wanted})
        signatures = _by_target(device_keys.signatures_on(tx, wanted, viewer))  # 1
        for device in device_keys.of_users(tx, wanted):
            only = wanted[device.user_id]
            if not only or device.device_id in only:
                shown = _shown(device, signatures, is_open=house.config.is_open)
                found.device_keys[device.user_id][device.device_id] = shown
        for (user_id, usage), keys in device_keys.cross_signing(tx, wanted).items():
            shown = _signed(keys, signatures.get((user_id, public_part(keys)), []))
            if usage == "master":
                found.master_keys[user_id] = shown
            elif usage == "self_signing":
                found.self_signing_keys[user_id] = shown
            elif user_id == viewer:  # 2
                found.user_signing_keys[user_id] = shown
        return found

    return await house.store.read(job)


def _by_target(signatures: list[Signature]) -> Signatures:
    by_target: dict[tuple[UserId, str], list[Signature]] = defaultdict(list)
    for signature in signatures:
        by_target[signature.target_user_id, signature.target_id].append(signature)
    return by_target


def _shown(device: DeviceKeys, signatures: Signatures, *, is_open: bool) -> Json:
    shown = _signed(device.keys, signatures.get((device.user_id, device.device_id), []))
    if device.display_name is not None:
        return {**shown, "unsigned": {"device_display_name": device.display_name}}
    return {**shown, "unsigned": {}} if is_open else shown


def _signed(keys: Json, added: list[Signature]) -> Json:
    """The keys with the signatures that were added to them later."""
    if not added:
        return keys
    merged = {signer: dict(of_one) for signer, of_one in keys.get("signatures", {}).items()}
    for signature in added:
        merged.setdefault(signature.signer, {})[signature.key_id] = signature.signature
    return {**keys, "signatures": merged}


async def claim(
    house: House, claimer: UserId, wanted: Mapping[UserId, Mapping[DeviceId, str]]
) -> dict[UserId, dict[DeviceId, Json]]:
    """One key of each device and algorithm, or none for a device that has none."""
    house.keep_pace(pace.CLAIM_KEYS, claimer)
    if sum(len(devices) for devices in wanted.values()) > MOST_CLAIMS:
        raise too_large(f"Claim up to {MOST_CLAIMS} keys at once.")

    everything = house.config.unsafe_unsigned_devices

    def job(tx: WriteTx) -> dict[UserId, dict[DeviceId, Json]]:
        given: dict[UserId, dict[DeviceId, Json]] = {}
        others = [] if everything else [user_id for user_id in wanted if user_id != claimer]
        trusted = _signed_devices(tx, others)  # 5
        asked = [
            (user_id, device_id, algorithm)
            for user_id, devices in wanted.items()
            for device_id, algorithm in devices.items()
            if user_id not in trusted or device_id in trusted[user_id]
        ]
        for each, (key_id, key) in one_time_keys.claim(tx, asked).items():  # 3
            user_id, device_id, algorithm = each
            named = {f"{algorithm}:{key_id}": orjson.loads(key)}
            given.setdefault(user_id, {})[device_id] = named
        return given

    return await house.store.write(job)


def _signed_devices(tx: Tx, user_ids: list[UserId]) -> dict[UserId, set[str]]:
    """Of those who have a cross-signing identity: which of their devices they signed."""
    identities = device_keys.cross_signing(tx, user_ids) if user_ids else {}
    signed: dict[UserId, set[str]] = {user_id: set() for user_id, _ in identities}
    for user_id in signed:
        key = identities.get((user_id, "self_signing"))
        if key is not None:
            signed[user_id] = device_keys.signed_with(tx, user_id, f"ed25519:{public_part(key)}")
    return signed


async def changes(
    house: House, user_id: UserId, since: int, upto: int
) -> tuple[list[UserId], list[UserId]]:
    """Whose keys changed in between, and who shares no room with this person any more (rule 4)."""

    def job(tx: Tx) -> tuple[list[UserId], list[UserId]]:
        sharers = device_lists.sharers(tx, user_id)
        moved = device_lists.moved_between(tx, user_id, since, upto)
        changed = {*device_lists.changed_between(tx, user_id, since, upto), *moved.joined}
        return sorted(changed & sharers), sorted(moved.left - sharers)

    return await house.store.read(job)
