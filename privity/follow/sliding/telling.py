"""One look of sliding sync: what is new, from memory where it reaches, else from one read.

1. A room is looked into if an event came since the device had it, if more of it is asked for than
   before, if the person read something there, or if it became, or is no more, a direct chat.
2. What is new in rooms that the device has and that are not wanted now is remembered for when
   they are.
3. An invitation from a stranger is told without the words that its sender chose.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from privity.follow.sliding import extensions
from privity.follow.sliding.activity import Activity
from privity.follow.sliding.connection import LIVE, Connection
from privity.follow.sliding.extensions import Beside
from privity.follow.sliding.lists import Shelf, Wants, wants
from privity.follow.sliding.marks import EveryonesMarks, Marks
from privity.follow.sliding.news import NOT_YET_IN, Look, News, begin, choose_state, since_of
from privity.follow.sliding.rendering import Told
from privity.follow.sliding.wanted import SlidingWanted
from privity.follow.sync import changes as changed
from privity.follow.sync import section as sections
from privity.follow.sync.changes import Changes
from privity.follow.sync.inviting import may_show_words
from privity.follow.sync.recent import Recent
from privity.follow.sync.sharing import DeviceLists, device_lists
from privity.follow.sync.summary import Summaries
from privity.follow.sync.unread import Unread
from privity.house import House
from privity.matrix.ids import RoomId
from privity.rooms.bundle import bundles_of_rooms
from privity.rooms.sight import pasts_of
from privity.store.activity import Active
from privity.store.device_facts import DeviceFacts
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.streams import EventAdded

HEADS_AT_ONCE = 50


@dataclass(slots=True)
class Glance:
    """One look under way: what it stands on, what it found, what must still be read."""

    look: Look
    wanted: SlidingWanted
    connection: Connection
    changes: Changes
    marks: Marks
    wishes: Wants
    facts: DeviceFacts
    lists: DeviceLists
    found: list[News] = field(default_factory=list)
    unread: list[News] = field(default_factory=list)
    uncounted: list[News] = field(default_factory=list)
    beside: Beside = field(default_factory=Beside)

    @property
    def needs_reading(self) -> bool:
        """Whether the database has to be asked."""
        look, changes, connection = self.look, self.changes, self.connection
        return bool(
            look.since is None
            or self.unread
            or self.uncounted
            or changes.account_data
            or changes.room_account_data
            or (self.facts.oldest_message is not None and self.wanted.asks_for("to_device"))
            or any(
                room_id not in connection.rooms or connection.rooms[room_id].pos != LIVE
                for room_id in self.wishes.interests
            )
        )


class Telling:
    """Looks for this process."""

    def __init__(self, house: House, recent: Recent, unread: Unread, summaries: Summaries) -> None:
        self._house = house
        self._recent = recent
        self._unread = unread
        self._summaries = summaries
        self.activity = Activity(house)
        self.marks = EveryonesMarks(house)

    async def tell(self, look: Look, wanted: SlidingWanted, connection: Connection) -> Told:
        """What the answer would be now."""
        connection.more.clear()
        for room_id in connection.rooms.keys() - look.person.rooms.keys():
            connection.forget(room_id)
        glance = await self._glance(look, wanted, connection)
        _note_missed(glance)  # 2
        for part in _in_parts(_concerned(glance)):
            await self._begin(glance, part)
        if glance.needs_reading:
            await self._house.store.read(lambda tx: self._read(tx, glance))
        _note_receipts(glance)
        told = self._told(glance)
        told.extensions = extensions.rendered(
            self._house, told, wanted, glance.wishes, glance.beside
        )
        lists = glance.lists
        told.has_news = bool(told.rooms or told.extensions or lists.changed or lists.left)
        if wanted.asks_for("e2ee"):
            told.extensions["e2ee"] = extensions.keys(glance.facts, lists)
        return told

    async def _glance(self, look: Look, wanted: SlidingWanted, connection: Connection) -> Glance:
        house, person, viewer = self._house, look.person, look.viewer
        asked = look.asked(0, look.since.pos if look.since else None)
        changes = changed.from_memory(self._recent, asked)
        if changes is None:
            changes = await house.store.read(lambda tx: changed.from_database(tx, asked))
        marks = await self.marks.of(person.user_id)
        shelf = Shelf(house, person, marks, frozenset(connection.rooms), look.upto)
        wishes = await wants(shelf, wanted, self.activity)
        devices = house.store.devices
        facts = devices.peek(viewer.user_id, viewer.device_id) or await devices.get(
            viewer.user_id, viewer.device_id
        )
        lists = DeviceLists()
        if wanted.asks_for("e2ee"):
            lists = await device_lists(house, asked, changes)
        return Glance(look, wanted, connection, changes, marks, wishes, facts, lists)

    async def _begin(self, glance: Glance, room_ids: list[RoomId]) -> None:
        """Begin the parts of some rooms, and fill those in that memory can."""
        heads, look, wishes = self._house.store.heads, glance.look, glance.wishes
        await heads.bring(room_ids)
        for room_id in room_ids:
            head = heads.peek(room_id) or await heads.get(room_id)
            if head is None or room_id not in look.person.rooms:
                continue
            given = glance.connection.rooms.get(room_id)
            is_dm = room_id in glance.marks.direct
            interest, active = wishes.interests[room_id], wishes.active[room_id]
            news = begin(look, head, interest, given, active, is_dm=is_dm)
            section = news.section
            own = glance.changes.receipts.get(room_id, ())
            news.has_read = any(each.user_id == look.person.user_id for each in own)
            glance.found.append(news)
            if news.standing.membership in NOT_YET_IN:
                section.shows_words = await may_show_words(self._house, section)  # 3
                continue
            new = self._from_memory(look, news)
            if new is None:
                glance.unread.append(news)
            else:
                sections.fill_from_memory(news.asked, section, new)
            if news.standing.membership == "join":
                news.count = self._unread.known(news.asked, head, Changes())
                if news.count is None:
                    glance.uncounted.append(news)

    def _from_memory(self, look: Look, news: News) -> list[Placed] | None:
        """What came since, if memory has it and nothing else is to be told."""
        is_joined = news.standing.membership == "join"
        if news.section.is_whole or news.is_expanded or not is_joined:
            return None
        entries = self._recent.of_room(news.room_id, news.since, look.upto)
        if entries is None:
            return None
        return [each.placed for each in entries if isinstance(each, EventAdded)]

    def _read(self, tx: Tx, glance: Glance) -> None:
        look = glance.look
        room_ids = [news.room_id for news in glance.unread]
        pasts = pasts_of(tx, room_ids, look.person.user_id, look.upto)
        for news in glance.unread:
            sections.fill_from_database(tx, news.asked, news.section, pasts[news.room_id])
        told = [news.section for news in glance.unread]
        pages = [(each.timeline, each.sight) for each in told if each.sight is not None]
        bundled = bundles_of_rooms(tx, pages, look.viewer)
        for news in glance.unread:
            news.bundled = bundled
        rooms = [(news.section.head, news.section.newest) for news in glance.uncounted]
        counts = self._unread.read(tx, look.asked(0, None), rooms)
        for news in glance.uncounted:
            news.count = counts[news.room_id]
            self._unread.keep(look.person.user_id, news.room_id, news.count)
        since = {
            "account_data": _behind(glance, "account_data", glance.changes.room_account_data),
            "receipts": _behind(glance, "receipts", ()),
        }
        glance.beside = extensions.read(tx, look, glance.wanted, since)

    def _told(self, glance: Glance) -> Told:
        look, wishes = glance.look, glance.wishes
        told = Told(look, glance.wanted.is_final, wishes.counts, set(wishes.interests))
        for news in glance.found:
            if news.standing.membership not in NOT_YET_IN:
                choose_state(news, glance.connection)
            if not news.is_worth_telling:
                continue
            told.rooms[news.room_id] = news
            is_in = news.standing.membership == "join"
            if is_in and (news.is_initial or news.section.moves_summary):
                news.summary = self._summaries.of(news.section.head, look.person.user_id)
        return told


def _note_receipts(glance: Glance) -> None:
    """What memory has of the receipts of rooms that the device is up to date in."""
    for room_id in extensions.covered(glance.wanted, "receipts", glance.wishes):
        moved = glance.changes.receipts.get(room_id)
        if moved and room_id not in glance.beside.receipts:
            glance.beside.receipts[room_id] = moved


def _behind(glance: Glance, name: str, moved: Container[RoomId]) -> dict[RoomId, int]:
    """The rooms of an extension that the device is behind in, and up to where it has them."""
    look, found = glance.look, {}
    for room_id in extensions.covered(glance.wanted, name, glance.wishes):
        given = glance.connection.rooms.get(room_id)
        standing = look.person.rooms[room_id]
        if given is None or standing.since > since_of(look, given):
            if standing.membership == "join":
                found[room_id] = 0
        elif given.pos != LIVE or room_id in moved:
            found[room_id] = since_of(look, given)
    return found


def _note_missed(glance: Glance) -> None:  # 2
    look, connection, changes = glance.look, glance.connection, glance.changes
    for room_id in connection.rooms.keys() - glance.wishes.interests.keys():
        standing = look.person.rooms[room_id]
        if (
            _news_at(glance, room_id) > look.since_pos
            or room_id in changes.receipts
            or room_id in changes.room_account_data
            or standing.pos > look.since_pos
        ):
            connection.miss(room_id, look.since_pos)


def _news_at(glance: Glance, room_id: RoomId) -> int:
    """Where the newest of a room stands that can concern the person."""
    standing = glance.look.person.rooms[room_id]
    active: Active | None = glance.wishes.active.get(room_id)
    return active.pos if active and standing.membership == "join" else standing.pos


def _concerned(glance: Glance) -> list[RoomId]:  # 1
    look, found = glance.look, []
    for room_id, interest in glance.wishes.interests.items():
        given = glance.connection.rooms.get(room_id)
        if (
            given is None
            or _news_at(glance, room_id) > since_of(look, given)
            or interest.asks_for_more_than(given.config)
            or room_id in glance.changes.receipts
            or given.is_dm != (room_id in glance.marks.direct)
        ):
            found.append(room_id)
    return found


def _in_parts(room_ids: list[RoomId]) -> Iterable[list[RoomId]]:
    for start in range(0, len(room_ids), HEADS_AT_ONCE):
        yield room_ids[start : start + HEADS_AT_ONCE]
