"""Query the keys of people, claim one-time keys of their devices, and whose keys changed.

1. Signatures of others than the owner are shown only to whoever made them.
2. The user-signing key is its owner's business alone.
3. A one-time key is given out once: the claim is one write job, serial with all others.

Source: client-server API, "POST /keys/query", "POST /keys/claim", "GET /keys/changes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, one_time_keys
from privity.store.device_keys import DeviceKeys, Signature
from privity.store.engine import Tx, WriteTx

Json = dict[str, Any]


@dataclass(slots=True)
class Found:
    """The keys that were asked for, as the endpoint answers them."""

    device_keys: dict[str, dict[str, Json]] = field(default_factory=dict)
    master_keys: dict[str, Json] = field(default_factory=dict)
    self_signing_keys: dict[str, Json] = field(default_factory=dict)
    user_signing_keys: dict[str, Json] = field(default_factory=dict)


async def query(house: House, viewer: UserId, wanted: Mapping[UserId, list[DeviceId]]) -> Found:
    """The keys of these people; an empty list of devices is all of them."""

    def job(tx: Tx) -> Found:
        signatures = device_keys.signatures_on(tx, wanted, viewer)  # 1
        found = Found()
        for device in device_keys.of_users(tx, wanted):
            only = wanted[device.user_id]
            if not only or device.device_id in only:
                devices = found.device_keys.setdefault(device.user_id, {})
                devices[device.device_id] = _shown(device, signatures)
        for (user_id, usage), keys in device_keys.cross_signing(tx, wanted).items():
            if usage != "user_signing" or user_id == viewer:  # 2
                target = getattr(found, f"{usage}_keys")
                target[user_id] = _signed(keys, user_id, _public(keys), signatures)
        return found

    return await house.store.read(job)


def _shown(device: DeviceKeys, signatures: list[Signature]) -> Json:
    shown = _signed(device.keys, device.user_id, device.device_id, signatures)
    if device.display_name is not None:
        shown["unsigned"] = {"device_display_name": device.display_name}
    return shown


def _public(keys: Json) -> str:
    public_key: str = next(iter(keys["keys"].values()))
    return public_key


def _signed(keys: Json, user_id: UserId, target_id: str, signatures: list[Signature]) -> Json:
    """The keys with the signatures that were added to them later."""
    added = [s for s in signatures if s.target_user_id == user_id and s.target_id == target_id]
    if not added:
        return keys
    merged = {signer: dict(of_one) for signer, of_one in keys.get("signatures", {}).items()}
    for signature in added:
        merged.setdefault(signature.signer, {})[signature.key_id] = signature.signature
    return {**keys, "signatures": merged}


async def claim(
    house: House, claimer: UserId, wanted: Mapping[UserId, Mapping[DeviceId, str]]
) -> dict[str, dict[str, dict[str, Json]]]:
    """One key of each device and algorithm, or none for a device that has none."""
    house.keep_pace(pace.CLAIM_KEYS, claimer)

    def job(tx: WriteTx) -> dict[str, dict[str, dict[str, Json]]]:
        given: dict[str, dict[str, dict[str, Json]]] = {}
        for user_id, devices in wanted.items():
            for device_id, algorithm in devices.items():
                key = one_time_keys.claim(tx, user_id, device_id, algorithm)  # 3
                if key is not None:
                    named = {f"{algorithm}:{key[0]}": orjson.loads(key[1])}
                    given.setdefault(user_id, {})[device_id] = named
        return given

    return await house.store.write(job)


async def changes(
    house: House, user_id: UserId, since: int, upto: int
) -> tuple[list[UserId], list[UserId]]:
    """Whose keys changed, and who shares no room any more, in between."""
    person = await house.store.people.get(user_id)
    changed = set(await house.store.read(lambda tx: device_lists.changed_between(tx, since, upto)))
    moved: set[UserId] = set()
    for room_id, standing in person.rooms.items():
        head = await house.store.heads.get(room_id)
        if head is None:
            continue
        is_new = standing.since > since
        moved.update(
            UserId(key)
            for (kind, key), placed in head.state.items()
            if kind == "m.room.member" and (is_new or since < placed.pos <= upto)
        )
    shared = {
        other
        for other in changed | moved
        if other == user_id
        or not person.joined.isdisjoint((await house.store.people.get(other)).joined)
    }
    return sorted(shared), sorted(moved - shared - {user_id})
