"""What a room shows of itself to who stands at its door: its name, its topic, how many are in it.

It is shown to whom one of these holds for (client-server API, `GET /hierarchy`); to everybody else
the room is not there (404, or left out of a list):

1. they are in it, or invited
2. they may walk in: its join rule is `public`, or `restricted` and they are in a room that it names
3. they may knock: `knock`, `knock_restricted`
4. its history is `world_readable`
"""

from __future__ import annotations

from typing import Any

from privity.matrix.ids import RoomId
from privity.store.heads import Head
from privity.store.people import Person

SPACE = "m.space"
MEGOLM = "m.megolm.v1.aes-sha2"
RESTRICTED = frozenset({"restricted", "knock_restricted"})
_OPEN = frozenset({"public", "knock", "knock_restricted"})
_TEXTS = (
    ("m.room.name", "name", "name"),
    ("m.room.topic", "topic", "topic"),
    ("m.room.avatar", "url", "avatar_url"),
    ("m.room.canonical_alias", "alias", "canonical_alias"),
)


def may_preview(head: Head, person: Person) -> bool:
    """Whether this person may know of the room."""
    standing = person.rooms.get(head.room_id)
    membership = standing.membership if standing else None
    if membership in {"join", "invite"}:  # 1
        return True
    if is_world_readable(head):  # 4
        return True
    if membership == "ban":
        return False
    rule = join_rule(head)
    if rule in _OPEN:  # 2 3
        return True
    return rule == "restricted" and not person.joined.isdisjoint(allowed_rooms(head))  # 2


def is_world_readable(head: Head) -> bool:
    """Whether everybody may read the room's history."""
    visibility = _content(head, "m.room.history_visibility").get("history_visibility")
    return visibility == "world_readable"


def join_rule(head: Head) -> str:
    """The room's join rule; `invite` where it is not set."""
    rule = _content(head, "m.room.join_rules").get("join_rule")
    return rule if isinstance(rule, str) else "invite"


def allowed_rooms(head: Head) -> list[RoomId]:
    """The rooms whose members may join, by the room's join rules."""
    if join_rule(head) not in RESTRICTED:
        return []
    allow = _content(head, "m.room.join_rules").get("allow")
    return [
        RoomId(one["room_id"])
        for one in (allow if isinstance(allow, list) else [])
        if isinstance(one, dict)
        and one.get("type") == "m.room_membership"
        and isinstance(one.get("room_id"), str)
    ]


def summary_of(head: Head) -> dict[str, Any]:
    """The room in short (client-server API, RoomSummary)."""
    visibility = _content(head, "m.room.history_visibility").get("history_visibility")
    guests = _content(head, "m.room.guest_access").get("guest_access")
    summary: dict[str, Any] = {
        "room_id": head.room_id,
        "num_joined_members": len(head.joined),
        "world_readable": visibility == "world_readable",
        "guest_can_join": guests == "can_join",
        "join_rule": join_rule(head),
        "room_version": head.version.id,
    }
    for kind, member, name in _TEXTS:
        text = _content(head, kind).get(member)
        if isinstance(text, str) and text:
            summary[name] = text
    if room_type := type_of(head):
        summary["room_type"] = room_type
    if allowed := allowed_rooms(head):
        summary["allowed_room_ids"] = allowed
    if _content(head, "m.room.encryption").get("algorithm") == MEGOLM:
        summary["encryption"] = MEGOLM
    return summary


def type_of(head: Head) -> str | None:
    """What kind of room it is: `m.space`, or None for a plain one."""
    kind = _content(head, "m.room.create").get("type")
    return kind if isinstance(kind, str) else None


def _content(head: Head, kind: str) -> dict[str, Any]:
    placed = head.state.get((kind, ""))
    return placed.event.content if placed else {}
