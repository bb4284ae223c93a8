"""Every gate, as the literal list of its checks, in order. The only place that mints `Admitted`.

| gate | what comes through it | checks here today |
|---|---|---|
| send | every event, of a room's making, of a person's sending, now or later | plaintext |
| contact | invitations, whatever road they take | strangers |
| to-device | messages to devices | plaintext |
| upload | media | pace: its size, the quota |
| await upload | addresses for media that is to come | pace: how many |
| decode | pictures that the server makes smaller | files: their kind and size |
| pusher | addresses that notifications are to be sent to | reach |
| pace | requests | token buckets |

A check answers None (no objection), `Refuse` or `Hold`. The first that is not None decides. A
check that raises admits nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from privity.guard import files, pace, plaintext, reach, strangers
from privity.guard.admission import Admitted
from privity.guard.files import Picture
from privity.guard.pace import Awaited, AwaitedFacts, Upload, UploadFacts
from privity.guard.plaintext import ClearFacts, Later, ToDevice, ToDeviceFacts
from privity.guard.reach import Pusher, PusherFacts
from privity.guard.strangers import InvitationFacts
from privity.guard.verdict import Hold, Refuse, Verdict
from privity.matrix.errors import Errcode
from privity.matrix.events import Event

Facts = TypeVar("Facts")

AdmittedEvent = Admitted[Event]
AdmittedMessage = Admitted[ToDevice]

TO_DEVICE: tuple[Callable[[ToDeviceFacts], Verdict], ...] = (plaintext.message_is_ciphertext,)

SEND: tuple[Callable[[ClearFacts], Verdict], ...] = (
    plaintext.encryption_stays,
    plaintext.state_is_of_a_known_kind,
    plaintext.content_is_ciphertext,
)

CONTACT: tuple[Callable[[InvitationFacts], Verdict], ...] = (strangers.invitations_are_wanted,)

UPLOAD: tuple[Callable[[UploadFacts], Verdict], ...] = (
    pace.upload_is_not_too_large,
    pace.upload_is_within_the_quota,
)

AWAIT_UPLOAD: tuple[Callable[[AwaitedFacts], Verdict], ...] = (pace.awaited_are_few,)

DECODE: tuple[Callable[[Picture], Verdict], ...] = (files.may_be_decoded,)

PUSHER: tuple[Callable[[PusherFacts], Verdict], ...] = (reach.gateway_is_within_bounds,)


def send(
    event: Event, *, plaintext_allowed: bool, empties: str | None = None
) -> AdmittedEvent | Refuse:
    """The gate of every event, whoever made it. `empties` is the type of what it redacts."""
    facts = ClearFacts(event.type, event.state_key, event.content, plaintext_allowed, empties)
    return _through(SEND, facts) or Admitted(event)


def later(event: Later, *, plaintext_allowed: bool) -> Admitted[Later] | Refuse:
    """The gate of what is kept to be sent later: the same; it comes through it again then."""
    facts = ClearFacts(event.type, event.state_key, event.content, plaintext_allowed)
    return _through(SEND, facts) or Admitted(event)


def contact(facts: InvitationFacts) -> Refuse | None:
    """The gate of invitations. No proof: the event itself comes through `send`."""
    return _through(CONTACT, facts)


def to_device(message: ToDevice, *, plaintext_allowed: bool) -> AdmittedMessage | Refuse:
    """The gate of messages to devices."""
    facts = ToDeviceFacts(message, plaintext_allowed)
    return _through(TO_DEVICE, facts) or Admitted(message)


def upload(facts: UploadFacts) -> Admitted[Upload] | Refuse:
    """The gate of media, asked when all of it has come."""
    return _through(UPLOAD, facts) or Admitted(facts.upload)


def upload_so_far(facts: UploadFacts) -> Refuse | None:
    """The same gate, asked while it comes: no use in the rest of what it would refuse. No proof."""
    return _through(UPLOAD, facts)


def await_upload(facts: AwaitedFacts) -> Admitted[Awaited] | Refuse:
    """The gate of addresses that are given out before their media comes."""
    return _through(AWAIT_UPLOAD, facts) or Admitted(facts.awaited)


def decode(picture: Picture) -> Refuse | None:
    """The gate of pictures that the server itself is to open. No proof: nothing is kept of them."""
    return _through(DECODE, picture)


def pusher(facts: PusherFacts) -> Admitted[Pusher] | Refuse:
    """The gate of push gateways. What their names resolve to is asked at each connection."""
    return _through(PUSHER, facts) or Admitted(facts.pusher)


def _through(checks: tuple[Callable[[Facts], Verdict], ...], facts: Facts) -> Refuse | None:
    for check in checks:
        verdict = check(facts)
        if isinstance(verdict, Hold):
            return Refuse(Errcode.FORBIDDEN, "This waits for a decision.", verdict.because)
        if verdict is not None:
            return verdict
    return None
