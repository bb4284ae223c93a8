"""Download: `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from privity.guard import pace
from privity.guard.pace import Awaited
from privity.house import House
from privity.matrix.errors import Errcode, Refused, not_found, refused
from privity.matrix.ids import UserId
from privity.store import awaited, media
from privity.store.engine import Tx
from privity.store.files import DiskAway
from privity.store.media import Media

MOST_WAIT_MS = 60_000


async def find(
    house: House, user_id: UserId, server_name: str, media_id: str, timeout_ms: int
) -> Media:
    """What was uploaded under this address, for anybody with an account and the address.

    What is promised is waited for, `timeout_ms` or a minute at the longest; 504 M_NOT_YET_UPLOADED
    if it does not come. 404 M_NOT_FOUND for what is not here, other servers' media included: it
    speaks to no other.
    """
    house.keep_pace(pace.DOWNLOAD_MEDIA, user_id)
    if server_name != house.server_name:
        raise _not_here()
    found = await _look(house, media_id)
    if isinstance(found, Awaited):
        found = await _wait(house, media_id, min(timeout_ms, MOST_WAIT_MS) / 1000)
    if isinstance(found, Awaited):
        says = "This media has not been uploaded yet."
        raise refused(Errcode.NOT_YET_UPLOADED, says, status=504)
    if found is None:
        raise _not_here()
    return found


async def _look(house: House, media_id: str) -> Media | Awaited | None:
    now_ms = house.clock.now_ms()

    def job(tx: Tx) -> Media | Awaited | None:
        return media.by_id(tx, media_id) or awaited.by_id(tx, media_id, now_ms)

    return await house.store.read(job)


async def _wait(house: House, media_id: str, timeout_s: float) -> Media | Awaited | None:
    with house.store.arrivals.expected(media_id) as came:
        found = await _look(house, media_id)  # it may have come before we listened
        if not isinstance(found, Awaited):
            return found
        try:
            async with asyncio.timeout(timeout_s):
                await came.wait()
        except TimeoutError:
            return found
    return await _look(house, media_id)


async def read(house: House, found: Media, first: int, beyond: int) -> AsyncGenerator[bytes, None]:
    """Its bytes from `first` to before `beyond`, in parts. 503 when the disk is away."""
    with said_when_away():
        return await house.store.files.read(found.digest, first, beyond)


@contextmanager
def said_when_away() -> Iterator[None]:
    """What is asked of the files within is refused with 503 when they are away."""
    try:
        yield
    except DiskAway as error:
        says = "The file cannot be read now."
        raise refused(Errcode.UNKNOWN, says, because=str(error), status=503) from error


def _not_here() -> Refused:
    return not_found("There is no such media on this server.")
