"""Search what was said, where it is in clear.

1. Where the server takes no words in clear there is nothing to search: clients search on their own
   devices, what they have decrypted (403 M_FORBIDDEN).
2. An event is found if each word of the term is a word of one of its searched texts, whatever the
   case. Its rank is how much of the text those words are.
3. Searched are the rooms that the person is in or was in, as far as they may see them.
4. There is no index: it exists for tools made for open servers. The newest `MOST_LOOKED_AT` events
   are looked at, no more.

Source: client-server API, "Server Side Search".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import forbidden
from privity.matrix.filters import EventFilter
from privity.matrix.ids import RoomId, UserId
from privity.rooms.as_seen import Viewer
from privity.rooms.bundle import bundles
from privity.rooms.place import head_of
from privity.rooms.read import Page, Paging, page_of, passes
from privity.rooms.sight import Sight, sight_of
from privity.store import events, search
from privity.store.engine import Tx
from privity.store.events import Placed

KEYS = {"content.body": "m.room.message", "content.name": "m.room.name"}
KEYS["content.topic"] = "m.room.topic"
MOST_LOOKED_AT = 20_000
MOST_ROOMS = 500
WERE_IN = frozenset({"join", "leave", "ban"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Around:
    """How many events before and after a result, and whether with the senders' names of then."""

    before: int
    after: int
    with_profiles: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched. `upto` and `skip` say where the page begins; None is now."""

    term: str
    keys: tuple[str, ...]
    filter: EventFilter
    by_rank: bool
    upto: int | None
    skip: int
    around: Around | None
    with_state: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a result, and what its people were called (their member events)."""

    before: Page
    after: Page
    members: list[Placed]


@dataclass(frozen=True, slots=True)
class Result:
    """One event that was found."""

    placed: Placed
    rank: float
    sight: Sight
    context: Context | None
    relations: bytes | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results: of `count` altogether, as of `upto`, with the words searched for."""

    count: int
    upto: int
    words: list[str]
    results: list[Result]
    state: dict[RoomId, list[Placed]]


async def search_events(house: House, viewer: Viewer, wanted: Search) -> Found:
    """One page of what is found."""
    house.keep_pace(pace.LOOK_AROUND, viewer.user_id)
    if not house.config.unsafe_allow_plaintext:  # 1
        says = "What is said here is encrypted, for the server too. Search on your device."
        raise forbidden(says, because="search over ciphertext")
    upto = house.store.pos if wanted.upto is None else min(wanted.upto, house.store.pos)
    person = await house.store.people.get(viewer.user_id)
    room_ids = [
        room_id
        for room_id, standing in person.rooms.items()
        if standing.membership in WERE_IN and wanted.filter.allows(room_id)
    ][:MOST_ROOMS]
    heads = [await head_of(house, room_id) for room_id in room_ids]
    words = list(dict.fromkeys(_WORD.findall(wanted.term.casefold())))

    def job(tx: Tx) -> Found:
        sights = {
            head.room_id: sight_of(tx, head, viewer.user_id, upto, is_known_to_them=True)
            for head in heads
        }
        ranked = _ranked(tx, wanted, words, sights, upto)
        if wanted.by_rank:
            ranked.sort(key=lambda one: (-one[0], -one[1].pos))
        page = ranked[wanted.skip : wanted.skip + wanted.filter.limit]
        results = [
            _result(tx, viewer, wanted, placed, rank, sights[placed.event.room_id])
            for rank, placed in page
        ]
        shown = dict.fromkeys(placed.event.room_id for _, placed in page)
        state = {
            room_id: events.state_at(tx, room_id, sights[room_id].present_upto)
            for room_id in (shown if wanted.with_state else ())
        }
        return Found(len(ranked), upto, words, results, state)

    return await house.store.read(job)


def _ranked(
    tx: Tx, wanted: Search, words: list[str], sights: dict[RoomId, Sight], upto: int
) -> list[tuple[float, Placed]]:
    """Everything that matches with its rank, newest first."""
    found: list[tuple[float, Placed]] = []
    if not words or not sights:
        return found
    kinds = [KEYS[key] for key in wanted.keys]
    for _ in range(0, MOST_LOOKED_AT, search.AT_ONCE):  # 4
        page = search.newest_in_clear(tx, list(sights), kinds, upto)
        for placed in page:
            rank = _rank(placed, wanted.keys, words)
            seen = rank and sights[placed.event.room_id].sees(placed)  # 3
            if seen and placed.redaction is None and passes(wanted.filter, placed):
                found.append((rank, placed))
        if len(page) < search.AT_ONCE:
            break
        upto = page[-1].pos - 1
    return found


def _rank(placed: Placed, keys: tuple[str, ...], words: list[str]) -> float:  # 2
    for key in keys:
        text = placed.event.content.get(key.removeprefix("content."))
        if isinstance(text, str) and placed.event.type == KEYS[key]:
            said = _WORD.findall(text.casefold())
            if set(words) <= set(said):
                return sum(said.count(word) for word in words) / len(said)
    return 0.0


def _result(
    tx: Tx, viewer: Viewer, wanted: Search, placed: Placed, rank: float, sight: Sight
) -> Result:
    told = bundles(tx, [placed], viewer, sight).get(placed.event.event_id)
    context = None
    if wanted.around is not None:
        context = _context(tx, wanted.around, placed, sight)
    return Result(placed, rank, sight, context, told)


def _context(tx: Tx, around: Around, placed: Placed, sight: Sight) -> Context:
    room_id = placed.event.room_id

    def side(start: int, many: int, *, is_forward: bool) -> Page:
        return page_of(tx, room_id, Paging(start, None, is_forward, many, EventFilter()), sight)

    before = side(placed.pos - 1, around.before, is_forward=False)
    after = side(placed.pos, around.after, is_forward=True)
    members: list[Placed] = []
    if around.with_profiles:
        shown = (*before.chunk, placed, *after.chunk)
        senders: dict[UserId, int] = {UserId(one.event.sender): one.pos for one in shown}
        for sender, pos in senders.items():
            members += events.state_at(tx, room_id, pos, "m.room.member", sender)
    return Context(before, after, members)
