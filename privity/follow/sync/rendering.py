"""A sync's answer as bytes: spliced from events that were rendered once for everybody.

Source: client-server API, "GET /sync", response.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.follow.sync.section import Section
from privity.follow.sync.sharing import DeviceLists
from privity.follow.sync.unread import Count
from privity.follow.sync.wanted import Asked
from privity.matrix import client_event
from privity.matrix.canonical_json import encode
from privity.matrix.ids import RoomId, UserId
from privity.matrix.tokens import SyncToken, history_token
from privity.rooms.as_seen import array
from privity.rooms.as_seen import render as render_event
from privity.store.account_data import Item
from privity.store.device_facts import DeviceFacts
from privity.store.streams import ReceiptMoved

HEROES = 5
STRIPPED = (
    "m.room.create",
    "m.room.name",
    "m.room.avatar",
    "m.room.topic",
    "m.room.join_rules",
    "m.room.canonical_alias",
    "m.room.encryption",
)


@dataclass(slots=True)
class Parts:
    """What an answer is made of."""

    asked: Asked
    next: SyncToken
    joined: dict[RoomId, Section] = field(default_factory=dict)
    invited: dict[RoomId, Section] = field(default_factory=dict)
    knocked: dict[RoomId, Section] = field(default_factory=dict)
    left: dict[RoomId, Section] = field(default_factory=dict)
    counts: dict[RoomId, Count] = field(default_factory=dict)
    receipts: dict[RoomId, list[ReceiptMoved]] = field(default_factory=dict)
    typing: dict[RoomId, list[UserId]] = field(default_factory=dict)
    account_data: list[Item] = field(default_factory=list)
    room_account_data: dict[RoomId, list[Item]] = field(default_factory=dict)
    bundled: dict[str, bytes] = field(default_factory=dict)
    device_lists: DeviceLists = field(default_factory=DeviceLists)
    device_facts: DeviceFacts = field(default_factory=DeviceFacts)
    messages: list[bytes] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        """Whether there is anything in it that the device does not have."""
        lists = self.device_lists
        return bool(
            self.invited
            or self.knocked
            or self.left
            or self.typing
            or self.account_data
            or self.messages
            or lists.changed
            or lists.left
            or any(self._has_news(room_id) for room_id in self.joined)
        )

    def _has_news(self, room_id: RoomId) -> bool:
        section = self.joined[room_id]
        return bool(
            section.is_whole
            or section.timeline
            or section.state
            or room_id in self.receipts
            or room_id in self.room_account_data
        )


def render(parts: Parts) -> bytes:
    """The whole answer."""
    facts = parts.device_facts
    members = [
        b'"next_batch":"%s"' % str(parts.next).encode(),
        b'"device_one_time_keys_count":%s' % orjson.dumps(facts.one_time_key_counts),
        b'"device_unused_fallback_key_types":%s' % orjson.dumps(facts.unused_fallback_types),
    ]
    if rooms := _rooms(parts):
        members.append(b'"rooms":{%s}' % rooms)
    if parts.account_data:
        keep = parts.asked.wanted.filter.account_data
        members.append(b'"account_data":{"events":%s}' % _items(parts.account_data, keep, None))
    if parts.messages:
        members.append(b'"to_device":{"events":%s}' % array(parts.messages))
    lists = parts.device_lists
    if lists.changed or lists.left:
        told = {"changed": sorted(lists.changed), "left": sorted(lists.left)}
        members.append(b'"device_lists":%s' % orjson.dumps(told))
    return b"{%s}" % b",".join(members)


def _rooms(parts: Parts) -> bytes:
    joined = {room_id: _joined(parts, section) for room_id, section in parts.joined.items()}
    for room_id in parts.typing.keys() - joined.keys():
        joined[room_id] = b'{"ephemeral":{"events":%s}}' % array(_ephemeral(parts, room_id))
    invited = {room_id: _stripped(parts, s, b"invite") for room_id, s in parts.invited.items()}
    knocked = {room_id: _stripped(parts, s, b"knock") for room_id, s in parts.knocked.items()}
    left = {room_id: b"{%s}" % _events(parts, s) for room_id, s in parts.left.items()}
    return b",".join(
        b'"%s":{%s}'
        % (name, b",".join(orjson.dumps(room_id) + b":" + one for room_id, one in rooms.items()))
        for name, rooms in (
            (b"join", joined),
            (b"invite", invited),
            (b"knock", knocked),
            (b"leave", left),
        )
        if rooms
    )


def _joined(parts: Parts, section: Section) -> bytes:
    room_id = section.room_id
    members = [_events(parts, section)]
    count = parts.counts.get(room_id)
    if count is not None:
        members.append(
            b'"unread_notifications":{"highlight_count":%d,"notification_count":%d}'
            % (count.highlights, count.notifications)
        )
    if summary := _summary(parts, section):
        members.append(b'"summary":%s' % orjson.dumps(summary))
    if ephemeral := _ephemeral(parts, room_id):
        members.append(b'"ephemeral":{"events":%s}' % array(ephemeral))
    if items := parts.room_account_data.get(room_id):
        keep = parts.asked.wanted.filter.room.account_data
        members.append(b'"account_data":{"events":%s}' % _items(items, keep, room_id))
    return b"{%s}" % b",".join(members)


def _events(parts: Parts, section: Section) -> bytes:
    viewer = parts.asked.viewer
    timeline = [
        render_event(
            placed,
            viewer,
            section.membership_at(placed),
            parts.bundled.get(placed.event.event_id),
            with_room_id=False,
        )
        for placed in section.timeline
    ]
    state = [render_event(placed, viewer, None, with_room_id=False) for placed in section.state]
    use_after = parts.asked.wanted.use_state_after
    return b'"timeline":{"events":%s,"limited":%s,"prev_batch":"%s"},"%s":{"events":%s}' % (
        array(timeline),
        b"true" if section.is_limited else b"false",
        history_token(section.prev).encode(),
        b"state_after" if use_after else b"state",
        array(state),
    )


def _stripped(parts: Parts, section: Section, name: bytes) -> bytes:
    """What somebody sees of a room that they are not in yet, and their own event."""
    state = section.head.state
    own = state.get(("m.room.member", parts.asked.person.user_id))
    shown = [state[kind, ""].event for kind in STRIPPED if (kind, "") in state]
    if own is not None:
        inviter = state.get(("m.room.member", own.event.sender))
        if inviter is not None and inviter is not own:
            shown.append(inviter.event)
        shown.append(own.event)
    rendered = encode([client_event.stripped(event) for event in shown])
    return b'{"%s_state":{"events":%s}}' % (name, rendered)


def _ephemeral(parts: Parts, room_id: RoomId) -> list[bytes]:
    keep = parts.asked.wanted.filter.room.ephemeral
    rendered = []
    typists = parts.typing.get(room_id)
    if typists is not None and keep.passes("m.typing", "", room_id, {}):
        rendered.append(encode({"type": "m.typing", "content": {"user_ids": typists}}))
    moved = parts.receipts.get(room_id)
    if moved and keep.passes("m.receipt", "", room_id, {}):
        rendered += [
            encode({"type": "m.receipt", "content": content}) for content in receipts_of(moved)
        ]
    return rendered


def receipts_of(moved: list[ReceiptMoved]) -> list[dict[str, Any]]:
    """The contents of `m.receipt`: event, kind, person. The newest of each person's counts.

    One content has room for one thread of a person at an event; another goes into the next.
    """
    newest = {(each.user_id, each.type, each.thread_id): each for each in moved}
    contents: list[dict[str, Any]] = []
    for each in newest.values():
        receipt: dict[str, Any] = {"ts": each.ts}
        if each.thread_id:
            receipt["thread_id"] = each.thread_id
        for content in contents:
            of_kind = content.setdefault(each.event_id, {}).setdefault(each.type, {})
            if each.user_id not in of_kind:
                of_kind[each.user_id] = receipt
                break
        else:
            contents.append({each.event_id: {each.type: {each.user_id: receipt}}})
    return contents


def _items(items: list[Item], keep: Any, room_id: RoomId | None) -> bytes:  # noqa: ANN401
    return array(
        [
            b'{"type":%s,"content":%s}' % (orjson.dumps(item.type), item.content)
            for item in items
            if keep.passes_everything or keep.passes(item.type, "", room_id, {})
        ]
    )


def _summary(parts: Parts, section: Section) -> dict[str, Any]:
    """Heroes and counts, when they may have changed."""
    if not section.is_whole and not any(
        placed.event.type == "m.room.member" for placed in (*section.timeline, *section.state)
    ):
        return {}
    head = section.head
    invited = [
        key
        for (kind, key), placed in head.state.items()
        if kind == "m.room.member" and placed.event.content.get("membership") == "invite"
    ]
    summary: dict[str, Any] = {
        "m.joined_member_count": len(head.joined),
        "m.invited_member_count": len(invited),
    }
    named = any(head.state.get((kind, "")) for kind in ("m.room.name", "m.room.canonical_alias"))
    if not named:
        others = sorted(({*head.joined, *invited}) - {parts.asked.person.user_id})
        summary["m.heroes"] = others[:HEROES]
    return summary
