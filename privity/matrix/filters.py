"""Filters: which events a client wants, read strictly once and then asked for each event.

Source: client-server API, "Filtering"; definitions sync_filter, room_event_filter, event_filter.
A filter that is not of that shape raises `BadFilter`; members that are not known are let be.

SPEC: a limit of 0 is taken, and is none at all: clients that want only state ask so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from privity.matrix import globs

DEFAULT_LIMIT = 10
MOST_EVENTS = 200


class BadFilter(ValueError):  # noqa: N818 - named for what is wrong
    """This is no filter. The text says which member is wrong."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """An EventFilter or RoomEventFilter. `types` and `not_types` may hold `*`; None is no limit."""

    limit: int = DEFAULT_LIMIT
    types: re.Pattern[str] | None = None
    not_types: re.Pattern[str] | None = None
    senders: frozenset[str] | None = None
    not_senders: frozenset[str] = frozenset()
    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    contains_url: bool | None = None
    lazy_load_members: bool = False
    include_redundant_members: bool = False
    related_by_senders: frozenset[str] | None = None
    related_by_rel_types: frozenset[str] | None = None
    unread_thread_notifications: bool = False
    passes_everything: bool = True

    def passes(self, kind: str, sender: str, room_id: str | None, content: dict[str, Any]) -> bool:
        """Whether this event is wanted. `room_id` is None for what is in no room."""
        if self.passes_everything:
            return True
        if self.types is not None and not self.types.fullmatch(kind):
            return False
        if self.not_types is not None and self.not_types.fullmatch(kind):
            return False
        if sender in self.not_senders or (self.senders is not None and sender not in self.senders):
            return False
        if room_id is not None and not self.allows(room_id):
            return False
        return self.contains_url is None or self.contains_url == ("url" in content)

    @property
    def asks_for_relations(self) -> bool:
        """Whether an event is wanted only if others relate to it."""
        return self.related_by_senders is not None or self.related_by_rel_types is not None

    def allows(self, room_id: str) -> bool:
        """Whether events of this room are wanted at all."""
        if room_id in self.not_rooms:
            return False
        return self.rooms is None or room_id in self.rooms


@dataclass(frozen=True, slots=True)
class RoomFilter:
    """The `room` part of a filter."""

    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    include_leave: bool = False
    state: EventFilter = field(default_factory=EventFilter)
    timeline: EventFilter = field(default_factory=EventFilter)
    ephemeral: EventFilter = field(default_factory=EventFilter)
    account_data: EventFilter = field(default_factory=EventFilter)

    def allows(self, room_id: str) -> bool:
        """Whether this room is wanted at all."""
        if room_id in self.not_rooms:
            return False
        return self.rooms is None or room_id in self.rooms


@dataclass(frozen=True, slots=True)
class Filter:
    """A whole filter. `event_fields` are paths of names, None for all fields."""

    room: RoomFilter = field(default_factory=RoomFilter)
    presence: EventFilter = field(default_factory=EventFilter)
    account_data: EventFilter = field(default_factory=EventFilter)
    event_fields: tuple[tuple[str, ...], ...] | None = None
    event_format: str = "client"

    @property
    def is_shaped(self) -> bool:
        """Whether events are wanted in another form than the one that all share."""
        return self.event_fields is not None or self.event_format != "client"


EVERYTHING = Filter()


def parse(raw: object) -> Filter:
    """A filter from its JSON. Raises `BadFilter`."""
    whole = _object(raw, "filter")
    room = _object(whole.get("room", {}), "room")
    event_format = whole.get("event_format", "client")
    if event_format not in ("client", "federation"):
        raise BadFilter("event_format is client or federation")
    fields = whole.get("event_fields")
    return Filter(
        room=RoomFilter(
            rooms=_ids(room, "rooms", "!"),
            not_rooms=_ids(room, "not_rooms", "!") or frozenset(),
            include_leave=_bool(room, "include_leave"),
            state=parse_event_filter(room.get("state", {})),
            timeline=parse_event_filter(room.get("timeline", {})),
            ephemeral=parse_event_filter(room.get("ephemeral", {})),
            account_data=parse_event_filter(room.get("account_data", {})),
        ),
        presence=parse_event_filter(whole.get("presence", {})),
        account_data=parse_event_filter(whole.get("account_data", {})),
        event_fields=(
            None if fields is None else tuple(map(_path, _strings(fields, "event_fields")))
        ),
        event_format=event_format,
    )


def parse_event_filter(raw: object) -> EventFilter:
    """An EventFilter or RoomEventFilter from its JSON. Raises `BadFilter`."""
    given = _object(raw, "an event filter")
    limit = given.get("limit", DEFAULT_LIMIT)
    if type(limit) is not int or limit < 0:
        raise BadFilter("limit is a whole number, 0 or more")
    contains_url = given.get("contains_url")
    if contains_url is not None and not isinstance(contains_url, bool):
        raise BadFilter("contains_url is true or false")
    narrowing = {
        "types",
        "not_types",
        "senders",
        "not_senders",
        "rooms",
        "not_rooms",
        "contains_url",
    }
    return EventFilter(
        limit=min(limit, MOST_EVENTS),
        types=_patterns(given, "types"),
        not_types=_patterns(given, "not_types"),
        senders=_ids(given, "senders", "@"),
        not_senders=_ids(given, "not_senders", "@") or frozenset(),
        rooms=_ids(given, "rooms", "!"),
        not_rooms=_ids(given, "not_rooms", "!") or frozenset(),
        contains_url=contains_url,
        lazy_load_members=_bool(given, "lazy_load_members"),
        include_redundant_members=_bool(given, "include_redundant_members"),
        related_by_senders=_ids(given, "related_by_senders", "@"),
        related_by_rel_types=_texts(given, "related_by_rel_types"),
        unread_thread_notifications=_bool(given, "unread_thread_notifications"),
        passes_everything=not any(given.get(name) is not None for name in narrowing),
    )


def _object(raw: object, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadFilter(f"{name} is an object")
    return raw


def _strings(raw: object, name: str) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
        raise BadFilter(f"{name} is a list of strings")
    return raw


def _bool(given: dict[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise BadFilter(f"{name} is true or false")
    return value


def _ids(given: dict[str, Any], name: str, sigil: str) -> frozenset[str] | None:
    raw = given.get(name)
    if raw is None:
        return None
    ids = _strings(raw, name)
    for each in ids:
        if not each.startswith(sigil):
            raise BadFilter(f"{name} holds {each!r}, which does not begin with {sigil}")
    return frozenset(ids)


def _texts(given: dict[str, Any], name: str) -> frozenset[str] | None:
    raw = given.get(name)
    return None if raw is None else frozenset(_strings(raw, name))


def _path(field_name: str) -> tuple[str, ...]:
    """A field's name at the dots; a backslash makes a dot a letter of it, and a backslash too."""
    names = [""]
    is_escaped = False
    for letter in field_name:
        if is_escaped and letter not in ".\\":
            names[-1] += "\\"
        if letter == "." and not is_escaped:
            names.append("")
        elif letter != "\\" or is_escaped:
            names[-1] += letter
        is_escaped = letter == "\\" and not is_escaped
    return tuple(names)


def _patterns(given: dict[str, Any], name: str) -> re.Pattern[str] | None:
    raw = given.get(name)
    if raw is None:
        return None
    alternatives = [globs.any_star(each) for each in _strings(raw, name)]
    return re.compile("|".join(alternatives) if alternatives else r"(?!)", re.DOTALL)
