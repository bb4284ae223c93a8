"""Back up session keys, and get them back (client-server API, "Server-side key backups").

Keys go into the newest version only: 403 M_WRONG_ROOM_KEYS_VERSION with `current_version` else, so
that a device that missed a new version learns of it. 404 M_NOT_FOUND where there is no backup:
clients rely on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, invalid_param, not_found
from privity.matrix.ids import UserId
from privity.store import backups
from privity.store.backups import BackedUpKey, Backup, Where
from privity.store.engine import Tx, WriteTx


@dataclass(frozen=True, slots=True)
class Info:
    """A version and how many keys it holds."""

    backup: Backup
    count: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What a version is after a change."""

    etag: int
    count: int


async def make_version(house: House, user_id: UserId, algorithm: str, auth_data: bytes) -> int:
    """A new, empty version. 429."""
    house.keep_pace(pace.BACK_UP_KEYS, user_id)
    return await house.store.write(lambda tx: backups.make(tx, user_id, algorithm, auth_data))


async def info(house: House, user_id: UserId, version: int | None) -> Info:
    """A version, or the newest. 404 if there is none."""

    def job(tx: Tx) -> Info:
        backup = _existing(tx, user_id, version)
        return Info(backup, backups.count(tx, user_id, backup.version))

    return await house.store.read(job)


async def update_version(
    house: House, user_id: UserId, version: int, algorithm: str, auth_data: bytes
) -> None:
    """Other `auth_data`; the algorithm must be the one that it is."""

    def job(tx: WriteTx) -> None:
        backup = _existing(tx, user_id, version)
        if backup.algorithm != algorithm:
            raise invalid_param("The algorithm of a backup cannot be changed.")
        backups.set_auth_data(tx, user_id, version, auth_data)

    await house.store.write(job)


async def delete_version(house: House, user_id: UserId, version: int) -> None:
    """The version and its keys go, if they have not yet. 404 if there never was one."""
    if not await house.store.write(lambda tx: backups.delete(tx, user_id, version)):
        raise _none()


async def put_keys(
    house: House, user_id: UserId, version: int, uploaded: Sequence[BackedUpKey]
) -> Changed:
    """Keep those that are better than what is there. 403 M_WRONG_ROOM_KEYS_VERSION, 404, 429."""
    house.keep_pace(pace.BACK_UP_KEYS, user_id)

    def job(tx: WriteTx) -> Changed:
        newest = _existing(tx, user_id, None)
        if newest.version != version:
            raise _wrong_version(newest.version)
        better = backups.put_keys(tx, user_id, version, uploaded)
        return _changed(tx, user_id, newest, better)

    return await house.store.write(job)


async def get_keys(house: House, user_id: UserId, version: int, where: Where) -> list[BackedUpKey]:
    """The keys of a version."""

    def job(tx: Tx) -> list[BackedUpKey]:
        _existing(tx, user_id, version)
        return backups.keys(tx, user_id, version, where)

    return await house.store.read(job)


async def delete_keys(house: House, user_id: UserId, version: int, where: Where) -> Changed:
    """The keys go."""

    def job(tx: WriteTx) -> Changed:
        backup = _existing(tx, user_id, version)
        gone = backups.delete_keys(tx, user_id, version, where)
        return _changed(tx, user_id, backup, gone)

    return await house.store.write(job)


def _existing(tx: Tx, user_id: UserId, version: int | None) -> Backup:
    backup = backups.get(tx, user_id, version)
    if backup is None:
        raise _none()
    return backup


def _none() -> Refused:
    return not_found("There is no such backup.")


def _changed(tx: WriteTx, user_id: UserId, backup: Backup, changes: int) -> Changed:
    etag = backup.etag
    if changes:
        etag = backups.note_change(tx, user_id, backup.version)
    return Changed(etag, backups.count(tx, user_id, backup.version))


def _wrong_version(current: int) -> Refused:
    return Refused(
        Refuse(
            Errcode.WRONG_ROOM_KEYS_VERSION,
            "This is not the newest version of the backup.",
            status=403,
            more={"current_version": str(current)},
        )
    )
