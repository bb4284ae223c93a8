"""User-interactive authentication: prove again who you are before something that matters.

1. What has to be confirmed is a purpose: a text that names the deed and its target, and by whom.
   Any one of its flows is enough.
2. A request without proof is answered 401 with the flows and a session. A session is a text that
   we signed: good for its purpose alone, and for 15 minutes. Nobody fills a table with asking.
3. A proof may come without a session, as some clients send it; with one, the session must be good.
   One whose time is over begins anew; one for anything else is refused: 403.
4. A proof that fails is answered as in rule 2, with errcode and error, but for 429.
5. One flow has two stages: an invitation's token, then a dummy, the order that clients know from
   elsewhere. The invitation itself remembers in which session it was shown; without a session
   there is nothing to go on with, and the token alone is the whole proof.
6. Who proves to be somebody else confirms nothing, whatever they know: 403.

Source: client-server API, "User-Interactive Authentication API".
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from privity.accounts.names import id_of
from privity.accounts.passwords import is_right
from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, bad_json, forbidden
from privity.matrix.ids import UserId
from privity.store import accounts, invitations
from privity.store.engine import Tx
from privity.store.invitations import Invitation
from privity.store.sessions import hash_token

LIFETIME_MS = 15 * 60 * 1000
DUMMY = "m.login.dummy"
PASSWORD = "m.login.password"  # noqa: S105 - the name of a stage
TOKEN = "m.login.registration_token"  # noqa: S105 - the name of a stage
INVITATION_FIRST = "Show your invitation first."
TOO_LATE = "This invitation is used up or out of date."

Auth = dict[str, Any]
Stage = Callable[[House, Auth, "Purpose"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is to be confirmed (rule 1). `flows`: all stages of any one of them will do."""

    text: str
    user_id: UserId | None
    flows: tuple[tuple[str, ...], ...]

    @property
    def stages(self) -> set[str]:
        """Every stage of any flow."""
        return {stage for flow in self.flows for stage in flow}


async def confirm_by_password(house: House, user_id: UserId, auth: Auth, deed: str) -> None:
    """Return once `user_id` has proved to know their password; else raise 401 or 429.

    `auth` is the member of the request's body, empty if there is none; `deed` names what is to be
    done, target included, so that a session for one thing is none for another.
    """
    await confirm(house, auth, Purpose(deed, user_id, ((PASSWORD,),)))


async def confirm(house: House, auth: Auth, purpose: Purpose) -> None:
    """Return once `auth` proves what `purpose` asks for; else raise 401 (rules 2 and 4)."""
    now_ms = house.clock.now_ms()
    session = auth.get("session")
    if session is not None and not _is_good(house, purpose, session, now_ms):  # 3
        if not _is_over(session, now_ms):
            raise forbidden("This session is for something else.")
        raise unconfirmed(house, purpose, forbidden("This took too long. Begin again.").refuse)
    if purpose.user_id is not None and not _is_about(house, auth, purpose.user_id):  # 6
        raise forbidden("This confirms somebody else.")
    kind = auth.get("type")
    if kind is None:
        raise unconfirmed(house, purpose)
    if not isinstance(kind, str) or kind not in purpose.stages:
        refuse = Refuse(Errcode.UNRECOGNIZED, "This stage is not asked for.")
        raise unconfirmed(house, purpose, refuse)
    try:
        await _STAGES[kind](house, auth, purpose)
    except Refused as refusal:
        if refusal.refuse.errcode is not Errcode.FORBIDDEN:
            raise
        raise unconfirmed(house, purpose, refusal.refuse) from refusal  # 4
    if kind == TOKEN and session is not None:  # 5
        raise unconfirmed(house, purpose, goes_on=session)


def begins(house: House, purpose: Purpose, auth: Auth) -> bool:
    """Whether this request is none of a session that is under way."""
    session = auth.get("session")
    return session is None or not _is_good(house, purpose, session, house.clock.now_ms())


