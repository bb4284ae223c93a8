"""Accounts: who there is, how they prove it, and whether they may.

A standing is `active`, `locked` (may come back) or `deactivated` (may not).
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.ids import RoomId, UserId
from privity.store.engine import Row, Tx, WriteTx
from privity.store.sessions import note_change
from privity.store.streams import AccountChanged

ACTIVE = "active"
LOCKED = "locked"
DEACTIVATED = "deactivated"

_ONE_S_OWN = (
    "account_data",
    "filters",
    "cross_signing_keys",
    "backups",
    "backup_keys",
    "profile_fields",
    "presence",
)
_COLUMNS = "user_id, address, password_hash, created_ts, is_admin, standing, is_suspended, is_guest"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `password_hash` is None for one that nobody can log in to."""

    user_id: UserId
    address: str
    password_hash: str | None
    created_ts: int
    is_admin: bool
    standing: str
    is_suspended: bool = False
    is_guest: bool = False


def add(tx: WriteTx, account: Account) -> None:
    """A new account. Raises `Conflict` at the latest with the commit if there is one."""
    tx.add(
        "accounts",
        ("user_id", "address", "password_hash", "created_ts", "is_admin", "standing", "is_guest"),
        (
            account.user_id,
            account.address,
            account.password_hash,
            account.created_ts,
            int(account.is_admin),
            account.standing,
            int(account.is_guest),
        ),
    )


def by_id(tx: Tx, user_id: UserId) -> Account | None:
    """The account of this id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM accounts WHERE user_id = ?", user_id)
    return _account(row) if row else None


def is_anybody(tx: Tx) -> bool:
    """Whether there is any account."""
    return tx.one("SELECT 1 FROM accounts LIMIT 1") is not None


def newest_ts(tx: Tx) -> int:
    """The time of the newest thing that accounts know of, in milliseconds; 0 if there is none."""
    row = tx.one(
        "SELECT MAX(ts) FROM (SELECT MAX(created_ts) AS ts FROM accounts"
        " UNION ALL SELECT MAX(last_seen_ts) FROM devices"
        " UNION ALL SELECT MAX(created_ts) FROM invitations) AS times"
    )
    return row[0] or 0 if row else 0


def everybody(tx: Tx) -> list[Account]:
    """Every account, by id."""
    return [_account(row) for row in tx.all(f"SELECT {_COLUMNS} FROM accounts ORDER BY user_id")]


def _account(row: Row) -> Account:
    user_id, address, password_hash, created_ts, is_admin, standing, *bounds = row
    bound = [bool(each) for each in bounds]
    return Account(user_id, address, password_hash, created_ts, bool(is_admin), standing, *bound)


def set_password(tx: WriteTx, user_id: UserId, password_hash: str) -> None:
    """Another password."""
    tx.run("UPDATE accounts SET password_hash = ? WHERE user_id = ?", password_hash, user_id)


def set_standing(tx: WriteTx, user_id: UserId, standing: str) -> None:
    """Lock, unlock or deactivate, and have every process hear of it."""
    tx.run("UPDATE accounts SET standing = ? WHERE user_id = ?", standing, user_id)
    tell_changed(tx, user_id)


def set_suspended(tx: WriteTx, user_id: UserId, *, is_suspended: bool) -> None:
    """Suspend, or lift it, and have every process hear of it."""
    sql = "UPDATE accounts SET is_suspended = ? WHERE user_id = ?"
    tx.run(sql, int(is_suspended), user_id)
    tell_changed(tx, user_id)


def set_admin(tx: WriteTx, user_id: UserId, *, is_admin: bool) -> None:
    """Make an administrator of somebody, or none any more, and have every process hear of it."""
    tx.run("UPDATE accounts SET is_admin = ? WHERE user_id = ?", int(is_admin), user_id)
    tell_changed(tx, user_id)


def upgrade(tx: WriteTx, account: Account) -> None:
    """A guest becomes this account, under the same id."""
    tx.run(
        "UPDATE accounts SET address = ?, password_hash = ?, is_admin = ?, is_guest = 0"
        " WHERE user_id = ?",
        account.address,
        account.password_hash,
        int(account.is_admin),
        account.user_id,
    )
    tell_changed(tx, account.user_id)


def guests_in(tx: Tx, room_id: RoomId) -> list[UserId]:
    """The guests who are in a room."""
    rows = tx.all(
        "SELECT m.user_id FROM memberships m JOIN accounts a ON a.user_id = m.user_id"
        " AND a.is_guest = 1 WHERE m.room_id = ? AND m.membership = 'join' ORDER BY m.user_id",
        room_id,
    )
    return [UserId(row[0]) for row in rows]


def set_profile(tx: WriteTx, user_id: UserId, field: str, value: str | None) -> None:
    """Set `displayname` or `avatar_url`; None takes it away."""
    column = {"displayname": "display_name", "avatar_url": "avatar_url"}[field]
    tx.run(f"UPDATE accounts SET {column} = ?, is_indexed = 0 WHERE user_id = ?", value, user_id)


def erase(tx: WriteTx, user_id: UserId) -> None:
    """Nothing stays of the account but its id and that it was there."""
    tx.run(
        "UPDATE accounts SET address = '', password_hash = NULL, display_name = NULL,"
        " avatar_url = NULL, is_indexed = 0 WHERE user_id = ?",
        user_id,
    )
    for table in _ONE_S_OWN:
        tx.run(f"DELETE FROM {table} WHERE user_id = ?", user_id)
    for side in ("target_user_id", "signer_user_id"):
        tx.run(f"DELETE FROM key_signatures WHERE {side} = ?", user_id)
    tell_changed(tx, user_id)


def tell_changed(tx: WriteTx, user_id: UserId) -> None:
    """What processes keep in memory of this account is not so any more."""
    tx.tell(AccountChanged(note_change(tx, user_id), user_id))
