"""Who a token belongs to. The database knows only the SHA-256 of a token."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from privity.matrix.ids import DeviceId, UserId
from privity.store.engine import Engine, Tx, WriteTx

MOST_SESSIONS = 50_000


@dataclass(frozen=True, slots=True)
class Session:
    """A device that proved whose it is. `expires_ts` is in milliseconds, None for never."""

    token_hash: bytes
    user_id: UserId
    device_id: DeviceId
    is_admin: bool
    standing: str
    expires_ts: int | None
    is_suspended: bool = False
    is_guest: bool = False
    service_id: str | None = None
    """The application service that speaks for them, through `device_id` or, if empty, none."""


def hash_token(token: str) -> bytes:
    """What is stored of a token: 32 bytes. It is long and random: a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def find(tx: Tx, token_hash: bytes) -> Session | None:
    """The session of an access token, whatever its age."""
    row = tx.one(
        "SELECT t.user_id, t.device_id, a.is_admin, a.standing, t.expires_ts, a.is_suspended,"
        " a.is_guest FROM access_tokens t JOIN accounts a ON a.user_id = t.user_id"
        " WHERE t.token_hash = ?",
        token_hash,
    )
    if row is None:
        return None
    user_id, device_id, is_admin, standing, expires_ts, is_suspended, is_guest = row
    return Session(
        token_hash=token_hash,
        user_id=user_id,
        device_id=device_id,
        is_admin=bool(is_admin),
        standing=standing,
        expires_ts=expires_ts,
        is_suspended=bool(is_suspended),
        is_guest=bool(is_guest),
    )


def of_service(
    tx: Tx, key: bytes, service_id: str, user_id: UserId, device_id: DeviceId
) -> Session | None:
    """The session in which a service speaks for somebody. None without the account or device."""
    row = tx.one(
        "SELECT standing, is_suspended FROM accounts WHERE user_id = ? AND (? = '' OR EXISTS"
        " (SELECT 1 FROM devices WHERE user_id = ? AND device_id = ?))",
        user_id,
        device_id,
        user_id,
        device_id,
    )
    if row is None:
        return None
    standing, is_suspended = row[0], bool(row[1])
    return Session(
        token_hash=key,
        user_id=user_id,
        device_id=device_id,
        is_admin=False,
        standing=standing,
        expires_ts=None,
        is_suspended=is_suspended,
        service_id=service_id,
    )


def is_unsettled(tx: Tx, token_hash: bytes) -> bool:
    """Whether this access token came with a refresh token and was not used yet."""
    sql = "SELECT 1 FROM access_tokens WHERE token_hash = ? AND refresh_hash IS NOT NULL"
    return tx.one(sql, token_hash) is not None


def settle(tx: WriteTx, token_hash: bytes) -> None:
    """An access token of a refreshing session is used for the first time.

    So its answer arrived: the refresh token from before it ends.
    Source: client-server API, "Refreshing access tokens".
    """
    tx.run(
        "DELETE FROM refresh_tokens WHERE replaced_by IN"
        " (SELECT refresh_hash FROM access_tokens WHERE token_hash = ?)",
        token_hash,
    )
    tx.run("UPDATE access_tokens SET refresh_hash = NULL WHERE token_hash = ?", token_hash)


def note_change(tx: WriteTx, user_id: UserId) -> int:
    """An account changed: give the change a position, so that every process hears of it.

    Returns the position; the caller tells the followers `AccountChanged`.
    """
    pos = tx.position()
    tx.run(
        "INSERT INTO account_changes (user_id, pos) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET pos = excluded.pos",
        user_id,
        pos,
    )
    return pos


class Sessions:
    """The sessions in use, by the hash of their token."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._of_user: dict[UserId, tuple[bytes, ...]] = {}
        self._forgotten = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def peek(self, token_hash: bytes) -> Session | None:
        """The session, if it is in memory."""
        return self._sessions.get(token_hash)

    async def get(self, token_hash: bytes) -> Session | None:
        """The session of a token, or None if there is none (any more)."""
        session = self._sessions.get(token_hash)
        if session is not None:
            self._sessions.move_to_end(token_hash)
            return session
        forgotten = self._forgotten
        session, is_new = await self._engine.read(
            lambda tx: (find(tx, token_hash), is_unsettled(tx, token_hash))
        )
        if is_new:
            await self._engine.write(lambda tx: settle(tx, token_hash))
        if session is not None and forgotten == self._forgotten:
            self._keep(token_hash, session)
        return session

    async def of_service(
        self, key: bytes, service_id: str, user_id: UserId, device_id: DeviceId
    ) -> Session | None:
        """The session in which a service speaks for somebody, kept under `key`."""
        forgotten = self._forgotten
        session = await self._engine.read(
            lambda tx: of_service(tx, key, service_id, user_id, device_id)
        )
        if session is not None and forgotten == self._forgotten:
            self._keep(key, session)
        return session

    def forget(self, user_id: UserId) -> None:
        """Read this account's sessions anew when they are next used."""
        self._forgotten += 1
        for token_hash in self._of_user.pop(user_id, ()):
            self._sessions.pop(token_hash, None)

    def _keep(self, token_hash: bytes, session: Session) -> None:
        self._sessions[token_hash] = session
        known = self._of_user.get(session.user_id, ())
        if token_hash not in known:
            self._of_user[session.user_id] = (*known, token_hash)
        if len(self._sessions) > MOST_SESSIONS:
            oldest, evicted = self._sessions.popitem(last=False)
            self._forget_one(evicted.user_id, oldest)

    def _forget_one(self, user_id: UserId, token_hash: bytes) -> None:
        left = tuple(each for each in self._of_user.pop(user_id, ()) if each != token_hash)
        if left:
            self._of_user[user_id] = left
