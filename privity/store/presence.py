"""Presence: who is here, and since when they did something.

What is shown of somebody is a row and an entry of the stream, written when it changes. When each
was last seen and active, from second to second, is in memory only; processes tell one another.
"""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from contextlib import contextmanager
from dataclasses import replace

from privity.matrix.ids import UserId
from privity.store.engine import Tx, WriteTx
from privity.store.streams import PresenceSet

ONLINE = "online"
IDLE = "unavailable"
OFFLINE = "offline"
ACTIVE = "active"
HERE = "here"
"""The kind of aside by which the processes tell one another who was seen."""


_COLUMNS = "pos, ts, user_id, state, status_msg, activity"


class Presences:
    """Who is not offline, and when they were last seen and active (ms)."""

    def __init__(self) -> None:
        self._shown: dict[UserId, PresenceSet] = {}
        self._seen_ms: dict[UserId, int] = {}
        self._active_ms: dict[UserId, int] = {}
        self._told_ms: dict[UserId, int] = {}
        self._wishes: dict[UserId, str] = {}
        self._syncing: dict[UserId, int] = {}

    def published(self, entry: PresenceSet) -> None:
        """What is shown of somebody changed."""
        if entry.state != OFFLINE:
            self._shown[entry.user_id] = entry
            return
        for kept in (self._shown, self._seen_ms, self._active_ms, self._told_ms, self._wishes):
            kept.pop(entry.user_id, None)

    def of(self, user_id: UserId) -> PresenceSet | None:
        """What is shown of somebody; None for one who is offline."""
        return self._shown.get(user_id)

    def all(self) -> list[PresenceSet]:
        """Everybody who is not offline."""
        return list(self._shown.values())

    def users(self) -> KeysView[UserId]:
        """The same, their ids."""
        return self._shown.keys()

    def see(self, user_id: UserId, seen_ms: int, active_ms: int = 0) -> None:
        """They are here, and active if that is said."""
        self._seen_ms[user_id] = max(seen_ms, self._seen_ms.get(user_id, 0))
        if active_ms:
            self._active_ms[user_id] = max(active_ms, self._active_ms.get(user_id, 0))

    def seen_ms(self, user_id: UserId, now_ms: int) -> int:
        """When they were last seen: now, if they wait for news or nobody knows."""
        if user_id in self._syncing:
            self._seen_ms[user_id] = now_ms
        return self._seen_ms.setdefault(user_id, now_ms)

    def active_ms(self, entry: PresenceSet) -> int:
        """When they were last active."""
        return max(entry.ts, self._active_ms.get(entry.user_id, 0))

    def wishes(self, user_id: UserId, state: str) -> bool:
        """A client of theirs says how they are to be shown. True if it said otherwise before.

        Who never said anything is taken to have wished for what a client that says nothing gets.
        """
        before = self._wishes.get(user_id, ONLINE)
        self._wishes[user_id] = state
        return before != state

    def is_to_be_told(self, user_id: UserId, now_ms: int, every_ms: int) -> bool:
        """Whether it is time to tell the other processes that somebody is here."""
        if now_ms - self._told_ms.get(user_id, 0) < every_ms:
            return False
        self._told_ms[user_id] = now_ms
        return True

    @contextmanager
    def syncing(self, user_id: UserId) -> Iterator[None]:
        """Somebody is here for as long as this lasts."""
        self._syncing[user_id] = self._syncing.get(user_id, 0) + 1
        try:
            yield
        finally:
            self._syncing[user_id] -= 1
            if not self._syncing[user_id]:
                del self._syncing[user_id]


def put(tx: WriteTx, wanted: PresenceSet, *, keeps_status: bool) -> None:
    """Show it from now on, and tell; unless it is shown so already. Its `pos` is given here."""
    known = of(tx, wanted.user_id)
    status_msg = known.status_msg if keeps_status and known else wanted.status_msg
    shown = (wanted.state, status_msg, wanted.activity)
    if shown == ((known.state, known.status_msg, known.activity) if known else (OFFLINE, None, "")):
        return
    entry = replace(wanted, pos=tx.position(), status_msg=status_msg)
    tx.run(
        f"INSERT INTO presence ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET pos = excluded.pos, ts = excluded.ts,"
        " state = excluded.state, status_msg = excluded.status_msg, activity = excluded.activity",
        entry.pos,
        entry.ts,
        entry.user_id,
        entry.state,
        entry.status_msg,
        entry.activity,
    )
    tx.tell(entry)


def of(tx: Tx, user_id: UserId) -> PresenceSet | None:
    """What is shown of somebody, offline or not; None if they were never seen."""
    row = tx.one(f"SELECT {_COLUMNS} FROM presence WHERE user_id = ?", user_id)
    return PresenceSet(*row) if row else None


def changed_between(tx: Tx, since: int, upto: int) -> list[PresenceSet]:
    """Whose presence changed with `since < pos <= upto`, in order."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM presence WHERE pos > ? AND pos <= ? ORDER BY pos",
        since,
        upto,
    )
    return [PresenceSet(*row) for row in rows]


def everybody_here(tx: Tx) -> list[PresenceSet]:
    """Everybody who is not offline."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM presence WHERE state <> ?", OFFLINE)
    return [PresenceSet(*row) for row in rows]
