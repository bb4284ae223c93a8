"""Cleaning up: what is over is removed, by one process of the cluster at a time.

Every step finds what it removes in a read and removes it in small writes, so that nobody's own
write waits long. A process that is killed in the middle has its work done by the next to come.

1. Invitations, a month after they ended.
2. Requests of long ago that would be known if they came again.
3. Messages to devices: all of a device that nobody has seen for `inbox_lifetime_ms`, and the oldest
   of one for which too many wait. Such a device asks for the keys again, or is verified anew.
4. What was said longer ago than `message_lifetime_ms`, if that is set: see `rooms.let_go`.
5. Notifications for apps that are logged out.
6. Media, and its files: see `media.clean_up`. Last, for the files may be away.
"""

from __future__ import annotations

import asyncio
import secrets

from privity.follow.followers import Followers
from privity.house import House
from privity.log import log
from privity.media.clean_up import clean_up_media
from privity.rooms.let_go import let_go
from privity.store import inbox, invitations, leases, notifications, old_messages
from privity.store.engine import DatabaseAway
from privity.store.files import DiskAway
from privity.store.inbox import Target

FIRST_AFTER_S = 60
EVERY_S = 600
LEASE = "cleaning"
LEASE_MS = 15 * 60 * 1000
MONTH_MS = 30 * 24 * 3600 * 1000
MOST_WAITING = 20_000
BATCH = 500


async def keep_cleaning(house: House, followers: Followers) -> None:
    """Do so for as long as the server runs."""
    holder = secrets.token_hex(8)
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        try:
            await clean_up(house, holder)
            await forget_what_went(house, followers)
        except DatabaseAway as error:
            log.warning("cleaning.away", because=str(error))
        await asyncio.sleep(EVERY_S)


async def clean_up(house: House, holder: str) -> dict[str, int] | None:
    """Do it once, unless another process does. How much went, by what it was."""
    now_ms = house.clock.now_ms()
    if not await house.store.write(lambda tx: leases.take(tx, LEASE, holder, now_ms, LEASE_MS)):
        return None
    went = {
        "invitations": await house.store.write(
            lambda tx: invitations.forget_old(tx, now_ms - MONTH_MS)  # 1
        ),
        "requests": await house.store.write(lambda tx: inbox.forget_sent(tx, now_ms)),  # 2
        "messages": await _shorten_inboxes(house),  # 3
        "said": await let_go(house),  # 4
        "notifications": await house.store.write(notifications.drop_orphans),  # 5
    }
    try:
        went |= await clean_up_media(house)  # 6
    except DiskAway as error:
        log.warning("cleaning.away", because=str(error))
    await house.store.write(lambda tx: leases.give_back(tx, LEASE, holder))
    if any(went.values()):
        log.info("cleaned", **{what: count for what, count in went.items() if count})
    return went


async def forget_what_went(house: House, followers: Followers) -> None:
    """What was said and let go of, by whatever process, is in this one's memory no more either."""
    if house.config.message_lifetime_ms:
        followers.recent.forget_upto(await house.store.read(old_messages.let_go_upto))


async def _shorten_inboxes(house: House) -> int:
    since_ts = house.clock.now_ms() - house.config.inbox_lifetime_ms
    asleep = await house.store.read(lambda tx: inbox.asleep(tx, since_ts))
    too_long = await house.store.read(lambda tx: inbox.too_long(tx, MOST_WAITING))
    count = 0
    for targets, but in ((asleep, 0), (too_long, MOST_WAITING)):
        for target in targets:
            count += await _shorten(house, target, but)
    return count


async def _shorten(house: House, target: Target, but: int) -> int:
    count = 0
    while gone := await house.store.write(lambda tx: inbox.delete_oldest(tx, target, but, BATCH)):
        count += gone
    return count
