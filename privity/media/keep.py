"""Keep a file and add the row that names it, so that there is never a row without its file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from privity.house import House
from privity.matrix.errors import Errcode, refused
from privity.store import leaving
from privity.store.engine import WriteTx
from privity.store.files import DiskAway, Incoming

TIMES = 4
PAUSE_S = 0.5


async def keep(house: House, incoming: Incoming, add: Callable[[WriteTx, str], None]) -> str:
    """Do it; the digest. `add` adds the row, by the digest.

    503 when the same is just being removed (`store.leaving`) and does not cease to be. Raises
    `DiskAway`.
    """
    for _ in range(TIMES):
        kept_from = house.store.pos
        digest = await house.store.files.keep(incoming)

        def job(tx: WriteTx, digest: str = digest, kept_from: int = kept_from) -> None:
            leaving.check(tx, digest, kept_from)
            add(tx, digest)

        try:
            await house.store.write(job)
        except leaving.LeftMeanwhile:
            await asyncio.sleep(PAUSE_S)
            continue
        return digest
    says = "The same file is being removed now: try again."
    raise refused(Errcode.UNKNOWN, says, because="the file is leaving", status=503)


@contextmanager
def said_when_full() -> Iterator[None]:
    """What is written to the files within is refused with 503 when they are away."""
    try:
        yield
    except DiskAway as error:
        says = "There is no room for files now."
        raise refused(Errcode.UNKNOWN, says, because=str(error), status=503) from error
