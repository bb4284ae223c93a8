"""Upload a device's keys: identity once, one-time keys as they are used up, a fallback.

1. Identity keys stay what they are for as long as the device lives: a token that was stolen cannot
   put other keys under the device's name. Uploading the same again changes nothing.
2. One-time and fallback keys are signed by the device, and not of low order.
3. A one-time key that is there already may be sent again, but not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from privity.house import House
from privity.keys.checking import check_device_keys, check_public_key, check_signature, check_size
from privity.matrix.canonical_json import encode
from privity.matrix.errors import Errcode, bad_json, invalid_param, refused
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, one_time_keys
from privity.store.engine import Tx, WriteTx
from privity.store.one_time_keys import OneTimeKey
from privity.store.sessions import Session

MOST_ONE_TIME_KEYS = 500

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client uploads. `device_keys` is None when it has nothing to say of them."""

    device_keys: Json | None
    one_time_keys: Json
    fallback_keys: Json


async def upload(house: House, session: Session, upload: Upload) -> dict[str, int]:
    """Keep them; how many one-time keys there are now, by algorithm."""
    user_id, device_id = session.user_id, session.device_id
    if upload.device_keys is not None:
        check_device_keys(upload.device_keys, user_id, device_id)
    one_time = [_one_time_key(name, key) for name, key in upload.one_time_keys.items()]
    fallback = [_one_time_key(name, key) for name, key in upload.fallback_keys.items()]

    if upload.device_keys is None and not one_time and not fallback:
        facts = await house.store.devices.get(user_id, device_id)
        return facts.one_time_key_counts

    def job(tx: WriteTx) -> dict[str, int]:
        known = device_keys.get(tx, user_id, device_id)
        identity = upload.device_keys or known
        for key in (*one_time, *fallback):  # 2
            _check_signed(key, identity, user_id, device_id)
        fresh = _fresh(tx, user_id, device_id, one_time)
        if upload.device_keys is not None and upload.device_keys != known:
            _check_unchanged(upload.device_keys, known)
            device_keys.put(tx, user_id, device_id, upload.device_keys)
            device_lists.note_change(tx, user_id)
        if fresh:
            one_time_keys.add(tx, user_id, device_id, fresh)
        for key in fallback:
            one_time_keys.set_fallback(tx, user_id, device_id, key)
        counts = one_time_keys.counts(tx, user_id, device_id)
        if sum(counts.values()) > MOST_ONE_TIME_KEYS:
            raise refused(Errcode.LIMIT_EXCEEDED, "There are too many one-time keys.", status=400)
        return {"signed_curve25519": 0, **counts}

    return await house.store.write(job)


def _one_time_key(name: str, key: object) -> OneTimeKey:
    algorithm, _, key_id = name.partition(":")
    if not algorithm or not key_id:
        raise invalid_param("A one-time key is named 'algorithm:id'.")
    if isinstance(key, dict):
        check_public_key(algorithm, key.get("key"))
        check_size(key)
    else:
        check_public_key(algorithm, key)
    return OneTimeKey(algorithm, key_id, encode(key))


def _check_signed(
    key: OneTimeKey, identity: Json | None, user_id: UserId, device_id: DeviceId
) -> None:
    if not key.algorithm.startswith("signed_"):
        return
    if identity is None:
        raise invalid_param("One-time keys come after the device's own.")
    key_id = f"ed25519:{device_id}"
    signed = orjson.loads(key.key)
    if not isinstance(signed, dict):
        raise bad_json("A signed key is an object.")
    check_signature(signed, user_id, key_id, identity["keys"][key_id])


def _fresh(
    tx: Tx, user_id: UserId, device_id: DeviceId, uploaded: list[OneTimeKey]
) -> list[OneTimeKey]:
    known = one_time_keys.by_ids(tx, user_id, device_id) if uploaded else {}
    for key in uploaded:  # 3
        if known.get((key.algorithm, key.key_id), key.key) != key.key:
            says = f"The one-time key {key.algorithm}:{key.key_id} is another already."
            raise invalid_param(says)
    return [key for key in uploaded if (key.algorithm, key.key_id) not in known]


def _check_unchanged(uploaded: Json, known: Json | None) -> None:
    if known is not None and uploaded["keys"] != known["keys"]:  # 1
        raise invalid_param("The identity keys of a device cannot be changed.")
