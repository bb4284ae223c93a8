"""Answer sliding sync: look at what the lists and subscriptions show, and wait if nothing is new.

1. The device names the answer that it stands on by `pos`. What it had by then is known, and only
   what came since is told. A `pos` of another device, connection or time is refused
   (`M_UNKNOWN_POS`): then the client begins anew.
2. If the person's rooms moved while one looked, the look is taken again.
3. An answer with nothing new is given only when the time is up. What came before, while one
   waited, was not for this person, so the next look begins where the wait has left them.
4. Who was logged out or locked while they waited is told so, and nothing else.

Source: MSC4186.
"""

from __future__ import annotations

from privity.accounts.speak_as import still_good
from privity.follow.sliding import extensions
from privity.follow.sliding.connection import Connection, Connections, parse_pos
from privity.follow.sliding.news import Look
from privity.follow.sliding.rendering import Told, rendered
from privity.follow.sliding.telling import Telling
from privity.follow.sliding.wanted import SlidingWanted
from privity.follow.sync.waiting import Waiting
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refused, refused
from privity.matrix.tokens import SyncToken
from privity.rooms.as_seen import Viewer
from privity.store.sessions import Session

MOST_LOOKS = 5


class Sliding:
    """Answers the sliding syncs of this process."""

    def __init__(self, house: House, waiting: Waiting, telling: Telling) -> None:
        self._house = house
        self._waiting = waiting
        self._telling = telling
        self._connections = Connections(house)

    async def sync(self, session: Session, wanted: SlidingWanted, pos: str | None) -> bytes:
        """The rendered answer. `pos` is the one that the device had with its last answer."""
        house = self._house
        deadline_ms = house.clock.now_ms() + wanted.timeout_ms
        connection, since = await self._open(session, wanted.conn_id, pos)
        await self._acknowledge(session, wanted)
        while True:
            told = await self._look(session, wanted, connection, since)
            left_ms = deadline_ms - house.clock.now_ms()
            if told.has_news or since is None or left_ms <= 0:  # 3
                return await self._close(connection, told)
            if told.look.upto != house.store.pos:
                continue  # something came while one looked
            waited = await self._waiting.wait(session.user_id, left_ms)
            if since.pos < waited.clear_pos:
                since = SyncToken(waited.clear_pos, since.typing)
            if not waited.is_woken:
                deadline_ms = 0
            await still_good(house, session)  # 4

    async def _open(
        self, session: Session, conn_id: str, pos: str | None
    ) -> tuple[Connection, SyncToken | None]:  # 1
        key = (session.user_id, session.device_id, conn_id)
        if pos is None:
            self._house.keep_pace(pace.OPEN_CONNECTION, session.user_id)
            return Connection(key, None), None
        named = parse_pos(pos)
        if named is None or not await self._house.store.reach(named[1].pos):
            raise _unknown_pos()
        connection = await self._connections.open(key, pos, named[0])
        if connection is None:
            raise _unknown_pos()
        return connection, named[1]

    async def _acknowledge(self, session: Session, wanted: SlidingWanted) -> None:
        """The messages that the device says it has are let go of."""
        upto = extensions.has_upto(wanted)
        if upto is not None:
            upto = min(upto, self._house.store.pos)
            devices = self._house.store.devices
            await devices.acknowledge(session.user_id, session.device_id, upto)

    async def _look(
        self,
        session: Session,
        wanted: SlidingWanted,
        connection: Connection,
        since: SyncToken | None,
    ) -> Told:  # 2
        house, user_id = self._house, session.user_id
        looks = 0
        while True:
            person = house.store.people.peek(user_id) or await house.store.people.get(user_id)
            viewer = Viewer(user_id, session.device_id, house.clock.now_ms())
            typing = max(since.typing if since else 0, house.store.typing.serial)
            upto = SyncToken(house.store.pos, typing)
            moves, looks = person.moves, looks + 1
            told = await self._telling.tell(Look(viewer, person, since, upto), wanted, connection)
            if moves == person.moves or looks == MOST_LOOKS:
                return told

    async def _close(self, connection: Connection, told: Told) -> bytes:
        """Note what the device has with this answer, and render it."""
        for room_id in told.in_view & connection.rooms.keys():
            connection.keep_up(room_id)
        for room_id, each in told.rooms.items():
            connection.give(room_id, each.interest.config, is_dm=each.is_dm)
        return rendered(told, await self._connections.close(connection, told.look.next))


def _unknown_pos() -> Refused:
    return refused(Errcode.UNKNOWN_POS, "This 'pos' is not known here. Begin anew.", status=400)
