"""A sync's answer as bytes: spliced from events that were rendered once for everybody.

Source: client-server API, "GET /sync", response.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from privity.follow.sync.section import Section
from privity.follow.sync.sharing import DeviceLists
from privity.follow.sync.unread import Count, Tally
from privity.follow.sync.wanted import Asked
from privity.guard.strangers import WORDLESS_STATE
from privity.matrix import client_event
from privity.matrix.canonical_json import encode
from privity.matrix.events import Event
from privity.matrix.ids import RoomId, UserId
from privity.matrix.tokens import SyncToken, history_token
from privity.rooms.as_seen import array
from privity.rooms.as_seen import render as render_event
from privity.rooms.shape import shaped
from privity.store.account_data import Item
from privity.store.device_facts import DeviceFacts
from privity.store.streams import ReceiptMoved

WORDLESS_MEMBER = ("membership", "is_direct")
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
    presence: list[bytes] = field(default_factory=list)

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
            or self.presence
            or lists.changed
            or lists.left
            or any(self.has_news_of(room_id) for room_id in self.joined)
        )

    def has_news_of(self, room_id: RoomId) -> bool:
        """Whether there is anything of this room that the device does not have."""
        section = self.joined[room_id]
        return bool(
            section.is_whole
            or section.timeline
            or section.state
            or room_id in self.receipts
            or room_id in self.room_account_data
            or room_id in self.typing
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
        members.append(b'"account_data":{"events":%s}' % account_items(parts.account_data))
    if parts.messages:
        members.append(b'"to_device":{"events":%s}' % array(parts.messages))
    if parts.presence:
        members.append(b'"presence":{"events":%s}' % array(parts.presence))
    lists = parts.device_lists
    if lists.changed or lists.left:
        told = {"changed": sorted(lists.changed), "left": sorted(lists.left)}
        members.append(b'"device_lists":%s' % orjson.dumps(told))
    return b"{%s}" % b",".join(members)


def _rooms(parts: Parts) -> bytes:
    tells_all = parts.asked.wanted.full_state
    joined = {
        room_id: _joined(parts, section)
        for room_id, section in parts.joined.items()
        if tells_all or parts.has_news_of(room_id)
    }
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
        members.append(_unread(parts, count))
    if section.summary is not None:
        members.append(b'"summary":%s' % orjson.dumps(section.summary))
    ephemeral = _ephemeral(parts, room_id)
    if ephemeral or section.is_whole:
        members.append(b'"ephemeral":{"events":%s}' % array(ephemeral))
    if items := parts.room_account_data.get(room_id):
        members.append(b'"account_data":{"events":%s}' % account_items(items))
    return b"{%s}" % b",".join(members)


def _unread(parts: Parts, count: Count) -> bytes:
    if not count.threads:
        return b'"unread_notifications":%s' % _tally(count.main)
    if not parts.asked.wanted.filter.room.timeline.unread_thread_notifications:
        return b'"unread_notifications":%s' % _tally(count.together())
    threads = b",".join(
        orjson.dumps(root) + b":" + _tally(tally) for root, tally in count.threads.items()
    )
    return b'"unread_notifications":%s,"unread_thread_notifications":{%s}' % (
        _tally(count.main),
        threads,
    )


def _tally(tally: Tally) -> bytes:
    return b'{"highlight_count":%d,"notification_count":%d}' % (
        tally.highlights,
        tally.notifications,
    )


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
    wanted = parts.asked.wanted
    if wanted.filter.is_shaped:
        timeline = shaped(timeline, section.timeline, wanted.filter)
        state = shaped(state, section.state, wanted.filter)
    use_after = wanted.use_state_after
    return b'"timeline":{"events":%s,"limited":%s,"prev_batch":"%s"},"%s":{"events":%s}' % (
        array(timeline),
        b"true" if section.is_limited else b"false",
        history_token(section.prev).encode(),
        b"state_after" if use_after else b"state",
        array(state),
    )


def _stripped(parts: Parts, section: Section, name: bytes) -> bytes:
    """An invitation, or the answer that somebody who knocked waits for."""
    return b'{"%s_state":{"events":%s}}' % (
        name,
        stripped_state(section, parts.asked.person.user_id),
    )


def stripped_state(section: Section, user_id: UserId) -> bytes:
    """What somebody sees of a room that they are not in yet, and their own event: a JSON array."""
    state = section.head.state
    own = state.get(("m.room.member", user_id))
    kinds = STRIPPED if section.shows_words else WORDLESS_STATE
    shown = [client_event.stripped(state[kind, ""].event) for kind in kinds if (kind, "") in state]
    if own is not None:
        inviter = state.get(("m.room.member", own.event.sender))
        if inviter is not None and inviter is not own:
            shown.append(_member(inviter.event, section))
        shown.append(_member(own.event, section))
    return encode(shown)


def _member(event: Event, section: Section) -> dict[str, Any]:
    """Somebody's membership; without the name that they chose, if the person is to see none."""
    member: dict[str, Any] = client_event.stripped(event)
    if not section.shows_words:
        member["content"] = {
            name: value for name, value in member["content"].items() if name in WORDLESS_MEMBER
        }
    return member


def _ephemeral(parts: Parts, room_id: RoomId) -> list[bytes]:
    rendered = []
    typists = parts.typing.get(room_id)
    if typists is not None:
        rendered.append(encode({"type": "m.typing", "content": {"user_ids": typists}}))
    if moved := parts.receipts.get(room_id):
        rendered += [
            encode({"type": "m.receipt", "content": content}) for content in receipts_of(moved)
        ]
    return rendered


def receipts_of(moved: list[ReceiptMoved]) -> list[dict[str, Any]]:
    """The contents of `m.receipt`: event, kind, person. The newest of each person's counts.

    One content has room for one thread of a person at an event; another goes into the next. One
    of no thread says all that others of the same person at the same event would.
    """
    newest = {(each.user_id, each.type, each.thread_id): each for each in moved}
    contents: list[dict[str, Any]] = []
    for each in sorted(newest.values(), key=lambda each: each.thread_id != ""):
        receipt: dict[str, Any] = {"ts": each.ts}
        if each.thread_id:
            whole = newest.get((each.user_id, each.type, ""))
            if whole is not None and whole.event_id == each.event_id:
                continue
            receipt["thread_id"] = each.thread_id
        for content in contents:
            of_kind = content.setdefault(each.event_id, {}).setdefault(each.type, {})
            if each.user_id not in of_kind:
                of_kind[each.user_id] = receipt
                break
        else:
            contents.append({each.event_id: {each.type: {each.user_id: receipt}}})
    return contents


def account_items(items: list[Item]) -> bytes:
    """Account data as a JSON array."""
    return array(
        [b'{"type":%s,"content":%s}' % (orjson.dumps(item.type), item.content) for item in items]
    )
