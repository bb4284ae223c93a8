"""Send a message to devices, once for each transaction id.

1. Each message passes the to-device gate; if one is refused, none is sent.
2. `*` is every device of a person. Devices that do not exist get nothing, and nobody is told.
3. A request that was done already is not done again: for a day, across restarts.

Source: client-server API, "PUT /sendToDevice".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from privity.guard import gates, pace
from privity.guard.gates import AdmittedMessage
from privity.guard.plaintext import ToDevice
from privity.house import House
from privity.keys.checking import too_large
from privity.matrix.canonical_json import encode
from privity.matrix.errors import Refuse, Refused
from privity.matrix.ids import DeviceId, UserId
from privity.store import devices, inbox
from privity.store.engine import Tx, WriteTx
from privity.store.inbox import Target
from privity.store.sessions import Session

EVERY_DEVICE = DeviceId("*")
MOST_MESSAGE_BYTES = 65_536
MOST_TARGETS = 5000

Messages = Mapping[UserId, Mapping[DeviceId, ToDevice]]


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, by person and device. `request` names it for repeats."""

    request: str
    messages: Messages


async def send_to_device(house: House, session: Session, sending: Sending) -> None:
    """Put each message into the inboxes of its devices.

    Errors: 403 M_FORBIDDEN (the gate), 413 M_TOO_LARGE, 429.
    """
    house.keep_pace(pace.TO_DEVICE, session.user_id)
    if sum(len(by_device) for by_device in sending.messages.values()) > MOST_TARGETS:
        raise too_large(f"Send to up to {MOST_TARGETS} devices at once.")
    admitted = [
        (user_id, device_id, _admit(house, message))
        for user_id, by_device in sending.messages.items()
        for device_id, message in by_device.items()
    ]
    sender, device, now_ms = session.user_id, session.device_id, house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        if inbox.sent_before(tx, sender, device, sending.request):  # 3
            return
        inbox.note_sent(tx, sender, device, sending.request, now_ms)
        for user_id, device_id, message in admitted:
            inbox.queue(tx, sender, message, _targets(tx, user_id, device_id))

    await house.store.write(job)


def _admit(house: House, message: ToDevice) -> AdmittedMessage:  # 1
    if len(encode(message.content)) > MOST_MESSAGE_BYTES:
        raise too_large("A message is too large.")
    verdict = gates.to_device(message, plaintext_allowed=house.config.unsafe_allow_plaintext)
    if isinstance(verdict, Refuse):
        raise Refused(verdict)
    return verdict


def _targets(tx: Tx, user_id: UserId, device_id: DeviceId) -> list[Target]:  # 2
    if device_id == EVERY_DEVICE:
        return [Target(user_id, one.device_id) for one in devices.all_of(tx, user_id)]
    return [Target(user_id, device_id)] if devices.by_id(tx, user_id, device_id) else []
