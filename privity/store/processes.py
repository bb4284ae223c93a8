"""The processes of a cluster, for whoever looks after it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from privity.store.engine import Tx, WriteTx

_COLUMNS = "process_id, host, listen, version, bus, started_ts, seen_ts, behind"


@dataclass(frozen=True, slots=True)
class Process:
    """One of them. `behind`: positions of the stream that it had not heard of. Times in ms."""

    process_id: str
    host: str
    listen: str
    version: str
    bus: str
    started_ts: int
    seen_ts: int
    behind: int = 0


def note(tx: WriteTx, process: Process, pos: int) -> None:
    """It is there, and has heard of everything up to `pos`."""
    clock = tx.one("SELECT pos FROM clock")
    behind = max(0, clock[0] - pos) if clock else 0
    tx.run(
        f"INSERT INTO processes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (process_id) DO UPDATE SET"
        " seen_ts = excluded.seen_ts, behind = excluded.behind, bus = excluded.bus",
        *astuple(process)[:-1],
        behind,
    )


def stopped(tx: WriteTx, process_id: str) -> None:
    """It ends in order."""
    tx.run("DELETE FROM processes WHERE process_id = ?", process_id)


def forget_old(tx: WriteTx, before_ts: int) -> int:
    """Forget those that ended otherwise, and were not seen since. How many."""
    return tx.run("DELETE FROM processes WHERE seen_ts < ?", before_ts)


def all_of(tx: Tx) -> list[Process]:
    """Every process that did not end in order, the newest last."""
    return [
        Process(*row) for row in tx.all(f"SELECT {_COLUMNS} FROM processes ORDER BY started_ts")
    ]
