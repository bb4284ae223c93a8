"""Reports: what people told the administrator of a room, of an event or of somebody."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import EventId, RoomId, UserId
from privity.store.engine import Tx, WriteTx

MOST_OF_ONE = 200
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """One report: when (ms), by whom, of what, and why in the reporter's words."""

    ts: int
    reporter: UserId
    room_id: RoomId | None
    event_id: EventId | None
    user_id: UserId | None
    reason: str


def add(tx: WriteTx, report: Report) -> None:
    """Keep a report; the oldest of the same person, and of all, make way."""
    number = tx.position()
    tx.add(
        "reports",
        ("report_id", "ts", "reporter", "room_id", "event_id", "user_id", "reason"),
        (
            number,
            report.ts,
            report.reporter,
            report.room_id,
            report.event_id,
            report.user_id,
            report.reason,
        ),
    )
    tx.run(
        "DELETE FROM reports WHERE reporter = ? AND report_id <= COALESCE((SELECT report_id"
        " FROM reports WHERE reporter = ? ORDER BY report_id DESC LIMIT 1 OFFSET ?), -1)",
        report.reporter,
        report.reporter,
        MOST_OF_ONE,
    )
    tx.run(
        "DELETE FROM reports WHERE report_id <= COALESCE((SELECT report_id FROM reports"
        " ORDER BY report_id DESC LIMIT 1 OFFSET ?), -1)",
        MOST_KEPT,
    )


def newest(tx: Tx, limit: int) -> list[Report]:
    """The newest reports, newest first."""
    rows = tx.all(
        "SELECT ts, reporter, room_id, event_id, user_id, reason FROM reports"
        " ORDER BY report_id DESC LIMIT ?",
        limit,
    )
    return [Report(*row) for row in rows]
