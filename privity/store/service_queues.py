"""What each application service is sent: one transaction at a time, until the service took it.

1. The position and the transaction that was made of what is before it are one write: what is
   before it is never lost, and stands in no second transaction.
2. A transaction that waits is not changed. Whoever would change what another process changed
   meanwhile changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.store.engine import Tx, WriteTx


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a service stands: everything up to `pos` was taken, or stands in `body`."""

    service_id: str
    pos: int
    txn_id: int
    body: bytes | None


def of(tx: Tx, service_id: str) -> Queue | None:
    """Where a service stands; None for a new one."""
    row = tx.one("SELECT pos, txn_id, body FROM service_queues WHERE service_id = ?", service_id)
    if row is None:
        return None
    return Queue(service_id, row[0], row[1], None if row[2] is None else bytes(row[2]))


def begin(tx: WriteTx, new: Queue) -> Queue:
    """A new service hears of what comes after `pos`; one that is known stands where it stood."""
    tx.run(
        "INSERT INTO service_queues (service_id, pos, txn_id, body) VALUES (?, ?, ?, NULL)"
        " ON CONFLICT (service_id) DO NOTHING",
        new.service_id,
        new.pos,
        new.txn_id,
    )
    return of(tx, new.service_id) or new


def move(tx: WriteTx, before: Queue, after: Queue) -> bool:
    """It stands there now, if it stood where it did before; else False, and nothing is changed."""
    return bool(
        tx.run(
            "UPDATE service_queues SET pos = ?, txn_id = ?, body = ?"
            " WHERE service_id = ? AND pos = ? AND txn_id = ? AND body IS NULL",
            after.pos,
            after.txn_id,
            after.body,
            before.service_id,
            before.pos,
            before.txn_id,
        )
    )


def taken(tx: WriteTx, queue: Queue) -> None:
    """The service took the transaction."""
    tx.run(
        "UPDATE service_queues SET body = NULL WHERE service_id = ? AND txn_id = ?",
        queue.service_id,
        queue.txn_id,
    )
