"""Report a room, an event or somebody to the administrator, who reads it by `privity reports`.

1. What there is not is answered like what there is: a report is no way to learn which rooms and
   accounts exist (`unsafe_open_directory`: a room that is not there is 404). An event is reported
   only by who is in its room and may see it (404).
2. Reports are kept with the reporter's reason, shortened, as many as an administrator may read.

Source: client-server API, "Reporting Content".
"""

from __future__ import annotations

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Refused, not_found
from privity.matrix.ids import EventId, RoomId, UserId
from privity.rooms.read import visible
from privity.rooms.sight import must_be_joined, sight_of
from privity.store import accounts, reports
from privity.store.engine import Tx
from privity.store.reports import Report

LONGEST_REASON = 1000


async def report_room(house: House, reporter: UserId, room_id: RoomId, reason: str) -> None:
    """Report a room, in it or not."""
    house.keep_pace(pace.REPORT, reporter)
    if await house.store.heads.get(room_id) is None:
        if house.config.unsafe_open_directory:
            raise not_found("There is no such room.")
    else:
        await _keep(house, Report(_now(house), reporter, room_id, None, None, reason))


async def report_user(house: House, reporter: UserId, user_id: UserId, reason: str) -> None:
    """Report somebody."""
    house.keep_pace(pace.REPORT, reporter)
    if await house.store.read(lambda tx: accounts.by_id(tx, user_id)) is not None:
        await _keep(house, Report(_now(house), reporter, None, None, user_id, reason))


async def report_event(
    house: House, reporter: UserId, room_id: RoomId, event_id: EventId, reason: str
) -> None:
    """Report an event of a room that the reporter is in. 404 M_NOT_FOUND otherwise."""
    house.keep_pace(pace.REPORT, reporter)
    try:
        head = await must_be_joined(house, reporter, room_id)
    except Refused as error:
        raise not_found("There is no such event, or you are not in its room.") from error
    upto = house.store.pos

    def look(tx: Tx) -> UserId:
        sight = sight_of(tx, head, reporter, upto)
        return UserId(visible(tx, sight, room_id, event_id).event.sender)

    sender = await house.store.read(look)
    await _keep(house, Report(_now(house), reporter, room_id, event_id, sender, reason))


def _now(house: House) -> int:
    return house.clock.now_ms()


async def _keep(house: House, report: Report) -> None:
    kept = Report(
        report.ts,
        report.reporter,
        report.room_id,
        report.event_id,
        report.user_id,
        report.reason.replace("\0", "")[:LONGEST_REASON],
    )
    await house.store.write(lambda tx: reports.add(tx, kept))
