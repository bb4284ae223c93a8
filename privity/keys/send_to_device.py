"""Send a message to devices, once for each transaction id.

1. Each message passes the to-device gate; if one is refused, none is sent.
2. `*` is every device of a person. Devices that do not exist get nothing, and nobody is told.

Source: client-server API, "PUT /sendToDevice".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from privity.guard import gates, pace
from privity.guard.plaintext import ToDevice
from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.errors import Errcode, Refuse, Refused, refused
from privity.matrix.ids import DeviceId, UserId
from privity.store import devices, inbox
from privity.store.engine import Tx, WriteTx
from privity.store.inbox import Target
from privity.store.sessions import Session

EVERY_DEVICE = "*"
MOST_MESSAGE_BYTES = 65_536
MOST_TARGETS = 10_000

Messages = Mapping[UserId, Mapping[str, ToDevice]]


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, by person and device. `request` names it for repeats."""

    request: str
    messages: Messages


async def send_to_device(house: House, session: Session, sending: Sending) -> None:
    """Put each message into the inboxes of its devices."""
    house.keep_pace(pace.TO_DEVICE, session.user_id)
    allowed = house.config.unsafe_allow_plaintext
    admitted = []
    for user_id, messages in sending.messages.items():
        for device_id, message in messages.items():
            if len(encode(message.content)) > MOST_MESSAGE_BYTES:
                raise refused(Errcode.TOO_LARGE, "A message is too large.", status=413)
            verdict = gates.to_device(message, plaintext_allowed=allowed)  # 1
            if isinstance(verdict, Refuse):
                raise Refused(verdict)
            admitted.append((user_id, device_id, verdict))
    if len(admitted) > MOST_TARGETS:
        raise refused(Errcode.TOO_LARGE, "A message has too many targets.", status=413)
    sender, device, now_ms = session.user_id, session.device_id, house.clock.now_ms()

    def job(tx: WriteTx) -> None:
        if inbox.sent_before(tx, sender, device, sending.request):
            return
        inbox.note_sent(tx, sender, device, sending.request, now_ms)
        for user_id, device_id, message in admitted:
            inbox.queue(tx, sender, message, _targets(tx, user_id, device_id))

    await house.store.write(job)


def _targets(tx: Tx, user_id: UserId, device_id: str) -> list[Target]:  # 2
    if device_id == EVERY_DEVICE:
        return [Target(user_id, one.device_id) for one in devices.all_of(tx, user_id)]
    named = DeviceId(device_id)
    return [Target(user_id, named)] if devices.by_id(tx, user_id, named) else []
