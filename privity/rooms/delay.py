"""Send an event later: keep it, begin its time anew, send it now, take it back, send what is due.

1. What is kept is held against the send gate at once: nothing in clear waits in the database.
2. Whether the sender may send it is asked when it is sent, by the room's rules of that moment.
3. It is sent in the transaction that removes it, so once, whichever process does it.
4. State that somebody else has set in the meantime stands: what was delayed is dropped.
5. What the room refuses by then, or whose sender may not do anything any more, is dropped.
6. What the room is only too busy for is tried again the next time.

Source: MSC4140 (unstable), as matrix-js-sdk and the calls of today's clients use it.
"""

from __future__ import annotations

import secrets

from privity.guard import gates, pace
from privity.guard.plaintext import Later
from privity.house import House
from privity.log import log
from privity.matrix.errors import Errcode, Refuse, Refused, not_found, refused
from privity.matrix.ids import EventId, UserId
from privity.rooms.place import Wanted, head_of, not_in_room, place
from privity.store import accounts, delayed_events
from privity.store.delayed_events import Delayed
from privity.store.engine import WriteTx
from privity.store.sessions import Session

LONGEST_DELAY_MS = 24 * 3600 * 1000
NOT_NOW = 503
MOST_AT_ONCE = 100


class AlreadySent(Exception):  # noqa: N818 - named for what happened
    """Another process sent it, or its sender took it back."""


async def delay(house: House, session: Session, later: Later) -> str:
    """Keep an event for later; the id by which its sender speaks of it."""
    if later.delay_ms > LONGEST_DELAY_MS:
        most = {"org.matrix.msc4140.errcode": "M_MAX_DELAY_EXCEEDED"}
        most_ms = {"org.matrix.msc4140.max_delay": LONGEST_DELAY_MS}
        says = "An event can be delayed by a day at most."
        raise Refused(Refuse(Errcode.UNKNOWN, says, "", 400, {**most, **most_ms}))
    house.keep_pace(pace.SEND, session.user_id)
    head = await head_of(house, later.room_id)
    if head.membership(session.user_id) != "join":
        raise not_in_room("a delayed event by one outside of the room")
    admitted = gates.later(later, plaintext_allowed=house.config.unsafe_allow_plaintext)  # 1
    if isinstance(admitted, Refuse):
        raise Refused(admitted)
    delay_id = secrets.token_urlsafe(18)
    now_ms = house.clock.now_ms()
    is_kept = await house.store.write(
        lambda tx: delayed_events.add(tx, delay_id, session.user_id, admitted, now_ms)
    )
    if not is_kept:
        more = {"org.matrix.msc4140.errcode": "M_MAX_DELAYED_EVENTS_EXCEEDED"}
        says = "Too many delayed events."
        raise Refused(Refuse(Errcode.UNKNOWN, says, "", 400, more))
    return delay_id


async def delayed_of(house: House, user_id: UserId) -> list[Delayed]:
    """What somebody has under way."""
    return await house.store.read(lambda tx: delayed_events.of_user(tx, user_id))


async def restart(house: House, user_id: UserId | None, delay_id: str) -> None:
    """Begin its delay anew. 404 when there is no such event of theirs."""
    await one_of(house, user_id, delay_id)
    now_ms = house.clock.now_ms()
    if not await house.store.write(lambda tx: delayed_events.restart(tx, delay_id, now_ms)):
        raise _none()


async def cancel(house: House, user_id: UserId | None, delay_id: str) -> None:
    """Take it back. 404 when there is no such event of theirs."""
    await one_of(house, user_id, delay_id)
    if not await house.store.write(lambda tx: delayed_events.remove(tx, delay_id)):
        raise _none()


async def send_now(house: House, user_id: UserId | None, delay_id: str) -> EventId:
    """Send it at once. 404 when there is no such event of theirs; else what the room says."""
    delayed = await one_of(house, user_id, delay_id)
    try:
        return await _send(house, delayed)
    except AlreadySent as error:
        raise _none() from error


async def one_of(house: House, user_id: UserId | None, delay_id: str) -> Delayed:
    """A delayed event of this person, or (None) of whoever knows its id. 404: there is none."""
    delayed = await house.store.read(lambda tx: delayed_events.by_id(tx, delay_id))
    if delayed is None or user_id not in {None, delayed.user_id}:
        raise _none()
    return delayed


async def send_due(house: House) -> None:
    """Send those whose time has come."""
    now_ms = house.clock.now_ms()
    due = await house.store.read(lambda tx: delayed_events.due(tx, now_ms, MOST_AT_ONCE))
    for delayed in due:
        try:
            if await _is_over(house, delayed):
                await _drop(house, delayed)
            else:
                await _send(house, delayed)
        except AlreadySent:
            continue
        except Refused as refusal:  # 5
            if refusal.refuse.status == NOT_NOW:  # 6
                continue
            log.info("delayed.dropped", errcode=refusal.refuse.errcode)
            await _drop(house, delayed)


async def _is_over(house: House, delayed: Delayed) -> bool:  # 4 5
    account = await house.store.read(lambda tx: accounts.by_id(tx, delayed.user_id))
    if account is None or account.standing != accounts.ACTIVE or account.is_suspended:
        return True
    if delayed.state_key is None:
        return False
    current = (await head_of(house, delayed.room_id)).get(delayed.type, delayed.state_key)
    return (
        current is not None
        and current.sender != delayed.user_id
        and current.origin_server_ts > delayed.since_ts
    )


async def _drop(house: House, delayed: Delayed) -> None:
    await house.store.write(lambda tx: delayed_events.remove(tx, delayed.delay_id))


async def _send(house: House, delayed: Delayed) -> EventId:
    def taken(tx: WriteTx) -> None:  # 3
        if delayed_events.by_id(tx, delayed.delay_id) is None:
            raise AlreadySent
        delayed_events.remove(tx, delayed.delay_id)

    wanted = Wanted(delayed.type, delayed.user_id, delayed.content, delayed.state_key)
    event = await place(house, delayed.room_id, lambda _: wanted, also=taken)
    return event.event_id


def _none() -> Refused:
    return not_found("There is no such delayed event.")


def unknown_action() -> Refused:
    """400 for what cannot be done with a delayed event."""
    says = "A delayed event can be restarted, sent or cancelled."
    return refused(Errcode.INVALID_PARAM, says, status=400)
