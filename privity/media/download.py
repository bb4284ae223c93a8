"""Download: `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}`."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, not_found, refused
from privity.matrix.ids import UserId
from privity.store import media
from privity.store.files import DiskAway
from privity.store.media import Media


async def find(house: House, user_id: UserId, server_name: str, media_id: str) -> Media:
    """What was uploaded under this address, for anybody with an account and the address.

    404 M_NOT_FOUND for what is not here, other servers' media included: it speaks to no other.
    """
    house.keep_pace(pace.DOWNLOAD_MEDIA, user_id)
    if server_name != house.server_name:
        raise not_found("There is no such media on this server.")
    found = await house.store.read(lambda tx: media.by_id(tx, media_id))
    if found is None:
        raise not_found("There is no such media on this server.")
    return found


async def read(house: House, found: Media, first: int, beyond: int) -> AsyncGenerator[bytes, None]:
    """Its bytes from `first` to before `beyond`, in parts. 503 when the disk is away."""
    try:
        file = await house.store.files.open(found.digest)
    except DiskAway as error:
        says = "The file cannot be read now."
        raise refused(Errcode.UNKNOWN, says, because=str(error), status=503) from error
    return house.store.files.parts(file, first, beyond)