def unconfirmed(
    house: House, purpose: Purpose, refuse: Refuse | None = None, *, goes_on: str | None = None
) -> Refused:
    """The 401 that asks for a proof, saying what was wrong with the last one.

    `goes_on`: the session in which a token was shown, and something is still to come.
    """
    expires_ts = house.clock.now_ms() + LIFETIME_MS
    more = {
        "flows": [{"stages": list(flow)} for flow in purpose.flows],
        "params": {},
        "completed": [] if goes_on is None else [TOKEN],
        "session": goes_on or _signed(house, purpose, expires_ts, secrets.token_urlsafe(9)),
    }
    if refuse is None:
        return Refused(Refuse(Errcode.UNAUTHENTICATED, "", "", 401, more))
    return Refused(Refuse(refuse.errcode, refuse.says, refuse.because, 401, more))


# -- Sessions (rule 2)


def _signed(house: House, purpose: Purpose, expires_ts: int, nonce: str) -> str:
    key = hmac.digest(house.key.seed, b"privity: user-interactive authentication", hashlib.sha256)
    about = f"{expires_ts} {nonce} {purpose.user_id} {purpose.text}".encode()
    signature = urlsafe_b64encode(hmac.digest(key, about, hashlib.sha256)).decode().rstrip("=")
    return f"{expires_ts}.{nonce}.{signature}"


def _is_good(house: House, purpose: Purpose, session: object, now_ms: int) -> bool:
    if not isinstance(session, str):
        raise bad_json("'session' must be a string.")
    expires_ts = _expires_ts(session)
    if expires_ts is None:
        return False
    nonce = session.split(".")[1]
    right = _signed(house, purpose, expires_ts, nonce).encode()
    return hmac.compare_digest(session.encode(), right) and now_ms < expires_ts


def _is_over(session: str, now_ms: int) -> bool:
    """Whether it says of itself that its time is over, whoever wrote it."""
    expires_ts = _expires_ts(session)
    return expires_ts is not None and expires_ts <= now_ms


def _expires_ts(session: str) -> int | None:
    digits, dot, _ = session.partition(".")
    is_number = digits.isdecimal() and digits.isascii() and len(digits) <= len(str(2**63))
    return int(digits) if dot and is_number else None


# -- Stages


async def _dummy(house: House, auth: Auth, purpose: Purpose) -> None:
    """Nothing is to be proved, but where an invitation has to come first (rule 5)."""
    if (DUMMY,) in purpose.flows:
        return
    now_ms = house.clock.now_ms()
    invitation = await house.store.read(lambda tx: invitation_of(tx, auth))
    if invitation is None or not invitation.is_good(now_ms):
        raise forbidden(INVITATION_FIRST)


async def _password(house: House, auth: Auth, purpose: Purpose) -> None:
    user_id, password = purpose.user_id, auth.get("password")
    if user_id is None or not isinstance(password, str):
        raise bad_json("'password' must be a string.")
    house.keep_pace(pace.LOG_IN_BY_ACCOUNT, user_id)
    account = await house.store.read(lambda tx: accounts.by_id(tx, user_id))
    known_hash = account.password_hash if account else None
    if not await is_right(house, known_hash, password):
        raise forbidden("The user name or the password is wrong.")


def _is_about(house: House, auth: Auth, user_id: UserId) -> bool:
    """Whether the proof names this person. Old clients send `user` beside it, or no name."""
    identifier = auth.get("identifier")
    name = identifier.get("user") if isinstance(identifier, dict) else auth.get("user")
    return name is None or id_of(house, str(name)) == user_id


async def _registration_token(house: House, auth: Auth, purpose: Purpose) -> None:
    del purpose
    token = auth.get("token")
    if not isinstance(token, str):
        raise bad_json("'token' must be a string.")
    token_hash, session = hash_token(token), auth.get("session")
    invitation = await house.store.read(lambda tx: invitations.by_hash(tx, token_hash))
    if invitation is None or not invitation.is_good(house.clock.now_ms()):
        raise forbidden(TOO_LATE)
    if session is not None:  # 5
        session_hash = hash_token(session)
        await house.store.write(lambda tx: invitations.show_in(tx, token_hash, session_hash))


def invitation_of(tx: Tx, auth: Auth) -> Invitation | None:
    """The invitation that a proof of registration stands on: its token's, or its session's."""
    if auth.get("type") == TOKEN:
        return invitations.by_hash(tx, hash_token(auth["token"]))
    session = auth.get("session")
    return None if session is None else invitations.by_session(tx, hash_token(session))


_STAGES: dict[str, Stage] = {
    DUMMY: _dummy,
    PASSWORD: _password,
    TOKEN: _registration_token,
}
