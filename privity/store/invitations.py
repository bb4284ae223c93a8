"""Invitations: single-use registration tokens, known by their SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import UserId
from privity.store.engine import Row, Tx, WriteTx

_COLUMNS = "token_hash, address, is_admin, created_ts, expires_ts, used_by"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may register with it: somebody of this address, until a time (ms), once."""

    token_hash: bytes
    address: str
    is_admin: bool
    created_ts: int
    expires_ts: int
    used_by: UserId | None = None

    def is_good(self, now_ms: int) -> bool:
        """Whether it can still be used."""
        return self.used_by is None and now_ms < self.expires_ts


def add(tx: WriteTx, invitation: Invitation) -> None:
    """A new invitation."""
    tx.add(
        "invitations",
        ("token_hash", "address", "is_admin", "created_ts", "expires_ts"),
        (
            invitation.token_hash,
            invitation.address,
            int(invitation.is_admin),
            invitation.created_ts,
            invitation.expires_ts,
        ),
    )


def by_hash(tx: Tx, token_hash: bytes) -> Invitation | None:
    """The invitation of a token."""
    row = tx.one(f"SELECT {_COLUMNS} FROM invitations WHERE token_hash = ?", token_hash)
    return _invitation(row) if row else None


def by_session(tx: Tx, session_hash: bytes) -> Invitation | None:
    """The invitation that was shown in this session of a registration."""
    row = tx.one(f"SELECT {_COLUMNS} FROM invitations WHERE session_hash = ?", session_hash)
    return _invitation(row) if row else None


def _invitation(row: Row) -> Invitation:
    return Invitation(bytes(row[0]), row[1], bool(row[2]), row[3], row[4], row[5])


def show_in(tx: WriteTx, token_hash: bytes, session_hash: bytes) -> None:
    """It was shown in this session. A session holds one, an invitation is in one."""
    tx.run("UPDATE invitations SET session_hash = NULL WHERE session_hash = ?", session_hash)
    tx.run("UPDATE invitations SET session_hash = ? WHERE token_hash = ?", session_hash, token_hash)


def use(tx: WriteTx, token_hash: bytes, user_id: UserId) -> None:
    """It is used up: this account came of it."""
    tx.run(
        "UPDATE invitations SET used_by = ?, session_hash = NULL WHERE token_hash = ?",
        user_id,
        token_hash,
    )


def forget_old(tx: WriteTx, before_ts: int) -> int:
    """Forget the invitations that ended before this time, used or not; how many."""
    return tx.run("DELETE FROM invitations WHERE expires_ts < ?", before_ts)
