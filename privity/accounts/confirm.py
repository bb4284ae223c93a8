"""User-interactive authentication: prove again who you are before something that matters.

1. A session is made by the first request and is bound to its purpose: what is to be done, by whom.
   A session of another purpose is refused.
2. A stage is checked when it is sent; when the completed stages make a flow, the deed may be done,
   and the session is over.
3. Until then 401 with the flows, what is completed, and the session (no errcode); a stage that
   failed adds errcode and error. A session lives 15 minutes.

Source: client-server API, "User-Interactive Authentication API".
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from privity.accounts.passwords import is_right
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, bad_json, refused
from privity.matrix.ids import UserId, localpart_of
from privity.store import accounts, auth_sessions, invitations
from privity.store.auth_sessions import AuthSession
from privity.store.sessions import hash_token

LIFETIME_MS = 15 * 60 * 1000
DUMMY = "m.login.dummy"
PASSWORD = "m.login.password"  # noqa: S105 - the name of a stage
TOKEN = "m.login.registration_token"  # noqa: S105 - the name of a stage

Auth = dict[str, Any]
Stage = Callable[[House, Auth, "Purpose"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is to be confirmed: a text that names the deed and its target, by whom, how."""

    text: str
    user_id: UserId | None
    flows: tuple[tuple[str, ...], ...]


async def confirm(house: House, auth: Auth | None, purpose: Purpose) -> Auth:
    """Return what the last stage said once a flow is complete; else raise 401 (rule 3)."""
    now_ms = house.clock.now_ms()
    session = await _session(house, auth, purpose, now_ms)
    if auth is None or "type" not in auth:
        raise _unfinished(purpose, session)
    kind = auth["type"]
    stage = _STAGES.get(kind) if isinstance(kind, str) else None
    if stage is None or not any(kind in flow for flow in purpose.flows):
        raise _unfinished(purpose, session, Errcode.UNRECOGNIZED, "This stage is not asked for.")
    try:
        await stage(house, auth, purpose)
    except Refused as refusal:
        refuse = refusal.refuse
        if refuse.status == 429:  # noqa: PLR2004 - too many requests
            raise
        raise _unfinished(purpose, session, refuse.errcode, refuse.says) from refusal
    completed = (*session.completed, kind)
    if any(set(flow) <= set(completed) for flow in purpose.flows):  # 2
        await house.store.write(lambda tx: auth_sessions.end(tx, session.session_id))
        return auth
    session = AuthSession(session.session_id, purpose.text, completed, now_ms)
    await house.store.write(lambda tx: auth_sessions.keep(tx, session))
    raise _unfinished(purpose, session)


async def _session(house: House, auth: Auth | None, purpose: Purpose, now_ms: int) -> AuthSession:
    named = auth.get("session") if auth else None
    if named is None:
        fresh = AuthSession(secrets.token_urlsafe(18), purpose.text, (), now_ms)
        await house.store.write(lambda tx: auth_sessions.keep(tx, fresh, now_ms - LIFETIME_MS))
        return fresh
    if not isinstance(named, str):
        raise bad_json("'session' must be a string.")
    session = await house.store.read(lambda tx: auth_sessions.by_id(tx, named))
    if session is None or session.created_ts < now_ms - LIFETIME_MS:
        raise refused(Errcode.UNKNOWN, "There is no such session. Begin again.", status=400)
    if session.purpose != purpose.text:  # 1
        raise refused(Errcode.FORBIDDEN, "This session is for something else.", status=403)
    return session


def _unfinished(
    purpose: Purpose, session: AuthSession, errcode: Errcode | None = None, says: str = ""
) -> Refused:
    more = {
        "flows": [{"stages": list(flow)} for flow in purpose.flows],
        "params": {},
        "session": session.session_id,
        "completed": list(session.completed),
    }
    return Refused(Refuse(errcode or Errcode.UNAUTHENTICATED, says, "", 401, more))


async def _dummy(house: House, auth: Auth, purpose: Purpose) -> None:
    del house, auth, purpose  # nothing is to be proved


async def _password(house: House, auth: Auth, purpose: Purpose) -> None:
    user_id = purpose.user_id
    password = auth.get("password")
    if user_id is None or not isinstance(password, str):
        raise bad_json("'password' must be a string.")
    if not _is_of(auth, user_id):
        raise refused(Errcode.FORBIDDEN, "This is the name of somebody else.")
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    if not await is_right(house, account.password_hash if account else None, password):
        raise refused(Errcode.FORBIDDEN, "The password is wrong.")


def _is_of(auth: Auth, user_id: UserId) -> bool:
    identifier = auth.get("identifier")
    named = identifier.get("user") if isinstance(identifier, dict) else auth.get("user")
    return named in (None, user_id, localpart_of(user_id))


async def _registration_token(house: House, auth: Auth, purpose: Purpose) -> None:
    del purpose
    token = auth.get("token")
    if not isinstance(token, str):
        raise bad_json("'token' must be a string.")
    invitation = await house.store.read(lambda tx: invitations.by_hash(tx, hash_token(token)))
    if invitation is None or not invitation.is_good(house.clock.now_ms()):
        raise refused(Errcode.FORBIDDEN, "This invitation is used up or out of date.")


_STAGES: dict[str, Stage] = {
    DUMMY: _dummy,
    PASSWORD: _password,
    TOKEN: _registration_token,
}
