"""Key backups: session keys that only their owner can decrypt, by version, room and session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.matrix.ids import RoomId, UserId
from privity.store.engine import Row, Tx, WriteTx
from privity.store.engine.lists import in_parts

_COLUMNS = (
    "user_id",
    "version",
    "room_id",
    "session_id",
    "first_message_index",
    "forwarded_count",
    "is_verified",
    "session_data",
)
_KEY_COLUMNS = ", ".join(_COLUMNS[2:])
_Name = tuple[RoomId, str]


@dataclass(frozen=True, slots=True)
class Backup:
    """A version of a backup. `auth_data` is JSON; `etag` counts its changes."""

    version: int
    algorithm: str
    auth_data: bytes
    etag: int


@dataclass(frozen=True, slots=True)
class BackedUpKey:
    """One session's key, encrypted. `session_data` is JSON."""

    room_id: RoomId
    session_id: str
    first_message_index: int
    forwarded_count: int
    is_verified: bool
    session_data: bytes

    @property
    def name(self) -> _Name:
        """Of which session it is."""
        return self.room_id, self.session_id

    def row(self) -> tuple[str | int | bytes, ...]:
        """Its values, in the order of the columns."""
        return (
            self.room_id,
            self.session_id,
            self.first_message_index,
            self.forwarded_count,
            int(self.is_verified),
            self.session_data,
        )

    def is_better_than(self, other: BackedUpKey) -> bool:
        """Whether it replaces `other` (client-server API, "PUT /room_keys/keys")."""
        if self.is_verified != other.is_verified:
            return self.is_verified
        if self.first_message_index != other.first_message_index:
            return self.first_message_index < other.first_message_index
        return self.forwarded_count < other.forwarded_count


@dataclass(frozen=True, slots=True)
class Where:
    """Which keys: all of a version, those of a room, or one session's."""

    room_id: RoomId | None = None
    session_id: str | None = None

    def sql(self) -> tuple[str, list[str]]:
        """The condition, and its parameters."""
        conditions, params = "", []
        for column, value in (("room_id", self.room_id), ("session_id", self.session_id)):
            if value is not None:
                conditions += f" AND {column} = ?"
                params.append(str(value))
        return conditions, params


def make(tx: WriteTx, user_id: UserId, algorithm: str, auth_data: bytes) -> int:
    """A new version, above all that there ever were."""
    row = tx.one("SELECT MAX(version) FROM backups WHERE user_id = ?", user_id)
    version = (int(row[0]) if row and row[0] is not None else 0) + 1
    tx.add(
        "backups",
        ("user_id", "version", "algorithm", "auth_data", "etag", "is_deleted"),
        (user_id, version, algorithm, auth_data, 0, 0),
    )
    return version


def get(tx: Tx, user_id: UserId, version: int | None) -> Backup | None:
    """A version; the newest when `version` is None."""
    row = tx.one(
        "SELECT version, algorithm, auth_data, etag FROM backups"
        " WHERE user_id = ? AND is_deleted = 0"
        + ("" if version is None else " AND version = ?")
        + " ORDER BY version DESC LIMIT 1",
        *([user_id] if version is None else [user_id, version]),
    )
    return Backup(int(row[0]), row[1], bytes(row[2]), int(row[3])) if row else None


def set_auth_data(tx: WriteTx, user_id: UserId, version: int, auth_data: bytes) -> None:
    """Other `auth_data` for a version."""
    tx.run(
        "UPDATE backups SET auth_data = ? WHERE user_id = ? AND version = ?",
        auth_data,
        user_id,
        version,
    )


def delete(tx: WriteTx, user_id: UserId, version: int) -> bool:
    """A version and its keys go. Its number is not used again. False if there never was one."""
    there_was = tx.run(
        "UPDATE backups SET is_deleted = 1, auth_data = ? WHERE user_id = ? AND version = ?",
        b"",
        user_id,
        version,
    )
    tx.run("DELETE FROM backup_keys WHERE user_id = ? AND version = ?", user_id, version)
    return bool(there_was)


def count(tx: Tx, user_id: UserId, version: int) -> int:
    """How many keys a version holds."""
    row = tx.one(
        "SELECT COUNT(*) FROM backup_keys WHERE user_id = ? AND version = ?", user_id, version
    )
    return int(row[0]) if row else 0


def keys(tx: Tx, user_id: UserId, version: int, where: Where) -> list[BackedUpKey]:
    """The keys of a version."""
    conditions, params = where.sql()
    rows = tx.all(
        f"SELECT {_KEY_COLUMNS} FROM backup_keys WHERE user_id = ? AND version = ?{conditions}",
        user_id,
        version,
        *params,
    )
    return [_key(row) for row in rows]


def _key(row: Row) -> BackedUpKey:
    return BackedUpKey(row[0], row[1], int(row[2]), int(row[3]), bool(row[4]), bytes(row[5]))


def put_keys(tx: WriteTx, user_id: UserId, version: int, uploaded: Iterable[BackedUpKey]) -> int:
    """Keep each key that is better than what is there; how many were.

    A few statements for what is new, however much it is, and one for each key that is replaced.
    """
    best: dict[_Name, BackedUpKey] = {}
    for key in uploaded:
        if key.name not in best or key.is_better_than(best[key.name]):
            best[key.name] = key
    known = _known(tx, user_id, version, best)
    better = 0
    for name, key in best.items():
        if name not in known:
            tx.add("backup_keys", _COLUMNS, (user_id, version, *key.row()))
        elif key.is_better_than(known[name]):
            _replace(tx, user_id, version, key)
        else:
            continue
        better += 1
    return better


def _known(
    tx: Tx, user_id: UserId, version: int, names: Iterable[_Name]
) -> dict[_Name, BackedUpKey]:
    """What is there under these names. Room by room, so that the index finds each."""
    sessions: dict[RoomId, list[str]] = {}
    for room_id, session_id in names:
        sessions.setdefault(room_id, []).append(session_id)
    known = {}
    for room_id, in_room in sessions.items():
        for part, marks in in_parts(in_room):
            for row in tx.all(
                f"SELECT {_KEY_COLUMNS} FROM backup_keys WHERE user_id = ? AND version = ?"
                f" AND room_id = ? AND session_id IN ({marks})",
                *(user_id, version, room_id),
                *part,
            ):
                key = _key(row)
                known[key.name] = key
    return known


def _replace(tx: WriteTx, user_id: UserId, version: int, key: BackedUpKey) -> None:
    room_id, session_id, *values = key.row()
    tx.run(
        "UPDATE backup_keys SET first_message_index = ?, forwarded_count = ?, is_verified = ?,"
        " session_data = ? WHERE user_id = ? AND version = ? AND room_id = ? AND session_id = ?",
        *values,
        *(user_id, version, room_id, session_id),
    )


def delete_keys(tx: WriteTx, user_id: UserId, version: int, where: Where) -> int:
    """The keys go; how many there were."""
    conditions, params = where.sql()
    return tx.run(
        f"DELETE FROM backup_keys WHERE user_id = ? AND version = ?{conditions}",
        user_id,
        version,
        *params,
    )


def note_change(tx: WriteTx, user_id: UserId, version: int) -> int:
    """The keys of a version changed; its new etag."""
    rows = tx.all(
        "UPDATE backups SET etag = etag + 1 WHERE user_id = ? AND version = ? RETURNING etag",
        user_id,
        version,
    )
    return int(rows[0][0])
