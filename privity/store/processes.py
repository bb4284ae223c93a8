"""The processes of a cluster, for whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from privity.store.engine import Tx, WriteTx

_COLUMNS = "process_id, host, listen, version, bus, started_ts, seen_ts, is_woken, settings, behind"


@dataclass(frozen=True, slots=True)
class Process:
    """One of them. Times in ms.

    `is_woken`: whether its bus carries. `settings`: JSON, what all of them have to be told alike.
    `behind`: positions of the stream that it had not heard of.
    """

    process_id: str
    host: str
    listen: str
    version: str
    bus: str
    started_ts: int
    seen_ts: int
    is_woken: bool
    settings: str
    behind: int = 0


def note(tx: WriteTx, process: Process, pos: int) -> None:
    """It is there, and has heard of everything up to `pos`."""
    clock = tx.one("SELECT pos FROM clock")
    behind = max(0, clock[0] - pos) if clock else 0
    tx.run(
        f"INSERT INTO processes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (process_id) DO UPDATE SET"
        " seen_ts = excluded.seen_ts, behind = excluded.behind, is_woken = excluded.is_woken",
        process.process_id,
        process.host,
        process.listen,
        process.version,
        process.bus,
        process.started_ts,
        process.seen_ts,
        int(process.is_woken),
        process.settings,
        behind,
    )


def stopped(tx: WriteTx, process_id: str) -> None:
    """It ends in order."""
    tx.run("DELETE FROM processes WHERE process_id = ?", process_id)


def forget_replaced(tx: WriteTx, by: Process, before_ts: int) -> int:
    """Forget those that listened where `by` does and were not seen since `before_ts`. How many."""
    return tx.run(
        "DELETE FROM processes WHERE host = ? AND listen = ? AND process_id <> ? AND seen_ts < ?",
        by.host,
        by.listen,
        by.process_id,
        before_ts,
    )


def forget_old(tx: WriteTx, before_ts: int) -> int:
    """Forget those that ended otherwise, and were not seen since. How many."""
    return tx.run("DELETE FROM processes WHERE seen_ts < ?", before_ts)


def all_of(tx: Tx) -> list[Process]:
    """Every process that did not end in order, the newest last."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM processes ORDER BY started_ts")
    found = (Process(*row) for row in rows)
    return [replace(each, is_woken=bool(each.is_woken)) for each in found]
