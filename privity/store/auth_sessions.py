"""User-interactive authentication under way."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from privity.store.engine import Tx, WriteTx


@dataclass(frozen=True, slots=True)
class AuthSession:
    """One session: what it is for, and which stages are done. `created_ts` in milliseconds."""

    session_id: str
    purpose: str
    completed: tuple[str, ...]
    created_ts: int


def keep(tx: WriteTx, session: AuthSession, forget_before_ts: int | None = None) -> None:
    """A new session, or how far one has come. Older ones than `forget_before_ts` go."""
    if forget_before_ts is not None:
        tx.run("DELETE FROM auth_sessions WHERE created_ts < ?", forget_before_ts)
    tx.run(
        "INSERT INTO auth_sessions (session_id, purpose, completed, created_ts)"
        " VALUES (?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE SET"
        " completed = excluded.completed",
        session.session_id,
        session.purpose,
        orjson.dumps(session.completed).decode(),
        session.created_ts,
    )


def by_id(tx: Tx, session_id: str) -> AuthSession | None:
    """The session of this id."""
    row = tx.one(
        "SELECT purpose, completed, created_ts FROM auth_sessions WHERE session_id = ?", session_id
    )
    return AuthSession(session_id, row[0], tuple(orjson.loads(row[1])), row[2]) if row else None


def end(tx: WriteTx, session_id: str) -> None:
    """The session did what it was for."""
    tx.run("DELETE FROM auth_sessions WHERE session_id = ?", session_id)
