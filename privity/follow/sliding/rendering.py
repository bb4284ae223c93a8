"""An answer of sliding sync as bytes: spliced from events that were rendered once for everybody.

Source: MSC4186, "Response Body". The final form and the unstable one differ in a few names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from privity.follow.sliding.news import NOT_YET_IN, Look, News
from privity.follow.sync.rendering import stripped_state
from privity.matrix.ids import RoomId
from privity.matrix.tokens import history_token
from privity.rooms.as_seen import array, render
from privity.store.events import Placed
from privity.store.heads import Head


@dataclass(slots=True)
class Told:
    """What an answer is made of. `extensions` holds each one rendered, by its name."""

    look: Look
    is_final: bool
    counts: Mapping[str, int]
    in_view: set[RoomId]
    has_news: bool = False
    rooms: dict[RoomId, News] = field(default_factory=dict)
    extensions: dict[str, bytes] = field(default_factory=dict)


def rendered(told: Told, pos: str) -> bytes:
    """The whole answer, after which the device is at `pos`."""
    lists = {name: {"count": count} for name, count in told.counts.items()}
    rooms = b",".join(
        orjson.dumps(room_id) + b":" + _room(told, news) for room_id, news in told.rooms.items()
    )
    extensions = b",".join(
        orjson.dumps(name) + b":" + content for name, content in told.extensions.items()
    )
    return b'{"pos":"%s","lists":%s,"rooms":{%s},"extensions":{%s}}' % (
        pos.encode(),
        orjson.dumps(lists),
        rooms,
        extensions,
    )


def _room(told: Told, news: News) -> bytes:
    standing = news.standing
    is_in = standing.membership == "join"
    members = [
        b'"membership":%s' % orjson.dumps(standing.membership),
        b'"bump_stamp":%d' % (news.active.bump if is_in else standing.pos),
    ]
    if news.interest.lists:
        members.append(b'"lists":%s' % orjson.dumps(news.interest.lists))
    if news.is_initial:
        members.append(b'"initial":true')
    is_known_dm = news.given is not None and news.given.is_dm
    if news.is_dm != is_known_dm:
        members.append(b'"is_dm":%s' % orjson.dumps(news.is_dm))
    if standing.membership in NOT_YET_IN:
        stripped = stripped_state(news.section, told.look.person.user_id)
        name = b"stripped_state" if told.is_final else b"invite_state"
        members.append(b'"%s":%s' % (name, stripped))
        return b"{%s}" % b",".join(members)
    members += _events(told, news)
    members += _named(news)
    if is_in:
        members += _counted(news)
    return b"{%s}" % b",".join(members)


def _events(told: Told, news: News) -> list[bytes]:
    section, viewer = news.section, told.look.viewer
    timeline = [
        render(
            placed,
            viewer,
            section.membership_at(placed),
            news.bundled.get(placed.event.event_id),
            with_room_id=False,
        )
        for placed in section.timeline
    ]
    state = [render(placed, viewer, None, with_room_id=False) for placed in news.state]
    members = [
        b'"timeline":%s' % array(timeline),
        b'"required_state":%s' % array(state),
        b'"prev_batch":"%s"' % history_token(section.prev).encode(),
        b'"limited":%s' % orjson.dumps(section.is_limited),
        b'"num_live":%d' % news.live(told.look.since),
    ]
    if news.is_expanded and not news.is_initial:
        name = b"expanded_timeline" if told.is_final else b"unstable_expanded_timeline"
        members.append(b'"%s":true' % name)
    return members


def _named(news: News) -> list[bytes]:
    """The name and the picture that the room has, if they may be new."""
    section = news.section
    changed = {
        (placed.event.type, placed.event.state_key): placed
        for placed in (*section.state, *section.timeline)
        if placed.event.state_key is not None
    }
    members = []
    for kind, member, name in (
        ("m.room.name", "name", b"name"),
        ("m.room.avatar", "url", b"avatar"),
    ):
        placed = changed.get((kind, ""))
        if placed is not None:
            value = placed.event.content.get(member)
            is_given = isinstance(value, str) and value != ""
            if is_given or not news.is_initial:
                members.append(b'"%s":%s' % (name, orjson.dumps(value if is_given else None)))
    return members


def _counted(news: News) -> list[bytes]:
    members = []
    if news.summary is not None:
        members += [
            b'"joined_count":%d' % news.summary["m.joined_member_count"],
            b'"invited_count":%d' % news.summary["m.invited_member_count"],
        ]
        if "m.heroes" in news.summary:
            heroes = [_hero(news.section.head, each) for each in news.summary["m.heroes"]]
            members.append(b'"heroes":%s' % orjson.dumps(heroes))
    if news.count is not None:
        tally = news.count.together()
        members += [
            b'"notification_count":%d' % tally.notifications,
            b'"highlight_count":%d' % tally.highlights,
        ]
    return members


def _hero(head: Head, user_id: str) -> dict[str, str]:
    hero = {"user_id": user_id}
    placed: Placed | None = head.state.get(("m.room.member", user_id))
    content = placed.event.content if placed else {}
    for name in ("displayname", "avatar_url"):
        if isinstance(content.get(name), str):
            hero[name] = content[name]
    return hero
