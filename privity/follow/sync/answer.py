"""Answer a sync: look at what is new, and if nothing is, wait and look again.

1. A token acknowledges: messages to the device up to it are deleted.
2. Load what the answer stands on (the person, the heads of the rooms that changed), then look:
   from there to the end of the look nothing is awaited unless the database is asked, and if the
   person's rooms moved in the meantime the look is taken again.
3. Rooms whose timelines are in memory are answered from it; the others share one read.
4. An answer with nothing new is given only when the time is up.
5. Who was logged out or locked while they waited is told so, and nothing else.
6. Who waited looks from where the wait has left them: what came before, while they waited,
   was not for them. So the end of a wait costs nothing for what others said in it.
7. Where a timeline begins with the room, open servers give its end as `prev_batch`; nothing was
   before it.
"""

from __future__ import annotations

from dataclasses import replace

from privity.accounts.speak_as import still_good
from privity.follow.sync import changes as changed
from privity.follow.sync import section as sections
from privity.follow.sync.beside import with_default_rules
from privity.follow.sync.here import presence
from privity.follow.sync.inviting import may_show_words
from privity.follow.sync.look import Look
from privity.follow.sync.members import Given
from privity.follow.sync.recent import Recent
from privity.follow.sync.rendering import Parts, render
from privity.follow.sync.sharing import device_lists
from privity.follow.sync.summary import Summaries
from privity.follow.sync.unread import Unread
from privity.follow.sync.waiting import Waiting
from privity.follow.sync.wanted import Asked, SyncWanted
from privity.house import House
from privity.matrix.filters import EventFilter
from privity.matrix.ids import RoomId
from privity.matrix.tokens import SyncToken
from privity.rooms.as_seen import Viewer
from privity.rooms.bundle import bundles_of_rooms
from privity.rooms.sight import pasts_of
from privity.store import account_data, inbox, receipts
from privity.store.account_data import Item
from privity.store.engine import Tx
from privity.store.sessions import Session

MOST_MESSAGES = 100
MOST_LOOKS = 5
HEADS_AT_ONCE = 50


