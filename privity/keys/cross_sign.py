"""Cross-signing: upload one's three keys, and sign devices and people with them.

1. The first upload needs no confirmation, and neither does the same again; to replace keys that
   are there does (MSC3967): else a stolen token could take over the identity.
2. The self-signing and user-signing keys are signed by the master key.
3. One signs one's own devices with the self-signing key, one's own master key with a device, and
   the master keys of others with the user-signing key. Nothing else is a signature here.

Source: client-server API, "Cross-signing".
"""

from __future__ import annotations

from typing import Any

from privity.house import House
from privity.keys.checking import (
    check_cross_signing_key,
    check_signature,
    invalid_signature,
)
from privity.matrix.errors import Refused, invalid_param, missing_param, not_found
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists
from privity.store.device_keys import Signature
from privity.store.engine import Tx, WriteTx

Json = dict[str, Any]


async def needs_confirmation(house: House, user_id: UserId, keys: dict[str, Json]) -> bool:
    """Rule 1: whether this upload replaces a key that is there."""
    known = await house.store.read(lambda tx: device_keys.cross_signing(tx, [user_id]))
    if (user_id, "master") not in known:
        return False
    return any(_bare(known.get((user_id, usage))) != _bare(key) for usage, key in keys.items())


def _bare(keys: Json | None) -> object:
    return None if keys is None else keys.get("keys")


async def upload_cross_signing(house: House, user_id: UserId, keys: dict[str, Json]) -> None:
    """Keep the keys, by usage. 400 M_INVALID_PARAM, M_INVALID_SIGNATURE, M_MISSING_PARAM."""
    for usage, key in keys.items():
        check_cross_signing_key(key, user_id, usage)

    def job(tx: WriteTx) -> None:
        known = device_keys.cross_signing(tx, [user_id])
        master = keys.get("master") or known.get((user_id, "master"))
        if master is None:
            raise missing_param("master_key")
        key_id, public_key = check_cross_signing_key(master, user_id, "master")
        for usage, key in keys.items():
            if usage != "master":
                check_signature(key, user_id, key_id, public_key)  # 2
        if _bare(known.get((user_id, "master"))) != _bare(master):
            device_keys.drop_signatures(tx, user_id)
        for usage, key in keys.items():
            device_keys.put_cross_signing(tx, user_id, usage, key)
        device_lists.note_change(tx, user_id)

    await house.store.write(job)


async def upload_signatures(
    house: House, signer: UserId, signed: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Json]]:
    """Keep what is valid; what is not is told, by user and key: `{"errcode", "error"}`."""

    def job(tx: WriteTx) -> dict[str, dict[str, Json]]:
        failures: dict[str, dict[str, Json]] = {}
        changed: set[UserId] = set()
        for user_id, objects in signed.items():
            for target_id, named in objects.items():
                try:
                    for signature in _signatures(tx, signer, UserId(user_id), target_id, named):
                        device_keys.put_signature(tx, signature)
                        changed.add(UserId(user_id))
                except Refused as refusal:
                    refuse = refusal.refuse
                    told = {"errcode": refuse.errcode, "error": refuse.says}
                    failures.setdefault(user_id, {})[target_id] = told
        for user_id in changed:
            # a signature on somebody else's key is shown to its maker alone
            device_lists.note_change(tx, user_id if user_id == signer else signer)
        return failures

    return await house.store.write(job)


def _signatures(
    tx: Tx,
    signer: UserId,
    user_id: UserId,
    target_id: str,
    named: Any,  # noqa: ANN401 - JSON
) -> list[Signature]:
    if not isinstance(named, dict):
        raise invalid_param("A signed key is an object.")
    target, allowed = _target(tx, signer, user_id, target_id)
    given = named.get("signatures")
    of_signer = given.get(signer) if isinstance(given, dict) else None
    if not isinstance(of_signer, dict) or not of_signer:
        raise invalid_signature()
    if named.get("keys") != target.get("keys"):
        raise _not_the_same()
    found = []
    for key_id, signature in of_signer.items():
        public_key = allowed.get(key_id)
        if public_key is None:
            if user_id == signer and key_id == f"ed25519:{target_id}":
                continue  # the device's own signature, sent along as it was uploaded
            raise invalid_signature()
        check_signature({**target, "signatures": {signer: of_signer}}, signer, key_id, public_key)
        found.append(Signature(user_id, target_id, signer, key_id, signature))
    if not found:
        raise invalid_signature()
    return found


def _not_the_same() -> Refused:
    return invalid_param("The key that was signed is another one.")


def _target(tx: Tx, signer: UserId, user_id: UserId, target_id: str) -> tuple[Json, dict[str, str]]:
    """Rule 3: what is signed, as it is kept, and the keys that may sign it."""
    known = device_keys.cross_signing(tx, [user_id, signer])
    master = known.get((user_id, "master"))
    if master is not None and target_id in master["keys"].values():
        if user_id != signer:
            return master, _public(known.get((signer, "user_signing")))
        own = device_keys.of_users(tx, [signer])
        return master, {
            key_id: key
            for device in own
            for key_id, key in device.keys["keys"].items()
            if key_id.startswith("ed25519:")
        }
    device = device_keys.get(tx, user_id, DeviceId(target_id))
    if device is None or user_id != signer:
        raise not_found("There is no such key.")
    return device, _public(known.get((signer, "self_signing")))


def _public(keys: Json | None) -> dict[str, str]:
    return dict(keys["keys"]) if keys else {}
