"""Upload: `POST /_matrix/media/v3/upload`, or `PUT` to an address that was promised before.

1. What it says of itself is read: a length that is too much is refused before a byte comes.
2. It comes in part by part, each to the disk, and the gate is asked again with each: what has grown
   too large is not waited for.
3. The file is made durable (see `store.files`).
4. One transaction: the promise is kept, if there was one; the gate, with what the account keeps by
   then; the row.
5. Its address: 192 random bits that nobody can guess.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from privity.guard import gates, pace
from privity.guard.pace import Upload, UploadFacts
from privity.guard.verdict import Refuse
from privity.house import House
from privity.matrix.errors import Errcode, Refused, forbidden, not_found, refused
from privity.matrix.ids import UserId
from privity.media.keep import keep, said_when_full
from privity.store import awaited, media
from privity.store.engine import Tx, WriteTx
from privity.store.files import Incoming

MEDIA_ID_BYTES = 24


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client says of the media that it is going to send."""

    length_bytes: int | None
    content_type: str
    file_name: str | None


def new_media_id() -> str:
    """Rule 5."""
    return secrets.token_urlsafe(MEDIA_ID_BYTES)


async def upload(house: House, user_id: UserId, offer: Offer, parts: AsyncIterator[bytes]) -> str:
    """Keep it; its `mxc://` address.

    Errors: 413 M_TOO_LARGE, 403 M_FORBIDDEN over the quota, 503 when the disk is away. Nothing
    stays of what is refused, and nothing of what breaks off.
    """
    house.keep_pace(pace.UPLOAD_MEDIA, user_id)
    media_id = new_media_id()
    await _keep(house, user_id, media_id, offer, parts, was_awaited=False)
    return f"mxc://{house.server_name}/{media_id}"


async def upload_awaited(
    house: House, user_id: UserId, mxc: tuple[str, str], offer: Offer, parts: AsyncIterator[bytes]
) -> None:
    """Keep it at the address (server, media id) that `create` gave out.

    Errors: those of `upload`, 404 M_NOT_FOUND for an address that was not given out or is over,
    403 M_FORBIDDEN for somebody else's, 409 M_CANNOT_OVERWRITE_MEDIA where something lies already.
    """
    house.keep_pace(pace.UPLOAD_MEDIA, user_id)
    server_name, media_id = mxc
    if server_name != house.server_name:
        raise _no_such_address()
    now_ms = house.clock.now_ms()
    await house.store.read(lambda tx: _check_address(tx, user_id, media_id, now_ms))
    await _keep(house, user_id, media_id, offer, parts, was_awaited=True)


def _check_address(tx: Tx, user_id: UserId, media_id: str, now_ms: int) -> None:
    there = media.by_id(tx, media_id)
    promised = there or awaited.by_id(tx, media_id, now_ms)
    if promised is None:
        raise _no_such_address()
    if promised.user_id != user_id:
        raise forbidden("This address was given to somebody else.")
    if there is not None:
        raise _there_already()


async def _keep(
    house: House,
    user_id: UserId,
    media_id: str,
    offer: Offer,
    parts: AsyncIterator[bytes],
    *,
    was_awaited: bool,
) -> None:
    kept_bytes = await house.store.read(lambda tx: media.kept_bytes(tx, user_id))
    _check(house, offer, offer.length_bytes or 0, kept_bytes)  # 1

    def add(tx: WriteTx, digest: str) -> None:  # 4
        if was_awaited and not awaited.keep(tx, media_id):
            raise _there_already()
        facts = _facts(house, offer, incoming.size_bytes, media.kept_bytes(tx, user_id))
        verdict = gates.upload(facts)
        if isinstance(verdict, Refuse):
            raise Refused(verdict)
        now_ms = house.clock.now_ms()
        media.add(tx, media_id, user_id, digest, verdict, now_ms, was_awaited=was_awaited)

    with said_when_full():
        async with house.store.files.incoming() as incoming:
            await _receive(house, incoming, offer, parts, kept_bytes)  # 2
            await keep(house, incoming, add)  # 3


async def _receive(
    house: House,
    incoming: Incoming,
    offer: Offer,
    parts: AsyncIterator[bytes],
    kept_bytes: int,
) -> None:
    async for part in parts:
        is_worth_writing = incoming.take(part)
        _check(house, offer, incoming.size_bytes, kept_bytes)
        if is_worth_writing:
            await house.store.files.write(incoming)


def _facts(house: House, offer: Offer, size_bytes: int, kept_bytes: int) -> UploadFacts:
    config = house.config
    so_far = Upload(size_bytes, offer.content_type, offer.file_name)
    return UploadFacts(so_far, kept_bytes, config.max_upload_bytes, config.media_quota_bytes)


def _check(house: House, offer: Offer, size_bytes: int, kept_bytes: int) -> None:
    refuse = gates.upload_so_far(_facts(house, offer, size_bytes, kept_bytes))
    if refuse is not None:
        raise Refused(refuse)


def _no_such_address() -> Refused:
    return not_found("This address was not given out, or not used in time.")


def _there_already() -> Refused:
    says = "Media is here already, and it cannot be replaced."
    return refused(Errcode.CANNOT_OVERWRITE_MEDIA, says, status=409)
