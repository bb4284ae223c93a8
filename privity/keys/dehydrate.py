"""A device that sleeps: it is sent the keys of messages while its owner is logged in nowhere.

1. Everybody has one; a new one takes the place of the old, with its keys and messages.
2. Its keys are held to the same as any device's (`upload.py`), its id is no other device's and no
   cross-signing key's. What wakes it is encrypted by its owner's client: to us it is bytes.
3. Its messages are read without being deleted: an answer may be lost. They go with it.

Source: MSC3814 (unstable), as matrix-js-sdk uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.keys.checking import public_part, too_large
from privity.keys.upload import Upload, check, keep
from privity.matrix.canonical_json import encode
from privity.matrix.errors import Refused, forbidden, not_found
from privity.matrix.ids import DeviceId, UserId
from privity.store import dehydrated_devices, device_keys, devices
from privity.store.dehydrated_devices import Dehydrated
from privity.store.engine import Tx, WriteTx
from privity.store.sessions import Session

LARGEST_BYTES = 128 * 1024
MOST_MESSAGES = 100


@dataclass(frozen=True, slots=True)
class Dehydration:
    """What a client uploads: `keys.device_keys` is there."""

    device_id: DeviceId
    display_name: str | None
    data: dict[str, Any]
    keys: Upload


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages as JSON, and the position of the last; `is_all` when there are no more."""

    found: list[bytes]
    upto: int
    is_all: bool


async def dehydrate(house: House, session: Session, wanted: Dehydration) -> None:
    """Keep it, instead of the one from before (rule 1).

    Errors: those of an upload of keys, 403 M_FORBIDDEN, 413 M_TOO_LARGE, 429.
    """
    user_id, device_id = session.user_id, wanted.device_id
    house.keep_pace(pace.UPLOAD_KEYS, user_id)
    data = encode(wanted.data)
    if len(data) > LARGEST_BYTES:
        raise too_large(f"A device that sleeps has at most {LARGEST_BYTES} bytes.")
    asleep = replace(session, device_id=device_id)
    checked = check(wanted.keys, asleep, wanted.keys.device_keys)  # 2
    now_ms = house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        before = dehydrated_devices.of(tx, user_id)
        if before is not None:
            devices.remove(tx, user_id, [before.device_id])
        if devices.by_id(tx, user_id, device_id) is not None or _is_a_key(tx, user_id, device_id):
            raise forbidden("No other device can have this id.")
        devices.add(tx, user_id, device_id, wanted.display_name, now_ms)
        dehydrated_devices.add(tx, user_id, Dehydrated(device_id, data))
        keep(tx, asleep, checked)

    await house.store.write(job)


def _is_a_key(tx: Tx, user_id: UserId, device_id: DeviceId) -> bool:
    keys = device_keys.cross_signing(tx, [user_id]).values()
    return device_id in {public_part(key) for key in keys}


async def dehydrated(house: House, user_id: UserId) -> Dehydrated:
    """The one that sleeps. 404."""
    found = await house.store.read(lambda tx: dehydrated_devices.of(tx, user_id))
    if found is None:
        raise _none()
    return found


async def drop_dehydrated(house: House, user_id: UserId) -> DeviceId:
    """End it. 404."""

    def job(tx: WriteTx) -> DeviceId | None:
        found = dehydrated_devices.of(tx, user_id)
        if found is None:
            return None
        devices.remove(tx, user_id, [found.device_id])
        return found.device_id

    device_id = await house.store.write(job)
    if device_id is None:
        raise _none()
    return device_id


async def messages(house: House, user_id: UserId, device_id: DeviceId, since: int) -> Messages:
    """What was sent to it, a page at a time (rule 3). 404 for a device that does not sleep."""

    def job(tx: Tx) -> list[tuple[int, bytes]]:
        if not dehydrated_devices.is_one(tx, user_id, device_id):
            raise _none()
        return dehydrated_devices.messages(tx, user_id, device_id, since, MOST_MESSAGES + 1)

    found = await house.store.read(job)
    page = found[:MOST_MESSAGES]
    upto = page[-1][0] if page else since
    return Messages([message for _, message in page], upto, len(found) <= MOST_MESSAGES)


def _none() -> Refused:
    return not_found("There is no dehydrated device.")
