"""Upload a device's keys: identity once, one-time keys as they are used up, a fallback.

1. Identity keys stay what they are for as long as the device lives: a token that was stolen cannot
   put other keys under the device's name. Uploading the same again changes nothing.
2. One-time and fallback keys are `signed_curve25519`, signed by the device, and not of low order.
3. A one-time key that is there already may be sent again, but not changed. One that was given out
   already is dropped without a word: its sender did not hear that it had arrived.
4. A device has a limited number of one-time keys.
5. A device that holds its owner's self-signing key comes with that key's signature.

What is costly, the signatures, is checked before the write job; the job makes sure that the
identity that they were checked with is still the device's.

SPEC: one-time keys of other algorithms are refused: nobody could know whose they are.
Source: client-server API, "POST /keys/upload", "One-time and fallback keys".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.keys.checking import (
    LONGEST_NAME,
    MOST_ONE_TIME_BYTES,
    as_kept,
    check_device_keys,
    check_public_key,
    check_signature,
    check_size,
    public_part,
    too_large,
)
from privity.matrix.errors import Errcode, Refused, bad_json, invalid_param, refused
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_keys, device_lists, devices, one_time_keys
from privity.store.device_keys import Signature
from privity.store.engine import Tx, WriteTx
from privity.store.one_time_keys import OneTimeKey
from privity.store.sessions import Session

MOST_ONE_TIME_KEYS = 500
ALGORITHM = "signed_curve25519"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client uploads. `device_keys` is None when it has nothing to say of them."""

    device_keys: Json | None
    one_time_keys: Json
    fallback_keys: Json


@dataclass(frozen=True, slots=True)
class Checked:
    """The same, when what is costly was checked; or, `is_as_it_came`, when nothing was."""

    identity: Json | None
    one_time: list[OneTimeKey]
    fallback: list[OneTimeKey]
    is_as_it_came: bool = False


AsItIs = Callable[[Upload, Session], Checked]


async def upload(
    house: House, session: Session, wanted: Upload, as_it_is: AsItIs | None = None
) -> dict[str, int]:
    """Keep them; how many one-time keys there are now, by algorithm.

    `as_it_is` takes the place of every check.
    Errors: 400 M_INVALID_PARAM, M_INVALID_SIGNATURE, M_BAD_JSON; 413 M_TOO_LARGE; 429.
    """
    user_id, device_id = session.user_id, session.device_id
    if not device_id:
        says = "Name the device whose keys these are: device_id."
        raise refused(Errcode.UNKNOWN, says, status=400)
    if not (wanted.device_keys or wanted.one_time_keys or wanted.fallback_keys):
        facts = await house.store.devices.get(user_id, device_id)
        return facts.one_time_key_counts
    house.keep_pace(pace.UPLOAD_KEYS, user_id)
    if as_it_is is not None:
        taken = as_it_is(wanted, session)
        return await house.store.write(lambda tx: keep(tx, session, taken))
    identity = wanted.device_keys
    if identity is None:
        identity = await house.store.read(lambda tx: device_keys.get(tx, user_id, device_id))
    checked = check(wanted, session, identity)
    return await house.store.write(lambda tx: keep(tx, session, checked))


def check(wanted: Upload, session: Session, identity: Json | None) -> Checked:
    """What is costly, on the way to `keep`. `identity`: the device's keys, uploaded or known."""
    user_id, device_id = session.user_id, session.device_id
    if len(wanted.one_time_keys) > MOST_ONE_TIME_KEYS:  # 4
        raise _too_many()
    if wanted.device_keys is not None:
        check_device_keys(wanted.device_keys, user_id, device_id)
    if identity is None:
        raise invalid_param("One-time keys come after the device's own.")
    signing_key = identity["keys"][f"ed25519:{device_id}"]
    one_time = list(_checked(wanted.one_time_keys, session, signing_key))
    fallback = list(_checked(wanted.fallback_keys, session, signing_key))
    if len(fallback) > 1:
        raise invalid_param("There is one fallback key of an algorithm.")
    return Checked(as_kept(identity, user_id), one_time, fallback)


