"""The road of every event: from what somebody wants to its place in the room, or a refusal.

1. The room's turn: its head, in memory. Nothing is awaited between reading it and moving it on, so
   the loop itself is the turn; between processes the database decides (see `store.elsewhere`).
2. Build: name what came before and what gives the right, hash, sign.
3. May it, by the room's rules (`matrix.auth_rules`)?
4. May it, by ours (`guard.gates.send`)? The gate hands out the proof that the store asks for.
5. One transaction: the event, the state that it makes, the request that it came from.
6. If another process changed what the event relies on, begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from privity.guard import gates
from privity.house import House
from privity.matrix import events as matrix_events
from privity.matrix.auth_events import auth_types
from privity.matrix.auth_rules import authorise
from privity.matrix.canonical_json import BadJson
from privity.matrix.errors import Errcode, Refuse, Refused, bad_json, forbidden, refused
from privity.matrix.events import Event, EventDraft, EventTooLarge
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.versions import RoomVersion
from privity.store import events
from privity.store.elsewhere import StateKey
from privity.store.engine import WriteTx
from privity.store.events import Placed, Sent
from privity.store.heads import Head, HeadMoved
from privity.store.streams import EventAdded

MOST_TRIES = 8
INSIDE = frozenset({"join", "invite", "knock"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event that somebody wants in a room."""

    type: str
    sender: UserId
    content: dict[str, Any]
    state_key: str | None = None
    redacts: EventId | None = None
    ts: int | None = None
    """When it happened (ms), if an application service says so; else now."""


@dataclass(frozen=True, slots=True)
class Built:
    """An event that passed every check, ready to be written. `emptied` is what it redacts.

    It stands on the state of the keys in `relies_on` as of the position `seen`.
    """

    admitted: gates.AdmittedEvent
    replaced: Event | None
    redacts: EventId | None = None
    emptied: Event | None = None
    relies_on: tuple[StateKey, ...] = ()
    seen: int = 0

    @property
    def event(self) -> Event:
        """The event."""
        return self.admitted.value


async def head_of(house: House, room_id: RoomId) -> Head:
    """The room's head. 403 for a room that is not there: as for one that is none of theirs."""
    heads = house.store.heads
    head = heads.peek(room_id) or await heads.get(room_id)
    if head is None:
        raise not_in_room("no such room")
    return head


def not_in_room(because: str) -> Refused:
    """403, the same for a room of others as for one that is not there."""
    return forbidden("You are not in this room.", because=because)


async def place(
    house: House,
    room_id: RoomId,
    want: Callable[[Head], Wanted],
    *,
    sent: Sent | None = None,
    emptied: Event | None = None,
    also: Callable[[WriteTx], None] | None = None,
) -> Event:
    """Give a room its next event. `want` says what it is, by the state at its turn.

    `also` is done in the same transaction. Raises `Refused`; `engine.Conflict` when `sent` was
    sent before.
    """
    for _ in range(MOST_TRIES):
        head = await head_of(house, room_id)  # 1
        built = build(house, head, want(head), emptied)  # 2 3 4
        try:
            await commit(house, head, [built], sent, also)  # 5
        except HeadMoved:  # 6
            house.store.heads.drop(head)
        else:
            return built.event
    raise refused(Errcode.UNKNOWN, "The room is too busy. Try again.", status=503)


def build(house: House, head: Head, wanted: Wanted, emptied: Event | None = None) -> Built:
    """Build the next event of a room, have it judged, and move the head on to it.

    The caller has to `commit` it, with nothing awaited in between.
    """
    version = head.version
    is_own = wanted.type == "m.room.member" and wanted.state_key == wanted.sender
    is_outside = head.membership(wanted.sender) not in INSIDE
    if is_outside and not is_own:
        raise not_in_room("by one outside of the room")
    keys = auth_types(wanted.type, wanted.sender, wanted.state_key, wanted.content, version)
    named = [event for key in keys if (event := head.get(*key)) is not None]
    draft = EventDraft(
        type=wanted.type,
        sender=wanted.sender,
        content=wanted.content,
        origin_server_ts=house.clock.now_ms() if wanted.ts is None else wanted.ts,
        depth=head.depth + 1,
        prev_events=head.ends,
        auth_events=tuple(event.event_id for event in named),
        room_id=head.room_id,
        state_key=wanted.state_key,
        redacts=wanted.redacts,
        references=(head.last, *head.beside, *named),
    )
    event = signed(house, draft, head.version)
    rejection = authorise(event, head, version)
    if rejection is not None:
        because = f"rule {rejection.rule}: {rejection.because}"
        if is_outside:
            raise not_in_room(because)
        raise forbidden("You may not do that in this room.", because=because)
    admitted = admit(house, event, emptied)
    replaced = None
    if event.state_key is not None:
        replaced = head.get(event.type, event.state_key)
        keys.append((event.type, event.state_key))
    head.advance(event)
    seen = max(head.pos, house.store.pos)
    return Built(admitted, replaced, wanted.redacts, emptied, tuple(keys), seen)


def signed(house: House, draft: EventDraft, version: RoomVersion) -> Event:
    """The draft as a signed event. 400 M_BAD_JSON or 413 M_TOO_LARGE where it cannot be one."""
    try:
        return matrix_events.build(draft, version, house.server_name, house.key)
    except EventTooLarge as error:
        raise refused(Errcode.TOO_LARGE, f"{error}.", status=413) from error
    except BadJson as error:
        raise bad_json(f"{error}.") from error


def admit(house: House, event: Event, emptied: Event | None = None) -> gates.AdmittedEvent:
    """The proof of the send gate. Raises what it refuses."""
    verdict = gates.send(
        event,
        plaintext_allowed=house.config.unsafe_allow_plaintext,
        empties=emptied.type if emptied else None,
    )
    if isinstance(verdict, Refuse):
        raise Refused(verdict)
    return verdict


async def commit(
    house: House,
    head: Head,
    built: Sequence[Built],
    sent: Sent | None = None,
    also: Callable[[WriteTx], None] | None = None,
) -> None:
    """Write events that were built on `head`, in order, in one transaction with `also`.

    Raises `HeadMoved` when they do not stand any more; nothing is written then.
    """
    elsewhere = house.store.heads.elsewhere

    def job(tx: WriteTx) -> None:
        if head.is_broken:
            raise HeadMoved
        for one in built:
            if elsewhere.have_changed(head.room_id, one.relies_on, one.seen):
                raise HeadMoved
        if also is not None:
            also(tx)
        for one in built:
            placed = events.append(
                tx, one.admitted, redacts=one.redacts, replaced=one.replaced, sent=sent
            )
            _tell(tx, head, placed, one)

    try:
        await house.store.write(job, head.break_)
    finally:
        head.under_way -= len(built)


def _tell(tx: WriteTx, head: Head, placed: Placed, built: Built) -> None:
    if built.emptied is None:
        tx.tell(EventAdded(placed.pos, placed))
        return
    emptied = events.redact(tx, built.emptied, built.event, head.version)
    tx.tell(EventAdded(placed.pos, placed, emptied))
