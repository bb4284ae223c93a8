"""What is new in one room for one connection: which events, which state, which members.

1. A room that the device does not have, or that the person newly joined, is told whole (`initial`).
2. Else only what came since: the newest events, `limited` if there were more, and the state that
   changed, as far as it is asked for. If more state is asked for than before, that state too.
3. If a longer timeline is asked for than before, the newest events are told again
   (`expanded_timeline`); how many of them are new is in `num_live`.
4. With lazy loading the members come who wrote one of the events or whom one is about, each once,
   and all that changed unless the timeline has a gap.

Source: MSC4186, "Room results".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from privity.follow.sliding.connection import LIVE, Connection, GivenRoom
from privity.follow.sliding.lists import Interest
from privity.follow.sliding.wanted import MEMBER
from privity.follow.sync import section as sections
from privity.follow.sync.section import Section
from privity.follow.sync.unread import Count
from privity.follow.sync.wanted import Asked, SyncWanted
from privity.matrix.filters import EventFilter, Filter, RoomFilter
from privity.matrix.ids import RoomId
from privity.matrix.tokens import SyncToken
from privity.rooms.as_seen import Viewer
from privity.store.activity import Active
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.people import Person, Standing

NOT_YET_IN = {"invite", "knock"}


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a request: who asks, what they have, and up to where it goes."""

    viewer: Viewer
    person: Person
    since: SyncToken | None
    next: SyncToken

    @property
    def upto(self) -> int:
        """The position up to which the look goes."""
        return self.next.pos

    @property
    def since_pos(self) -> int:
        """The position up to which the device has all that it has."""
        return self.since.pos if self.since else 0

    def asked(self, limit: int, since: int | None) -> Asked:
        """The same question to a room, as a sync would put it."""
        return Asked(_as_sync(limit, since), self.viewer, self.person, self.upto)


@dataclass(slots=True)
class News:
    """One room's part of an answer, before it is rendered."""

    interest: Interest
    given: GivenRoom | None
    since: int
    active: Active
    section: Section
    asked: Asked
    is_dm: bool
    is_expanded: bool = False
    count: Count | None = None
    has_read: bool = False
    summary: dict[str, Any] | None = None
    state: list[Placed] = field(default_factory=list)
    bundled: dict[str, bytes] = field(default_factory=dict)

    @property
    def room_id(self) -> RoomId:
        """Which room."""
        return self.section.room_id

    @property
    def standing(self) -> Standing:
        """Where the person stands there."""
        return self.section.standing

    @property
    def is_initial(self) -> bool:
        """Whether the device is to forget what it has of the room."""
        if self.given is None:
            return True
        if self.standing.membership in NOT_YET_IN:
            return self.standing.pos > self.since
        return self.standing.membership == "join" and self.standing.since > self.since

    @property
    def is_worth_telling(self) -> bool:
        """Whether anything is in it that the device does not have."""
        if self.standing.membership in NOT_YET_IN:
            return self.is_initial
        return bool(
            self.is_initial
            or self.is_expanded
            or self.section.timeline
            or self.state
            or self.has_read
            or (self.given is not None and self.given.is_dm != self.is_dm)
        )

    def live(self, since: SyncToken | None) -> int:
        """How many of the timeline's events have just occurred."""
        if self.given is None:
            if since is None:
                return 0
            return sum(placed.pos > since.pos for placed in self.section.timeline)
        return sum(placed.pos > self.since for placed in self.section.timeline)


def since_of(look: Look, given: GivenRoom | None) -> int:
    """Up to where the device has a room."""
    if given is None:
        return 0
    return look.since_pos if given.pos == LIVE else given.pos


def begin(
    look: Look,
    head: Head,
    interest: Interest,
    given: GivenRoom | None,
    active: Active,
    *,
    is_dm: bool,
) -> News:
    """Begin a room's part."""
    standing, since = look.person.rooms[head.room_id], since_of(look, given)
    limit = interest.config.timeline_limit
    is_expanded = given is not None and limit > given.config.timeline_limit
    asked = look.asked(limit, None if is_expanded or given is None else since)
    section = sections.of_room(asked, head.room_id, head, standing)
    is_expanded = is_expanded and standing.membership not in NOT_YET_IN
    return News(interest, given, since, active, section, asked, is_dm, is_expanded)


def choose_state(news: News, connection: Connection) -> None:
    """Of the section's state, what this device wants and does not have."""
    section, config = news.section, news.interest.config
    changed: Iterable[Placed] = section.state
    if news.is_expanded and not news.is_initial:
        changed = [placed for placed in section.state if placed.pos > news.since]  # 3
    chosen = {
        (placed.event.type, placed.event.state_key or ""): placed
        for placed in changed
        if config.wants(placed.event.type, placed.event.state_key or "")
    }
    if news.given is not None and not news.is_initial:  # 2
        _add_newly_wanted(news, chosen)
    if config.is_lazy:
        _add_members(news, connection, changed, chosen)
    news.state = list(chosen.values())


def _add_newly_wanted(news: News, chosen: dict[tuple[str, str], Placed]) -> None:
    given, config = news.given, news.interest.config
    if given is None or config.state <= given.config.state:
        return
    chosen.update(
        (key, placed)
        for key, placed in _visible_state(news).items()
        if config.wants(*key) and not given.config.wants(*key)
    )


def _add_members(
    news: News,
    connection: Connection,
    changed: Iterable[Placed],
    chosen: dict[tuple[str, str], Placed],
) -> None:  # 4
    section, state = news.section, _visible_state(news)
    needed: set[str] = set()
    for placed in section.timeline:
        needed.add(placed.event.sender)
        if placed.event.type == MEMBER and placed.event.state_key is not None:
            needed.add(placed.event.state_key)
    moved = [placed for placed in changed if placed.event.type == MEMBER]
    if not news.is_initial and not section.is_limited:
        needed.update(placed.event.state_key or "" for placed in moved)
    more = connection.more.setdefault(section.room_id, {})
    for user_id in needed:
        member = state.get((MEMBER, user_id))
        if member is None:
            continue
        event_id = member.event.event_id
        if news.is_initial or not connection.has_member(section.room_id, user_id, event_id):
            chosen[MEMBER, user_id] = member
        more[user_id] = event_id


def _visible_state(news: News) -> dict[tuple[str, str], Placed]:
    """The room's state as far as the person may see it now."""
    section = news.section
    if section.known_state:
        return section.known_state
    if section.standing.membership == "join":
        return section.head.state
    return {(each.event.type, each.event.state_key or ""): each for each in section.state}


@lru_cache(maxsize=200)
def _filter(limit: int) -> Filter:
    return Filter(room=RoomFilter(timeline=EventFilter(limit=limit)))


def _as_sync(limit: int, since: int | None) -> SyncWanted:
    token = None if since is None else SyncToken(since)
    return SyncWanted(token, _filter(limit), 0, full_state=False, use_state_after=True)