class Syncing:
    """Answers the syncs of this process."""

    def __init__(
        self, house: House, waiting: Waiting, recent: Recent, unread: Unread, summaries: Summaries
    ) -> None:
        self._house = house
        self._waiting = waiting
        self._recent = recent
        self._unread = unread
        self._given = Given()
        self._summaries = summaries

    async def sync(self, session: Session, wanted: SyncWanted) -> bytes:
        """The rendered answer of `GET /sync`."""
        house = self._house
        deadline_ms = house.clock.now_ms() + wanted.timeout_ms
        if wanted.since is not None:  # 1
            await house.store.devices.acknowledge(
                session.user_id, session.device_id, wanted.since.messages_pos
            )
        while True:
            left_ms = deadline_ms - house.clock.now_ms()
            if left_ms <= 0 or not self._is_up_to_date(session, wanted):
                parts = await self._look(session, wanted)
                if parts.has_news or wanted.since is None or wanted.full_state or left_ms <= 0:  # 4
                    return render(parts)
                if parts.asked.upto != house.store.pos:
                    continue  # something came while one looked
                del parts  # who waits holds nothing but their place
            waited = await self._waiting.wait(session.user_id, left_ms)
            wanted = _clear_upto(wanted, waited.clear_pos)
            if not waited.is_woken:
                deadline_ms = 0
            await still_good(house, session)  # 5

    def _is_up_to_date(self, session: Session, wanted: SyncWanted) -> bool:
        """Whether the device has all that there is: then nobody need look."""
        since, store = wanted.since, self._house.store
        if since is None or wanted.full_state or since.messages is not None:
            return False
        facts = store.devices.peek(session.user_id, session.device_id)
        return (
            since.pos == store.pos
            and since.typing >= store.typing.serial
            and facts is not None
            and facts.oldest_message is None
        )

    async def _look(self, session: Session, wanted: SyncWanted) -> Parts:
        house = self._house
        people = house.store.people
        for _ in range(MOST_LOOKS):
            person = people.peek(session.user_id) or await people.get(session.user_id)
            upto = house.store.pos
            viewer = Viewer(session.user_id, session.device_id, house.clock.now_ms())
            asked = Asked(wanted, viewer, person, upto)
            moves = person.moves
            parts = await self._parts(asked)
            if parts is not None and moves == person.moves:  # 2
                return parts
        return parts or Parts(asked, SyncToken(asked.since, 0))

    async def _parts(self, asked: Asked) -> Parts | None:
        house = self._house
        changes = changed.from_memory(self._recent, asked)
        if changes is None:
            changes = await house.store.read(lambda tx: changed.from_database(tx, asked))
        typing = asked.wanted.since.typing if asked.wanted.since else 0
        typing = max(typing, house.store.typing.serial)  # another process may be ahead
        parts = Parts(asked, SyncToken(asked.upto, typing))
        look = Look(changes, parts)
        if not await self._begin_sections(asked, look):
            return None
        self._typing(asked, parts)
        parts.device_lists = await device_lists(house, asked, changes)
        if house.config.presence:
            parts.presence = await presence(house, asked, changes, parts.device_lists)
        viewer, devices = asked.viewer, house.store.devices
        parts.device_facts = devices.peek(viewer.user_id, viewer.device_id) or await devices.get(
            viewer.user_id, viewer.device_id
        )
        if look.needs_reading or parts.device_facts.oldest_message is not None:
            await house.store.read(lambda tx: self._read(tx, asked, look))
        for section in parts.joined.values():
            if house.config.is_open and section.is_whole and not section.is_limited:
                section.prev = asked.upto  # 7
            if section.is_whole or section.moves_summary or asked.wanted.full_state:
                section.summary = self._summaries.of(section.head, viewer.user_id)
            if asked.wanted.filter.room.state.lazy_load_members:
                self._given.keep_wanted(asked, section)
        return parts

    async def _begin_sections(self, asked: Asked, look: Look) -> bool:
        """Sort the person's rooms into the answer. False: a head had to be loaded, look again."""
        heads = self._house.store.heads
        is_sound = True
        rooms = asked.person.rooms
        concerned = [
            (room_id, rooms[room_id])
            for room_id in look.candidates(asked)
            if room_id in rooms and look.concerns(asked, room_id, rooms[room_id])
        ] + look.forgotten(asked)
        for start in range(0, len(concerned), HEADS_AT_ONCE):
            part = concerned[start : start + HEADS_AT_ONCE]
            if not all(heads.peek(room_id) for room_id, _ in part):
                await heads.bring([room_id for room_id, _ in part])
                is_sound = is_sound and look.changes.events is None
            for room_id, standing in part:
                head = heads.peek(room_id) or await heads.get(room_id)
                if head is not None:
                    section = sections.of_room(asked, room_id, head, standing)
                    if standing.membership in {"invite", "knock"}:
                        section.shows_words = await may_show_words(self._house, section)
                    look.begin(asked, section)
        if is_sound:
            for section in look.parts.joined.values():
                look.count(asked, section, self._unread)
        return is_sound

    def _typing(self, asked: Asked, parts: Parts) -> None:
        typing = self._house.store.typing
        since = asked.wanted.since.typing if asked.wanted.since else 0
        for room_id in typing.changed_rooms(since):
            shown = asked.wanted.filter.room.ephemeral.passes("m.typing", "", room_id, {})
            wanted = shown and asked.wanted.filter.room.allows(room_id)
            if wanted and room_id in asked.person.joined:
                typists = typing.in_room(room_id, since)
                if typists or not asked.is_first:
                    parts.typing[room_id] = typists or []

    def _read(self, tx: Tx, asked: Asked, look: Look) -> None:
        """Rule 3: everything that memory does not have, in one read."""
        parts = look.parts
        room_ids = [section.room_id for section in look.unread]
        pasts = pasts_of(tx, room_ids, asked.person.user_id, asked.upto)
        for section in look.unread:
            sections.fill_from_database(tx, asked, section, pasts[section.room_id])
        joined = parts.joined.values()
        uncounted = [each for each in joined if each.room_id not in parts.counts]
        rooms = [(section.head, section.newest) for section in uncounted]
        for room_id, count in self._unread.read(tx, asked, rooms).items():
            parts.counts[room_id] = count
            self._unread.keep(asked.person.user_id, room_id, count)
        whole = [section for section in joined if section.is_whole]
        pages = [(each.timeline, each.sight) for each in whole if each.sight is not None]
        parts.bundled.update(bundles_of_rooms(tx, pages, asked.viewer))
        parts.account_data = _account_data(tx, asked)
        _read_beside(tx, asked, look, [section.room_id for section in whole])
        if parts.device_facts.oldest_message is not None:
            device_id = asked.viewer.device_id
            user_id = asked.person.user_id
            messages = inbox.waiting(tx, user_id, device_id, asked.upto, MOST_MESSAGES)
            parts.messages = [message for _, message in messages]
            if len(messages) == MOST_MESSAGES:
                parts.next = replace(parts.next, messages=messages[-1][0])


def _clear_upto(wanted: SyncWanted, pos: int) -> SyncWanted:  # 6
    since = wanted.since
    if since is None or since.pos >= pos or since.messages is not None:
        return wanted
    return replace(wanted, since=replace(since, pos=pos))


def _read_beside(tx: Tx, asked: Asked, look: Look, whole: list[RoomId]) -> None:
    """What stands beside rooms' events: account data, and of whole rooms everybody's receipts."""
    parts, user_id, wanted = look.parts, asked.person.user_id, asked.wanted.filter.room
    found = account_data.of_rooms(tx, user_id, whole, asked.upto)
    for room_id in look.changes.room_account_data:
        if room_id in parts.joined and room_id not in found:
            found[room_id] = account_data.changed(tx, user_id, room_id, asked.since, asked.upto)
    for room_id, items in found.items():
        if kept := _kept(items, wanted.account_data, room_id):
            parts.room_account_data[room_id] = kept
    shows = wanted.ephemeral.passes
    shown = [room_id for room_id in whole if shows("m.receipt", "", room_id, {})]
    parts.receipts.update(receipts.in_rooms(tx, user_id, shown, asked.upto))


def _account_data(tx: Tx, asked: Asked) -> list[Item]:
    """What is new for everywhere; at first the push rules too, though nobody ever set them."""
    user_id = asked.person.user_id
    items = account_data.changed(tx, user_id, None, asked.since, asked.upto)
    if asked.is_first:
        items = with_default_rules(items, user_id)
    return _kept(items, asked.wanted.filter.account_data, None)


def _kept(items: list[Item], keep: EventFilter, room_id: RoomId | None) -> list[Item]:
    if keep.passes_everything:
        return items
    return [item for item in items if keep.passes(item.type, "", room_id, {})]
