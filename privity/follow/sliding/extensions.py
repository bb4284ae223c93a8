"""The extensions of an answer: messages to the device, keys, account data, receipts, typing.

1. Each is told only if the request switches it on; those about rooms only of the rooms that the
   request wants to hear of, and that the extension's `lists` and `rooms` do not leave out.
2. Messages to the device go when the device names the place up to which it has them.
3. Of the receipts of a room that is new to the device it gets those at the events that it is told,
   and its own; of each person one an event.

Source: MSC3885 (to_device), MSC3884 (e2ee), MSC3959 (account_data), MSC3960 (receipts), MSC3961
(typing), as MSC4186 has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.follow.sliding.lists import Interest, Wants
from privity.follow.sliding.news import Look
from privity.follow.sliding.rendering import Told
from privity.follow.sliding.wanted import SlidingWanted
from privity.follow.sync.beside import with_default_rules
from privity.follow.sync.rendering import account_items, receipts_of
from privity.follow.sync.sharing import DeviceLists
from privity.house import House
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId
from privity.rooms.as_seen import array
from privity.store import account_data, inbox, receipts
from privity.store.account_data import Item
from privity.store.device_facts import DeviceFacts
from privity.store.engine import Tx
from privity.store.streams import ReceiptMoved

MOST_MESSAGES = 100
ALL = "*"


def has_upto(wanted: SlidingWanted) -> int | None:  # 2
    """The position up to which the device has its messages; None if it does not say."""
    if not wanted.asks_for("to_device"):
        return None
    since = wanted.extensions["to_device"].get("since")
    return int(since) if since is not None else None


def covered(wanted: SlidingWanted, name: str, wants: Wants) -> Iterable[RoomId]:  # 1
    """The rooms that an extension is told of."""
    if not wanted.asks_for(name):
        return ()
    asked = wanted.extensions[name]
    lists, rooms = asked.get("lists"), asked.get("rooms")
    return [
        room_id
        for room_id, interest in wants.interests.items()
        if _is_covered(interest, room_id, lists, rooms)
    ]


def _is_covered(interest: Interest, room_id: RoomId, lists: object, rooms: object) -> bool:
    by_list = bool(interest.lists) and (
        not isinstance(lists, list) or ALL in lists or any(name in lists for name in interest.lists)
    )
    by_room = interest.is_subscribed and (
        not isinstance(rooms, list) or ALL in rooms or room_id in rooms
    )
    return by_list or by_room


@dataclass(slots=True)
class Beside:
    """What stands beside the rooms' events, as it was read, or as memory has it."""

    messages: list[tuple[int, bytes]] = field(default_factory=list)
    everywhere: list[Item] = field(default_factory=list)
    in_rooms: dict[RoomId, list[Item]] = field(default_factory=dict)
    receipts: dict[RoomId, list[ReceiptMoved]] = field(default_factory=dict)


def read(
    tx: Tx, look: Look, wanted: SlidingWanted, since: Mapping[str, dict[RoomId, int]]
) -> Beside:
    """Read it. `since` is, by extension, the rooms of which more may be, each with its position."""
    beside, viewer, user_id = Beside(), look.viewer, look.person.user_id
    if wanted.asks_for("to_device"):
        device_id, most = viewer.device_id, _most_messages(wanted)
        beside.messages = inbox.waiting(tx, user_id, device_id, look.upto, most)
    if wanted.asks_for("account_data"):
        beside.everywhere = account_data.changed(tx, user_id, None, look.since_pos, look.upto)
        if look.since is None:
            beside.everywhere = with_default_rules(beside.everywhere, user_id)
        behind = since["account_data"]
        new = [room_id for room_id, pos in behind.items() if pos == 0]
        found = account_data.of_rooms(tx, user_id, new, look.upto)
        for room_id, pos in behind.items():
            if pos > 0:
                found[room_id] = account_data.changed(tx, user_id, room_id, pos, look.upto)
        beside.in_rooms = {room_id: changed for room_id, changed in found.items() if changed}
    behind = since["receipts"]
    for room_id, moved in receipts.in_rooms(tx, user_id, list(behind), look.upto).items():
        beside.receipts[room_id] = [each for each in moved if each.pos > behind[room_id]]
    return beside


def rendered(
    house: House, told: Told, wanted: SlidingWanted, wants: Wants, beside: Beside
) -> dict[str, bytes]:
    """What there is to tell, by extension; `e2ee` apart."""
    look = told.look
    extensions: dict[str, bytes] = {}
    if beside.messages or (look.since is None and wanted.asks_for("to_device")):
        is_more = len(beside.messages) == _most_messages(wanted)
        upto = beside.messages[-1][0] if is_more else look.upto
        found = array([message for _, message in beside.messages])
        extensions["to_device"] = b'{"next_batch":"%d","events":%s}' % (upto, found)
    if beside.everywhere or beside.in_rooms:
        by_room = b",".join(
            orjson.dumps(room_id) + b":" + account_items(changed)
            for room_id, changed in beside.in_rooms.items()
        )
        everywhere = account_items(beside.everywhere)
        extensions["account_data"] = b'{"global":%s,"rooms":{%s}}' % (everywhere, by_room)
    moved = {room_id: _receipts(told, room_id, each) for room_id, each in beside.receipts.items()}
    _add_rooms(extensions, "receipts", "m.receipt", moved)
    _add_rooms(extensions, "typing", "m.typing", _typing(house, told, wanted, wants))
    return extensions


def keys(facts: DeviceFacts, lists: DeviceLists) -> bytes:
    """`e2ee`."""
    told: dict[str, Any] = {
        "device_one_time_keys_count": facts.one_time_key_counts,
        "device_unused_fallback_key_types": facts.unused_fallback_types,
    }
    if lists.changed or lists.left:
        told["device_lists"] = {"changed": sorted(lists.changed), "left": sorted(lists.left)}
    return orjson.dumps(told)


def _most_messages(wanted: SlidingWanted) -> int:
    limit = wanted.extensions["to_device"].get("limit")
    return min(max(limit, 1), MOST_MESSAGES) if type(limit) is int else MOST_MESSAGES


def _receipts(told: Told, room_id: RoomId, moved: list[ReceiptMoved]) -> dict[str, Any] | None:
    news = told.rooms.get(room_id)
    if news is not None and news.is_initial:  # 3
        shown = {each.event.event_id for each in news.section.timeline}
        own = told.look.person.user_id
        moved = [each for each in moved if each.user_id == own or each.event_id in shown]
    return receipts_of(moved)[0] if moved else None


def _typing(
    house: House, told: Told, wanted: SlidingWanted, wants: Wants
) -> dict[RoomId, dict[str, Any] | None]:
    look, typing = told.look, house.store.typing
    since = look.since.typing if look.since else 0
    found: dict[RoomId, dict[str, Any] | None] = {}
    for room_id in covered(wanted, "typing", wants):
        if room_id not in look.person.joined:
            continue
        news = told.rooms.get(room_id)
        is_new = news is not None and news.is_initial
        typists = typing.in_room(room_id, 0 if is_new else since)
        if typists or (typists is not None and not is_new):
            found[room_id] = {"user_ids": typists}
    return found


def _add_rooms(
    extensions: dict[str, bytes],
    name: str,
    kind: str,
    contents: Mapping[RoomId, dict[str, Any] | None],
) -> None:
    rooms = {
        room_id: {"type": kind, "content": content}
        for room_id, content in contents.items()
        if content is not None
    }
    if rooms:
        extensions[name] = b'{"rooms":%s}' % encode(rooms)
