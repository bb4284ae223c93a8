"""Cross-signing: upload one's three keys, and sign devices and people with them.

1. The first upload needs no confirmation, and neither does the same again, which changes nothing;
   to put other keys beside or in place of those that are there does (MSC3967): else a stolen token
   could take over the identity. This is decided in the transaction that writes.
2. The self-signing and user-signing keys are signed by the master key.
3. No key is called what one of the owner's devices is called.
4. A key that is replaced takes along what signed it and what it signed; a master key the other two.
5. One signs one's own devices with the self-signing key, one's own master key with a device, and
   the master keys of others with the user-signing key. Nothing else is a signature here.
6. Of a signature on somebody else's key only its maker's devices hear: as a change of that
   somebody, for whose keys they have to ask again.
7. Of another user-signing key only its owner's devices hear: nobody else ever sees it.

Source: client-server API, "Cross-signing".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.keys.checking import (
    as_kept,
    check_cross_signing_key,
    check_signature,
    invalid_signature,
    public_part,
    too_large,
)
from privity.matrix.errors import Refused, forbidden, invalid_param, missing_param, not_found
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, devices
from privity.store.device_keys import Signature
from privity.store.engine import Tx, WriteTx

MOST_SIGNED = 500

Json = dict[str, Any]
Known = Mapping[str, Json]


async def upload_cross_signing(
    house: House, user_id: UserId, keys: Known, *, is_confirmed: bool
) -> bool:
    """Keep the keys, by usage. False: nothing is kept, its owner has to confirm first (rule 1).

    Errors: 400 M_INVALID_PARAM, M_INVALID_SIGNATURE, M_MISSING_PARAM; 403 M_FORBIDDEN.
    """
    house.keep_pace(pace.UPLOAD_KEYS, user_id)
    for usage, key in keys.items():
        check_cross_signing_key(key, user_id, usage)

    def job(tx: WriteTx) -> bool:
        found = device_keys.cross_signing(tx, [user_id])
        known = {usage: key for (_, usage), key in found.items()}
        master = keys.get("master") or known.get("master")
        if master is None:
            raise missing_param("master_key")
        fresh = {usage: key for usage, key in keys.items() if not _is_same(known.get(usage), key)}
        if "master" in fresh:
            fresh = dict(keys)
        _check_fresh(tx, user_id, fresh, public_part(master))
        if fresh and known and not is_confirmed:  # 1
            return False
        for usage in known if "master" in fresh else known.keys() & fresh:  # 4
            device_keys.drop_cross_signing(tx, user_id, usage)
            device_keys.drop_signatures(tx, user_id, public_part(known[usage]))
        for usage, key in fresh.items():
            device_keys.put_cross_signing(tx, user_id, usage, as_kept(key, user_id))
        if fresh:
            is_own_business = fresh.keys() == {"user_signing"}  # 7
            device_lists.note_change(tx, user_id, seen_by=user_id if is_own_business else None)
        return True

    return await house.store.write(job)


def _is_same(known: Json | None, uploaded: Json) -> bool:
    return known is not None and known["keys"] == uploaded["keys"]


def _check_fresh(tx: Tx, user_id: UserId, fresh: Known, master: str) -> None:
    for usage, key in fresh.items():
        if usage != "master":
            check_signature(key, user_id, f"ed25519:{master}", master)  # 2
        if devices.by_id(tx, user_id, DeviceId(public_part(key))) is not None:  # 3
            raise forbidden("A device is called what this key is.")


async def upload_signatures(
    house: House, signer: UserId, signed: Mapping[UserId, Mapping[str, Any]]
) -> dict[str, dict[str, Json]]:
    """Keep what is valid; what is not is told, by user and key: `{"errcode", "error"}`."""
    house.keep_pace(pace.UPLOAD_KEYS, signer)
    if sum(len(objects) for objects in signed.values()) > MOST_SIGNED:
        raise too_large(f"Sign up to {MOST_SIGNED} keys at once.")

    def job(tx: WriteTx) -> dict[str, dict[str, Json]]:
        failures: dict[str, dict[str, Json]] = {}
        signatures: list[Signature] = []
        known = _Known(tx, signer, list(signed))
        for user_id, objects in signed.items():
            for target_id, named in objects.items():
                try:
                    signatures += _signatures(known, user_id, target_id, named)
                except Refused as refusal:
                    told = {"errcode": refusal.refuse.errcode, "error": refusal.refuse.says}
                    failures.setdefault(user_id, {})[target_id] = told
        for signature in signatures:
            device_keys.put_signature(tx, signature)
        for target in {signature.target_user_id for signature in signatures}:
            device_lists.note_change(tx, target, seen_by=None if target == signer else signer)  # 6
        return failures

    return await house.store.write(job)


class _Known:
    """What can be signed, and with which keys, as it is kept."""

    def __init__(self, tx: Tx, signer: UserId, user_ids: list[UserId]) -> None:
        self.signer = signer
        self._cross_signing = device_keys.cross_signing(tx, {signer, *user_ids})
        self._devices = {
            device.device_id: device.keys for device in device_keys.of_users(tx, [signer])
        }

    def target(self, user_id: UserId, target_id: str) -> tuple[Json, dict[str, str]]:
        """Rule 5: what is signed, and the keys that may sign it, by their ids."""
        master = self._cross_signing.get((user_id, "master"))
        if master is not None and target_id == public_part(master):
            return master, (
                self._of_devices() if user_id == self.signer else self._own("user_signing")
            )
        device = self._devices.get(DeviceId(target_id))
        if device is None or user_id != self.signer:
            raise not_found("There is no such key.")
        return device, self._own("self_signing")

    def _own(self, usage: str) -> dict[str, str]:
        keys = self._cross_signing.get((self.signer, usage))
        return dict(keys["keys"]) if keys else {}

    def _of_devices(self) -> dict[str, str]:
        return {
            key_id: key
            for keys in self._devices.values()
            for key_id, key in keys["keys"].items()
            if key_id.startswith("ed25519:")
        }


def _signatures(
    known: _Known,
    user_id: UserId,
    target_id: str,
    named: Any,  # noqa: ANN401 - JSON
) -> list[Signature]:
    if not isinstance(named, dict):
        raise invalid_param("A signed key is an object.")
    target, allowed = known.target(user_id, target_id)
    if named.get("keys") != target["keys"]:
        raise invalid_param("The key that was signed is another one.")
    given = named.get("signatures")
    by_signer = given.get(known.signer) if isinstance(given, dict) else None
    if not isinstance(by_signer, dict):
        raise invalid_signature()
    found = []
    for key_id, signature in by_signer.items():
        if user_id == known.signer and key_id == f"ed25519:{target_id}":
            continue  # the key's own signature, sent along as it was uploaded
        if key_id not in allowed:
            raise invalid_signature()
        signed = {**target, "signatures": {known.signer: {key_id: signature}}}
        check_signature(signed, known.signer, key_id, allowed[key_id])
        found.append(Signature(user_id, target_id, known.signer, key_id, signature))
    if not found:
        raise invalid_signature()
    return found
