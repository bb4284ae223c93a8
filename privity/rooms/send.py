"""Send an event to a room: messages and redactions, each at most once a transaction id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, forbidden, invalid_param, refused
from privity.matrix.events import Event
from privity.matrix.ids import EventId, RoomId
from privity.rooms.place import Wanted, head_of, place
from privity.rooms.relate import check_relation
from privity.store import events
from privity.store.engine import Conflict
from privity.store.events import Sent
from privity.store.sessions import Session


@dataclass(frozen=True, slots=True)
class Sending:
    """What a client asks to be sent. `redacts` names the target of a redaction.

    `ts` is when an application service says that it happened (ms).
    """

    room_id: RoomId
    type: str
    content: dict[str, Any]
    txn_id: str
    redacts: EventId | None = None
    ts: int | None = None


async def send(house: House, session: Session, sending: Sending) -> EventId:
    """Send it, or answer what was answered when it was sent first."""
    scope = sending.redacts or sending.type
    repeats = house.store.repeats
    request = (session.user_id, session.device_id, sending.room_id, scope, sending.txn_id)
    earlier = repeats.done(request) or repeats.under_way(request)  # 1 sent before?
    if earlier is not None:
        return earlier if isinstance(earlier, str) else await earlier
    house.keep_pace(pace.SEND, session.user_id)
    with repeats.first(request) as outcome:
        sent = Sent(session.device_id, scope, sending.txn_id)
        outcome.set_result(await _send_once(house, session, sending, sent))
    return outcome.result()


async def _send_once(house: House, session: Session, sending: Sending, sent: Sent) -> EventId:
    emptied = None
    content = sending.content
    if sending.redacts is not None:
        emptied = await _may_redact(house, session, sending.room_id, sending.redacts)
        content = content if house.config.unsafe_allow_plaintext else {}  # it could hold words
    if "m.relates_to" in content:
        await check_relation(house, session.user_id, sending.room_id, sending.type, content)
    wanted = Wanted(sending.type, session.user_id, content, redacts=sending.redacts, ts=sending.ts)
    user_id, room_id = session.user_id, sending.room_id
    try:
        event = await place(house, room_id, lambda _: wanted, sent=sent, emptied=emptied)
    except Conflict:  # sent before this process remembers
        first = await house.store.read(lambda tx: events.sent_before(tx, user_id, room_id, sent))
        if first is not None:
            return first
        # the same to the letter, in the same millisecond, after the same events: at another process
        await house.store.catch_up()
        event = await place(house, room_id, lambda _: wanted, sent=sent, emptied=emptied)
    return event.event_id


async def _may_redact(
    house: House, session: Session, room_id: RoomId, event_id: EventId
) -> Event | None:
    """The event to be emptied; None if it is empty already.

    One's own event may be redacted by whoever may send redactions, others' from the room's
    `redact` level on. Source: server-server API and client-server API, "Redactions".
    """
    head = await head_of(house, room_id)
    if head.membership(session.user_id) != "join":
        raise forbidden("You are not in this room.")
    target = await house.store.read(lambda tx: events.by_id(tx, event_id))
    if target is None or target.event.room_id != room_id:
        raise invalid_param("There is no such event in this room.")
    is_own = target.event.sender == session.user_id
    if session.is_suspended and not is_own:
        says = "You cannot perform this action while suspended."
        raise refused(Errcode.USER_SUSPENDED, says)
    if not is_own and head.levels.of(session.user_id) < head.levels.redact:
        raise forbidden("You may not redact other people's messages here.")
    return None if target.redaction is not None else target.event
