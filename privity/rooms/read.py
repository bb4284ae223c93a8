"""Read a room: pages of its history, one event and what stands around it, its state.

Everything is judged by `sight`; positions that a page names are places between events, so that
going on from a page neither repeats nor skips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from privity.house import House
from privity.matrix.errors import Refused, forbidden, not_found
from privity.matrix.filters import EventFilter
from privity.matrix.ids import EventId, RoomId, UserId
from privity.rooms.as_seen import Viewer
from privity.rooms.bundle import bundles
from privity.rooms.place import head_of
from privity.rooms.sight import Sight, sight_of
from privity.store import events, relations
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head

MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order asked for, from `start` on. `end` is where to go on, None at the end."""

    chunk: list[Placed]
    start: int
    end: int | None
    sight: Sight
    bundled: dict[str, bytes] = field(default_factory=dict)
    state: list[Placed] = field(default_factory=list)
    last: int | None = None
    """Where the page ends, even if nothing comes after it."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page: from where, in which direction, how far, how many, and which events."""

    start: int | None
    stop: int | None
    is_forward: bool
    limit: int
    filter: EventFilter


async def messages(house: House, viewer: Viewer, room_id: RoomId, paging: Paging) -> Page:
    """`GET /rooms/{roomId}/messages`: one page of history."""
    head = await head_of(house, room_id)
    upto = house.store.pos

    def job(tx: Tx) -> Page:
        sight = sight_of(tx, head, viewer.user_id, upto)
        page = page_of(tx, room_id, paging, sight)
        members = (
            _members_of(tx, room_id, page.chunk, sight.present_upto) if _is_lazy(paging) else []
        )
        return replace(page, bundled=bundles(tx, page.chunk, viewer, sight), state=members)

    return await house.store.read(job)


def _is_lazy(paging: Paging) -> bool:
    return paging.filter.lazy_load_members


def page_of(tx: Tx, room_id: RoomId, paging: Paging, sight: Sight) -> Page:
    """One page of a room, as far as the sight goes."""
    forward = paging.is_forward
    start = paging.start if paging.start is not None else (0 if forward else sight.upto)
    bound = paging.stop if paging.stop is not None else (sight.upto if forward else 0)
    at = min(start, sight.upto)
    chunk: list[Placed] = []
    for _ in range(MOST_ROUNDS):
        size = paging.limit + 1
        if forward:
            found = events.oldest(tx, room_id, at, min(bound, sight.upto), size)
        else:
            found = events.newest(tx, room_id, bound, at, size)
        wanted = _wanted_of(tx, paging.filter, sight, found)
        for placed in found:
            if len(chunk) == paging.limit:
                return Page(chunk, start, at, sight)
            at = placed.pos if forward else placed.pos - 1
            if placed.event.event_id in wanted:
                chunk.append(placed)
        if len(found) < size:
            is_more = forward and bound > sight.upto
            return Page(chunk, start, at if is_more else None, sight, last=at)
    return Page(chunk, start, at, sight)


def _wanted_of(
    tx: Tx, event_filter: EventFilter, sight: Sight, found: list[Placed]
) -> set[EventId]:
    seen = [placed for placed in found if sight.sees(placed) and passes(event_filter, placed)]
    return {placed.event.event_id for placed in only_related(tx, event_filter, seen)}


def only_related(tx: Tx, event_filter: EventFilter, found: list[Placed]) -> list[Placed]:
    """Those that others relate to, if the filter asks for such; else all."""
    if not event_filter.asks_for_relations:
        return found
    related = relations.that_are_related_to(
        tx,
        [placed.event.event_id for placed in found],
        event_filter.related_by_rel_types,
        event_filter.related_by_senders,
    )
    return [placed for placed in found if placed.event.event_id in related]


def passes(event_filter: EventFilter, placed: Placed) -> bool:
    """Whether the filter lets this event through."""
    event = placed.event
    return event_filter.passes_everything or event_filter.passes(
        event.type, event.sender, event.room_id, event.content
    )


def _members_of(tx: Tx, room_id: RoomId, chunk: list[Placed], upto: int) -> list[Placed]:
    senders = dict.fromkeys(placed.event.sender for placed in chunk)
    found = []
    for sender in senders:
        found += events.state_at(tx, room_id, upto, "m.room.member", sender)
    return found


async def one_event(house: House, viewer: Viewer, room_id: RoomId, event_id: EventId) -> Page:
    """`GET /rooms/{roomId}/event/{eventId}`: a page of one. 404 for what is not for their eyes."""
    head = await house.store.heads.get(room_id)
    if head is None:
        raise no_such_event()
    upto = house.store.pos

    def job(tx: Tx) -> Page:
        sight = sight_of(tx, head, viewer.user_id, upto, is_known_to_them=True)
        placed = visible(tx, sight, room_id, event_id)
        return Page([placed], placed.pos, None, sight, bundles(tx, [placed], viewer, sight))

    return await house.store.read(job)


