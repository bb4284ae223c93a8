"""Create: `POST /_matrix/media/v1/create`, an address whose media comes later."""

from __future__ import annotations

from privity.guard import gates, pace
from privity.guard.pace import Awaited, AwaitedFacts
from privity.guard.verdict import Refuse
from privity.house import House
from privity.matrix.errors import Refused
from privity.matrix.ids import UserId
from privity.media.upload import new_media_id
from privity.store import awaited
from privity.store.engine import WriteTx

UNUSED_LIFETIME_MS = 24 * 3600 * 1000


async def create(house: House, user_id: UserId) -> tuple[str, int]:
    """The `mxc://` address, and until when (ms) its media has to have come.

    Errors: 429 M_LIMIT_EXCEEDED for too many requests, or too many addresses without media.
    """
    house.keep_pace(pace.CREATE_MEDIA, user_id)
    now_ms = house.clock.now_ms()
    promise = Awaited(new_media_id(), user_id, now_ms + UNUSED_LIFETIME_MS)

    def job(tx: WriteTx) -> None:
        facts = AwaitedFacts(promise, awaited.count(tx, user_id, now_ms))
        verdict = gates.await_upload(facts)
        if isinstance(verdict, Refuse):
            raise Refused(verdict)
        awaited.add(tx, verdict)

    await house.store.write(job)
    return f"mxc://{house.server_name}/{promise.media_id}", promise.expires_ts