def keep(tx: WriteTx, session: Session, checked: Checked) -> dict[str, int]:
    """In the transaction: the device's keys are these. How many one-time keys there are now."""
    identity, is_checked = checked.identity, not checked.is_as_it_came
    user_id, device_id = session.user_id, session.device_id
    if devices.by_id(tx, user_id, device_id) is None:
        raise refused(Errcode.UNKNOWN_TOKEN, "This device has been logged out.", status=401)
    known = device_keys.get(tx, user_id, device_id)
    if is_checked and known and identity and known["keys"] != identity["keys"]:  # 1
        raise invalid_param("The identity keys of a device cannot be changed.")
    fresh = _fresh(tx, user_id, device_id, checked.one_time)
    if identity is not None and known != identity:
        device_keys.put(tx, user_id, device_id, identity)
        if is_checked:
            _note_own_signature(tx, session, identity)  # 5
        device_lists.note_change(tx, user_id)
    if fresh:
        one_time_keys.add(tx, user_id, device_id, fresh)
    for key in checked.fallback:
        one_time_keys.set_fallback(tx, user_id, device_id, key)
    return {ALGORITHM: 0, **one_time_keys.counts(tx, user_id, device_id)}


def _note_own_signature(tx: WriteTx, session: Session, identity: Json) -> None:
    user_id, device_id = session.user_id, session.device_id
    signatures = identity["signatures"][user_id]
    if len(signatures) == 1:
        return
    known = device_keys.cross_signing(tx, [user_id]).get((user_id, "self_signing"))
    if known is None:
        return
    key_id = f"ed25519:{public_part(known)}"
    if key_id in signatures:
        check_signature(identity, user_id, key_id, public_part(known))
        signature = Signature(user_id, device_id, user_id, key_id, signatures[key_id])
        device_keys.put_signature(tx, signature)


def _fresh(
    tx: Tx, user_id: UserId, device_id: DeviceId, uploaded: list[OneTimeKey]
) -> list[OneTimeKey]:
    if not uploaded:
        return []
    spent = one_time_keys.spent(tx, user_id, device_id, [key.public_key for key in uploaded])
    unclaimed = one_time_keys.unclaimed(tx, user_id, device_id)
    known = {(key.algorithm, key.key_id): key for key in unclaimed}
    public = {key.public_key for key in unclaimed}
    fresh = []
    for key in uploaded:
        same = known.get((key.algorithm, key.key_id))
        if same is None and key.public_key not in spent:
            if key.public_key in public:
                raise invalid_param("A one-time key has one name.")
            public.add(key.public_key)
            fresh.append(key)
        elif same is not None and same.key != key.key:  # 3
            says = f"The one-time key {key.algorithm}:{key.key_id} is another already."
            raise invalid_param(says)
    if len(known) + len(fresh) > MOST_ONE_TIME_KEYS:  # 4
        raise _too_many()
    return fresh


def _checked(keys: Json, session: Session, signing_key: str) -> Iterator[OneTimeKey]:  # 2
    for name, key in keys.items():
        algorithm, _, key_id = name.partition(":")
        if algorithm != ALGORITHM or not key_id or len(name) > LONGEST_NAME or "\0" in name:
            raise invalid_param(f"A one-time key is named '{ALGORITHM}:' and an id.")
        if not isinstance(key, dict):
            raise bad_json("A signed key is an object.")
        public_key = check_public_key(algorithm, key.get("key"))
        encoded = check_size(key, MOST_ONE_TIME_BYTES)
        check_signature(key, session.user_id, f"ed25519:{session.device_id}", signing_key)
        yield OneTimeKey(algorithm, key_id, public_key, encoded)


def _too_many() -> Refused:
    return too_large(f"A device has up to {MOST_ONE_TIME_KEYS} one-time keys.")
