"""Clean up media: what nobody may or can have any more goes, a little at a time.

1. Addresses whose media did not come in time are forgotten.
2. Who had their account erased has their media erased. Of an account that merely ended it stays:
   others were sent it.
3. Media older than `media_lifetime_ms` goes, but for what people and rooms show as their picture.
4. The oldest thumbnails go when all together take more than `thumbnails_bytes`.
5. A file goes an hour after its last row did. Whatever names it again meanwhile keeps it.
6. A file that never had a row, because a process was killed between the two, goes after a day; the
   folder is looked through in 256 parts, one each time.
7. What was begun to be removed from a bucket, and broke off, is removed first (`store.leaving`).
"""

from __future__ import annotations

from functools import partial

from privity.house import House
from privity.store import awaited, leaving, media, thumbnails, unnamed

BATCH = 100
HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS
LOOK_EVERY_MS = 10 * 60 * 1000
PARTS = 256


async def clean_up_media(house: House) -> dict[str, int]:
    """Do it. How much went, by what it was."""
    now_ms = house.clock.now_ms()
    return {
        "addresses": await house.store.write(lambda tx: awaited.forget_old(tx, now_ms)),  # 1
        "media_erased": await _remove_erased(house),  # 2
        "media_old": await _remove_old(house),  # 3
        "thumbnail_bytes": await _remove_thumbnails(house),  # 4
        "files": await _finish_removals(house)  # 7
        + await _remove_unnamed(house)  # 5
        + await _remove_lost(house),  # 6
    }


async def _remove_erased(house: House) -> int:
    count = 0
    while media_ids := await house.store.read(lambda tx: media.of_the_erased(tx, BATCH)):
        count += await _remove(house, media_ids)
    return count


async def _remove_old(house: House) -> int:
    lifetime_ms = house.config.media_lifetime_ms
    if not lifetime_ms:
        return 0
    before_ts = house.clock.now_ms() - lifetime_ms
    shown = await house.store.read(media.shown_as_avatars)
    count, after = 0, (0, "")
    while True:
        old = await house.store.read(
            partial(media.older_than, before_ts=before_ts, after=after, limit=BATCH)
        )
        if not old:
            return count
        after = old[-1]
        root = f"mxc://{house.server_name}/"
        media_ids = [media_id for _, media_id in old if root + media_id not in shown]
        count += await _remove(house, media_ids)


async def _remove(house: House, media_ids: list[str]) -> int:
    now_ms = house.clock.now_ms()
    await house.store.write(lambda tx: media.remove(tx, media_ids, now_ms))
    return len(media_ids)


async def _remove_thumbnails(house: House) -> int:
    now_ms, gone_bytes = house.clock.now_ms(), 0
    while True:
        made_bytes = await house.store.read(thumbnails.made_bytes)
        too_many_bytes = made_bytes - house.config.thumbnails_bytes
        if too_many_bytes <= 0:
            return gone_bytes
        gone_bytes += await house.store.write(
            partial(
                thumbnails.remove_oldest, too_many_bytes=too_many_bytes, limit=BATCH, now_ms=now_ms
            )
        )


async def _remove_unnamed(house: House) -> int:
    before_ts, count = house.clock.now_ms() - HOUR_MS, 0
    while digests := await house.store.read(lambda tx: unnamed.since(tx, before_ts, BATCH)):
        for digest in digests:
            count += await _remove_file(house, digest, before_ts)
            await house.store.write(partial(unnamed.forget, digest=digest))
    return count


async def _remove_lost(house: House) -> int:
    now_ms, count = house.clock.now_ms(), 0
    before_ts = now_ms - DAY_MS
    part = f"{now_ms // LOOK_EVERY_MS % PARTS:02x}"
    for digest in await house.store.files.old_ones(part, before_ts):
        if not await _is_named(house, digest):
            count += await _remove_file(house, digest, before_ts)
    return count


async def _remove_file(house: House, digest: str, before_ts: int) -> bool:
    files = house.store.files
    if files.can_put_aside:
        return await files.remove_unless(digest, lambda: _is_named(house, digest), before_ts)
    has_gone = await files.remove_unless(digest, lambda: _stays(house, digest), before_ts)
    if has_gone:
        await house.store.write(partial(leaving.end, digest=digest))
    return has_gone


async def _finish_removals(house: House) -> int:
    digests = await house.store.read(leaving.unfinished)
    for digest in digests:
        await house.store.files.remove(digest)
        await house.store.write(partial(leaving.end, digest=digest))
    before_ts = house.clock.now_ms() - DAY_MS
    await house.store.write(lambda tx: leaving.forget_old(tx, before_ts))
    return len(digests)


async def _stays(house: House, digest: str) -> bool:
    now_ms = house.clock.now_ms()
    return not await house.store.write(lambda tx: leaving.begin(tx, digest, now_ms))


async def _is_named(house: House, digest: str) -> bool:
    return await house.store.read(lambda tx: unnamed.is_named(tx, digest))
