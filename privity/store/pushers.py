"""Pushers: to which gateways a person's devices want to hear of what came.

A pusher belongs to the device that set it last, and ends with it (`store.devices.remove`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import orjson

from privity.guard.admission import Admitted
from privity.guard.reach import Pusher
from privity.matrix.canonical_json import encode
from privity.matrix.ids import DeviceId, RoomId, UserId
from privity.store.accounts import ACTIVE, tell_changed
from privity.store.engine import Row, Tx, WriteTx
from privity.store.engine.lists import in_parts

MOST_OF_ONE = 50
_SELECT = (
    "SELECT p.pusher_id, p.user_id, p.device_id, p.ts, p.since, p.badge, p.app_id, p.pushkey,"
    " p.app_display_name, p.device_display_name, p.profile_tag, p.lang, p.data FROM pushers p"
)


@dataclass(frozen=True, slots=True)
class KeptPusher:
    """A pusher, whose it is, and since when: `ts` (ms) its key, `since` (a position) itself.

    `badge` is the count of unread messages that its gateway heard last.
    """

    pusher_id: int
    user_id: UserId
    device_id: DeviceId
    ts: int
    since: int
    badge: int
    pusher: Pusher


def put(
    tx: WriteTx, user_id: UserId, device_id: DeviceId, admitted: Admitted[Pusher], now_ms: int
) -> None:
    """Add a pusher of this device, or change the person's one of its key. The oldest make way."""
    pusher = admitted.value
    pos = tx.position()
    tx.run(
        "INSERT INTO pushers (pusher_id, user_id, device_id, app_id, pushkey, app_display_name,"
        " device_display_name, profile_tag, lang, data, ts, since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, pushkey, user_id)"
        " DO UPDATE SET device_id = excluded.device_id,"
        " app_display_name = excluded.app_display_name,"
        " device_display_name = excluded.device_display_name,"
        " profile_tag = excluded.profile_tag, lang = excluded.lang, data = excluded.data,"
        " ts = excluded.ts",
        pos,
        user_id,
        device_id,
        pusher.app_id,
        pusher.pushkey,
        pusher.app_display_name,
        pusher.device_display_name,
        pusher.profile_tag,
        pusher.lang,
        encode(pusher.data),
        now_ms,
        pos,
    )
    tx.run(
        "DELETE FROM pushers WHERE user_id = ? AND pusher_id <= COALESCE((SELECT pusher_id"
        " FROM pushers WHERE user_id = ? ORDER BY pusher_id DESC LIMIT 1 OFFSET ?), -1)",
        user_id,
        user_id,
        MOST_OF_ONE,
    )
    tell_changed(tx, user_id)


def remove(tx: WriteTx, user_id: UserId, app_id: str, pushkey: str) -> None:
    """Remove the person's pusher of this key, if there is one."""
    sql = "DELETE FROM pushers WHERE app_id = ? AND pushkey = ? AND user_id = ?"
    if tx.run(sql, app_id, pushkey, user_id):
        tell_changed(tx, user_id)


def remove_of_others(tx: WriteTx, user_id: UserId, app_id: str, pushkey: str) -> None:
    """Remove everybody else's pushers of this key: its device is this person's now."""
    for (other,) in tx.all(
        "SELECT user_id FROM pushers WHERE app_id = ? AND pushkey = ? AND user_id <> ?",
        app_id,
        pushkey,
        user_id,
    ):
        remove(tx, other, app_id, pushkey)


def of_user(tx: Tx, user_id: UserId) -> list[KeptPusher]:
    """The person's pushers, the oldest first."""
    return [
        _kept(row) for row in tx.all(f"{_SELECT} WHERE p.user_id = ? ORDER BY pusher_id", user_id)
    ]


def by_id(tx: Tx, pusher_id: int) -> KeptPusher | None:
    """One pusher."""
    row = tx.one(f"{_SELECT} WHERE p.pusher_id = ?", pusher_id)
    return _kept(row) if row else None


def owners(tx: Tx, among: Collection[UserId] | None = None) -> set[UserId]:
    """Who has a pusher and may use their account; of all people, or of these."""
    sql = (
        "SELECT DISTINCT p.user_id FROM pushers p JOIN accounts a ON a.user_id = p.user_id"
        f" WHERE a.standing = '{ACTIVE}'"
    )
    if among is None:
        return {row[0] for row in tx.all(sql)}
    found: set[UserId] = set()
    for part, marks in in_parts(among):
        found.update(row[0] for row in tx.all(f"{sql} AND p.user_id IN ({marks})", *part))
    return found


def is_any_in(tx: Tx, room_id: RoomId) -> bool:
    """Whether anybody who is in this room has a pusher."""
    sql = (
        "SELECT 1 FROM memberships m JOIN pushers p ON p.user_id = m.user_id"
        " WHERE m.room_id = ? AND m.membership = 'join' LIMIT 1"
    )
    return tx.one(sql, room_id) is not None


def _kept(row: Row) -> KeptPusher:
    pusher_id, user_id, device_id, ts, since, badge, app_id, pushkey, app, device, *words = row
    tag, lang, data = words
    pusher = Pusher(app_id, pushkey, app, device, tag, lang, orjson.loads(data))
    return KeptPusher(pusher_id, user_id, device_id, ts, since, badge, pusher)
