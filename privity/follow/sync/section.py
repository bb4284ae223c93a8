"""A joined or left room's part of a sync: which events, which state, where history goes on.

1. The timeline is the newest events since the device's position, at most the filter's limit. If
   there were more it is `limited`, and `prev_batch` says where they are.
2. Who newly joined, or syncs for the first time, gets the newest events that they may see, from
   before too, and the whole state. For who newly joined the timeline is `limited`: a client that
   knew the room once cannot know how far back it reaches. Who came and went since, gets the whole
   state as of when they went.
3. `state` is the state before the timeline; with `state_after` it is the state after it
   (`use_state_after`, specification 1.16). Incrementally only what changed.
4. With lazy loading, members' events come only for who wrote in the timeline, and only once to
   each device.
5. Messages of people whom the person ignores are left out; state is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from privity.follow.sync.summary import moves_summary
from privity.follow.sync.wanted import Asked
from privity.matrix.ids import RoomId, UserId
from privity.rooms.read import only_related, passes
from privity.rooms.sight import Past, Sight, sight_of
from privity.store import events
from privity.store.elsewhere import StateKey
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.people import Standing

MOST_ROUNDS = 10
MANY = 100


@dataclass(slots=True)
class Section:
    """One room's part, before it is rendered. `state` holds no event of the timeline's twice."""

    room_id: RoomId
    head: Head
    user_id: UserId
    standing: Standing
    is_whole: bool
    timeline: list[Placed] = field(default_factory=list)
    is_limited: bool = False
    prev: int = 0
    state: list[Placed] = field(default_factory=list)
    moves_summary: bool = False
    sight: Sight | None = None
    newest: list[Placed] = field(default_factory=list)
    """The room's newest events as they were read, before anything was left out."""
    known_state: dict[StateKey, Placed] = field(default_factory=dict)
    summary: dict[str, Any] | None = None

    shows_words: bool = True
    """Whether an invitation may show what its sender chose (threat `strangers`)."""

    @property
    def inviter(self) -> UserId | None:
        """Who sent the invitation, if the person is invited."""
        own = self.head.state.get(("m.room.member", self.user_id))
        return own.event.sender if own is not None else None

    def membership_at(self, placed: Placed) -> str:
        """What the person's membership was at an event of this room."""
        if placed.pos >= self.standing.since:
            return self.standing.membership
        return self.sight.membership_at(placed.pos) if self.sight else "leave"


def of_room(asked: Asked, room_id: RoomId, head: Head, standing: Standing) -> Section:
    """Begin a room's part: whether it is told whole, and its state as of this moment."""
    has_joined = standing.membership == "join" and standing.since > asked.since
    is_whole = asked.is_first or has_joined
    section = Section(room_id, head, asked.person.user_id, standing, is_whole)
    if is_whole or asked.wanted.full_state:
        section.known_state = dict(head.state)
    return section


def fill_from_memory(asked: Asked, section: Section, new: list[Placed]) -> None:
    """Fill in the timeline. `new` is everything in the room since the device's position."""
    _cut(asked, section, [each for each in new if _is_for(asked, each)])
    section.state = _state_of(asked, section, new)
    section.moves_summary = any(map(moves_summary, new))


def fill_from_database(tx: Tx, asked: Asked, section: Section, past: Past | None = None) -> None:
    """Fill in the timeline by reading it; `past` is what sight of the room stands on."""
    above = 0 if section.is_whole else asked.since
    section.is_limited = section.is_whole and not asked.is_first  # 2
    upto = asked.upto
    if section.standing.membership != "join":
        upto = min(upto, section.standing.pos)
    user_id = asked.person.user_id
    sight = sight_of(tx, section.head, user_id, upto, is_known_to_them=True, past=past)
    section.sight = sight
    wanted = asked.wanted.filter.room.timeline
    limit = wanted.limit
    size = limit + 1 if wanted.passes_everything else max(limit + 1, MANY)
    found: list[Placed] = []
    at = upto
    for _ in range(MOST_ROUNDS):
        page = events.newest(tx, section.room_id, above, at, size)
        section.newest = section.newest or page
        seen = [e for e in page if _is_shown(section, sight, e) and _is_for(asked, e)]
        found += only_related(tx, wanted, seen)
        if len(found) > limit or len(page) < size:
            break
        at = page[-1].pos - 1
    else:
        section.is_limited = True
    _cut(asked, section, found[limit::-1] if len(found) > limit else found[::-1])
    came_and_went = sight.present_upto > above and sight.membership_at(above) != "join"
    if section.standing.membership != "join" and (section.known_state or came_and_went):
        section.known_state = _state_for(tx, section.room_id, sight, upto)
    changed = [] if section.is_whole else events.state_changes(tx, section.room_id, above, upto)
    changed = [each for each in changed if each.pos <= sight.present_upto or sight.sees(each)]
    section.state = _state_of(asked, section, changed)
    section.moves_summary = any(map(moves_summary, changed))


def _is_shown(section: Section, sight: Sight, placed: Placed) -> bool:
    """Whether it may stand in the timeline: what they see, and what is the room's state now.

    Of the latter they are told anyway, who are in the room; in its place it can be understood.
    """
    if sight.sees(placed):
        return True
    event = placed.event
    if event.state_key is None or section.standing.membership != "join":
        return False
    now = section.head.state.get((event.type, event.state_key))
    return now is not None and now.event.event_id == event.event_id


def _state_for(tx: Tx, room_id: RoomId, sight: Sight, upto: int) -> dict[StateKey, Placed]:
    """The state for somebody who is not in the room: of when they were, and their own part."""
    theirs = events.state_at(tx, room_id, min(upto, sight.present_upto))
    seen = [each for each in events.state_at(tx, room_id, upto) if sight.sees(each)]
    return {(each.event.type, each.event.state_key or ""): each for each in (*theirs, *seen)}


def _is_for(asked: Asked, placed: Placed) -> bool:
    event = placed.event
    if event.sender in asked.person.ignored and event.state_key is None:  # 5
        return False
    return passes(asked.wanted.filter.room.timeline, placed)


def _cut(asked: Asked, section: Section, seen: list[Placed]) -> None:
    """Rule 1. `seen` is in order, oldest first."""
    limit = asked.wanted.filter.room.timeline.limit
    if len(seen) > limit:
        section.is_limited = True
        seen = seen[len(seen) - limit :]
    section.timeline = seen
    if seen:
        section.prev = seen[0].pos - 1
    else:
        section.prev = asked.upto


def _state_of(asked: Asked, section: Section, new: Iterable[Placed]) -> list[Placed]:
    """Rule 3. `new` are the room's events (or its changes of state) since the device's position."""
    if section.known_state:
        state = dict(section.known_state)
        if not asked.wanted.use_state_after:
            _take_back(section, state)
    else:
        told = () if asked.wanted.use_state_after else section.timeline
        state = {
            (placed.event.type, placed.event.state_key): placed
            for placed in new
            if placed.event.state_key is not None and placed not in told
        }
    state_filter = asked.wanted.filter.room.state
    if state_filter.passes_everything:
        return list(state.values())
    return [placed for placed in state.values() if passes(state_filter, placed)]


def _take_back(section: Section, state: dict[StateKey, Placed]) -> None:
    """From the state after the timeline to the state before it."""
    for placed in reversed(section.timeline):
        event = placed.event
        if event.state_key is None:
            continue
        key = (event.type, event.state_key)
        state.pop(key, None)
        if placed.replaced is not None:
            state[key] = Placed(0, placed.replaced)