def visible(tx: Tx, sight: Sight, room_id: RoomId, event_id: EventId) -> Placed:
    """The event of this room with this id. 404 for what is not for their eyes."""
    placed = events.by_id(tx, event_id)
    is_here = placed is not None and placed.event.room_id == room_id and placed.pos <= sight.upto
    if placed is None or not is_here or not sight.sees(placed):
        raise no_such_event()
    return placed


def no_such_event() -> Refused:
    """404, the same for an event of others as for one that is not there."""
    return not_found("There is no such event, or it is not for you.")


@dataclass(frozen=True, slots=True)
class Context:
    """An event, what stands before (newest first) and after it, and the state at the end of it."""

    event: Placed
    before: list[Placed]
    after: list[Placed]
    start: int
    end: int
    state: list[Placed]
    sight: Sight
    bundled: dict[str, bytes]


async def context(
    house: House,
    viewer: Viewer,
    room_id: RoomId,
    event_id: EventId,
    limit: int,
    event_filter: EventFilter,
) -> Context:
    """`GET /rooms/{roomId}/context/{eventId}`. `limit` counts before and after together."""
    head = await head_of(house, room_id)
    upto = house.store.pos

    def job(tx: Tx) -> Context:
        sight = sight_of(tx, head, viewer.user_id, upto)
        placed = visible(tx, sight, room_id, event_id)
        many_before, many_after = limit // 2, limit - limit // 2

        def side(start: int, many: int, *, is_forward: bool) -> Page:
            paging = Paging(start, None, is_forward, many, event_filter)
            return page_of(tx, room_id, paging, sight)

        before = side(placed.pos - 1, many_before, is_forward=False)
        after = side(placed.pos, many_after, is_forward=True)
        end = after.chunk[-1].pos if after.chunk else placed.pos
        start = before.chunk[-1].pos - 1 if before.chunk else placed.pos - 1
        shown = [placed, *before.chunk, *after.chunk]
        state = events.state_at(tx, room_id, min(end, sight.present_upto))
        if event_filter.lazy_load_members:
            state = _only_senders(state, shown)
        bundled = bundles(tx, shown, viewer, sight)
        return Context(placed, before.chunk, after.chunk, start, end, state, sight, bundled)

    return await house.store.read(job)


def _only_senders(state: list[Placed], shown: list[Placed]) -> list[Placed]:
    senders = {placed.event.sender for placed in shown}
    return [
        placed
        for placed in state
        if placed.event.type != "m.room.member" or placed.event.state_key in senders
    ]


async def state(
    house: House, user_id: UserId, room_id: RoomId, kind: str | None = None, state_key: str = ""
) -> tuple[list[Placed], Sight]:
    """The room's state, or one event of it (404), as of now or of when they left."""
    head = await head_of(house, room_id)
    upto = house.store.pos
    if user_id in head.joined and not head.is_broken:
        sight = Sight(user_id, ((0, "join"),), (), upto)
        if kind is None:
            return list(head.state.values()), sight
        placed = head.state.get((kind, state_key))
        return _found([placed] if placed else []), sight

    def job(tx: Tx) -> tuple[list[Placed], Sight]:
        sight = _sight_of_state(tx, head, user_id, upto)
        if kind is None:
            return events.state_at(tx, room_id, sight.present_upto), sight
        return _found(events.state_at(tx, room_id, sight.present_upto, kind, state_key)), sight

    return await house.store.read(job)


def _sight_of_state(tx: Tx, head: Head, user_id: UserId, upto: int) -> Sight:
    """A person's view of a room's state. 403 for who was never in: an invitation shows no more."""
    sight = sight_of(tx, head, user_id, upto)
    if sight.present_upto == 0:
        raise forbidden("You are not in this room.", because="state for one who never joined")
    return sight


def _found(state: list[Placed]) -> list[Placed]:
    if not state:
        raise not_found("This state is not set.")
    return state


async def members(
    house: House, user_id: UserId, room_id: RoomId, at: int | None, keep: Callable[[str], bool]
) -> tuple[list[Placed], Sight]:
    """`GET /rooms/{roomId}/members`: the membership events that `keep` wants, as of `at`."""
    head = await head_of(house, room_id)
    upto = house.store.pos

    def job(tx: Tx) -> tuple[list[Placed], Sight]:
        sight = _sight_of_state(tx, head, user_id, upto)
        pos = sight.present_upto if at is None else min(at, sight.present_upto)
        found = events.state_at(tx, room_id, pos, "m.room.member")
        wanted = [one for one in found if keep(str(one.event.content.get("membership")))]
        return wanted, sight

    return await house.store.read(job)
