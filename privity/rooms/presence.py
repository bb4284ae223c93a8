"""Be here: say so, be seen to be, and see who else is.

1. Off unless the operator switches it on (`presence`): then nothing is kept and nothing told.
2. Who is here is for people who share a room with them, and for nobody else.
3. A client's sync makes its person be here, as it wishes (`set_presence`); what they set by hand
   stays until a client wishes something else than before, or they are active.
4. Whoever says or reads something is active, and online by that.
5. A status is words in clear: dropped, unless the operator allows those.

What ends by itself is in `follow.presence`. Source: client-server API, "Presence".
"""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.guard.plaintext import status_without_words
from privity.house import House
from privity.matrix.errors import forbidden
from privity.matrix.ids import UserId
from privity.store import presence
from privity.store.engine import WriteTx
from privity.store.presence import ACTIVE, HERE, OFFLINE, ONLINE
from privity.store.streams import PresenceSet

TELL_EVERY_MS = 10_000


async def set_presence(house: House, user_id: UserId, state: str, status_msg: str | None) -> None:
    """`PUT /presence/{userId}/status`: by hand, status and all."""
    house.keep_pace(pace.TYPE, user_id)
    if not house.config.presence:  # 1
        return
    now_ms = house.clock.now_ms()
    allowed = house.config.unsafe_allow_plaintext
    shown = status_without_words(status_msg, plaintext_allowed=allowed)  # 5
    house.store.presence.see(user_id, now_ms, now_ms)
    await show(house, [_entry(user_id, state, now_ms, shown)])
    _tell_others(house, user_id, now_ms)


async def be_here(house: House, user_id: UserId, wish: str) -> None:
    """A client of theirs syncs and wishes them to be shown as `wish`: online or idle."""
    now_ms = house.clock.now_ms()
    presences = house.store.presence
    has_changed = presences.wishes(user_id, wish)
    known = presences.of(user_id)
    presences.see(user_id, now_ms)
    if known is None or has_changed:  # 3
        active_ms = now_ms if known is None or wish == ONLINE else known.ts
        await show(house, [_entry(user_id, wish, active_ms)], keeps_status=True)
    _tell_others(house, user_id, now_ms)


async def be_active(house: House, user_id: UserId) -> None:
    """They did something, just now."""
    now_ms = house.clock.now_ms()
    presences = house.store.presence
    known = presences.of(user_id)
    presences.see(user_id, now_ms, now_ms)
    if known is None or known.state != ONLINE or not known.activity:  # 4
        await show(house, [_entry(user_id, ONLINE, now_ms)], keeps_status=True)
    _tell_others(house, user_id, now_ms)


def _entry(
    user_id: UserId, state: str, active_ms: int, status_msg: str | None = None
) -> PresenceSet:
    """What is to be shown: who is set online is active. Its position comes with the write."""
    return PresenceSet(0, active_ms, user_id, state, status_msg, ACTIVE if state == ONLINE else "")


async def show(house: House, entries: list[PresenceSet], *, keeps_status: bool = False) -> None:
    """Have this shown of people from now on, where it is not so yet."""

    def job(tx: WriteTx) -> None:
        for entry in entries:
            presence.put(tx, entry, keeps_status=keeps_status)

    await house.store.write(job)


def _tell_others(house: House, user_id: UserId, now_ms: int) -> None:
    presences = house.store.presence
    if not presences.is_to_be_told(user_id, now_ms, TELL_EVERY_MS):
        return
    known = presences.of(user_id)
    active_ms = presences.active_ms(known) if known else 0
    said = {"user_id": user_id, "seen_ms": now_ms, "active_ms": active_ms}
    house.store.shouts.shout(HERE, said)


async def presence_of(house: House, viewer_id: UserId, user_id: UserId) -> dict[str, Any]:
    """`GET /presence/{userId}/status`. 403 for who shares no room with them, and when it is off."""
    if not house.config.presence:
        raise forbidden("This server tells nobody's presence.", because="presence is off")
    if viewer_id != user_id:
        viewer = await house.store.people.get(viewer_id)
        other = await house.store.people.get(user_id)
        if viewer.joined.isdisjoint(other.joined):  # 2
            raise forbidden("You share no room with them.", because="presence of a stranger")
    known = house.store.presence.of(user_id)
    if known is None:
        known = await house.store.read(lambda tx: presence.of(tx, user_id))
    return content_of(house, known) if known else {"presence": OFFLINE}


def content_of(house: House, entry: PresenceSet) -> dict[str, Any]:
    """What is shown, as the content of `m.presence`."""
    active_ms = house.store.presence.active_ms(entry)
    content: dict[str, Any] = {
        "presence": entry.state,
        "last_active_ago": max(0, house.clock.now_ms() - active_ms),
    }
    if entry.state == ONLINE:
        content["currently_active"] = bool(entry.activity)
    if entry.status_msg is not None:
        content["status_msg"] = entry.status_msg
    return content
