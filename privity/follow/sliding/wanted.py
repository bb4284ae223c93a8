"""What a request of sliding sync asks for, read and checked.

Source: MSC4186; the unstable form that today's clients send is taken, and the final one too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from privity.matrix.ids import RoomId, UserId

MOST_LISTS = 100
MOST_SUBSCRIPTIONS = 100
MOST_PATTERNS = 200
MOST_EVENTS = 100
LONGEST_NAME = 255
LONGEST_WAIT_MS = 120_000
ANY = "*"
ME = "$ME"
MEMBER = "m.room.member"
LAZY = (MEMBER, "$LAZY")

Pair = tuple[str, str]
_POSITION = re.compile(r"[0-9]{1,18}")


class BadWish(ValueError):  # noqa: N818 - named for what is wrong
    """The request cannot be understood. The text says which member of it."""


@dataclass(frozen=True, slots=True)
class StateWanted:
    """Which state is wanted: pairs of type and state key, `*` for any, and those left out again.

    With `is_lazy`, members come as they are needed and not by a pattern that takes every type.
    """

    include: frozenset[Pair]
    exclude: frozenset[Pair] = frozenset()
    is_lazy: bool = False

    @property
    def wants_all_members(self) -> bool:
        """Whether every member is wanted."""
        pairs = {(MEMBER, ANY)} if self.is_lazy else {(MEMBER, ANY), (ANY, ANY)}
        return not pairs.isdisjoint(self.include)

    def wants(self, kind: str, state_key: str) -> bool:
        """Whether this state is wanted."""
        if self.is_lazy and kind == MEMBER:
            pairs = {(kind, state_key), (kind, ANY), (ANY, state_key)}
        else:
            pairs = {(one, key) for one in (kind, ANY) for key in (state_key, ANY)}
        return not pairs.isdisjoint(self.include) and pairs.isdisjoint(self.exclude)


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """How much of a room is wanted: events of its timeline, and which of its state."""

    timeline_limit: int
    state: frozenset[StateWanted]

    def together(self, other: RoomConfig) -> RoomConfig:
        """What at least one of the two wants."""
        limit = max(self.timeline_limit, other.timeline_limit)
        return RoomConfig(limit, self.state | other.state)

    @property
    def is_lazy(self) -> bool:
        """Whether members come as they are needed."""
        is_lazy = any(each.is_lazy for each in self.state)
        return is_lazy and not any(each.wants_all_members for each in self.state)

    def wants(self, kind: str, state_key: str) -> bool:
        """Whether this state is wanted, members who are loaded lazily aside."""
        return any(each.wants(kind, state_key) for each in self.state)


@dataclass(frozen=True, slots=True)
class ListWanted:
    """A window on the person's rooms. `ranges` None: all of them. Both ends are inclusive."""

    config: RoomConfig
    ranges: tuple[tuple[int, int], ...] | None
    filters: Mapping[str, Any]

    def shows(self, index: int) -> bool:
        """Whether the room at this place of the list is in the window."""
        return self.ranges is None or any(low <= index <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class SlidingWanted:
    """The whole request. `is_final`: in the form of the final MSC, not of the unstable one."""

    conn_id: str
    timeout_ms: int
    lists: Mapping[str, ListWanted]
    subscriptions: Mapping[RoomId, RoomConfig]
    extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_final: bool = False

    def asks_for(self, extension: str) -> bool:
        """Whether this extension is switched on."""
        return self.extensions.get(extension, {}).get("enabled") is True


def parse(body: Mapping[str, Any], asker: UserId, *, is_final: bool) -> SlidingWanted:
    """The request in a body. Raises `BadWish`."""
    lists = _object(body, "lists")
    subscriptions = _object(body, "room_subscriptions")
    if len(lists) > MOST_LISTS or len(subscriptions) > MOST_SUBSCRIPTIONS:
        message = "there are too many lists or subscriptions"
        raise BadWish(message)
    conn_id = body.get("conn_id", "")
    if not isinstance(conn_id, str) or len(conn_id) > LONGEST_NAME:
        message = "'conn_id' is a short string"
        raise BadWish(message)
    timeout_ms = body.get("timeout", 0)
    if type(timeout_ms) is not int or timeout_ms < 0:
        message = "'timeout' is a number of milliseconds"
        raise BadWish(message)
    timeout_ms = min(timeout_ms, LONGEST_WAIT_MS)
    extensions = _object(body, "extensions")
    _check_extensions(extensions)
    return SlidingWanted(
        conn_id,
        timeout_ms,
        {name: _list(name, raw, asker) for name, raw in lists.items()},
        {RoomId(room_id): _config(raw, asker) for room_id, raw in subscriptions.items()},
        extensions,
        is_final,
    )


def _check_extensions(extensions: Mapping[str, Any]) -> None:
    for name, raw in extensions.items():
        if not isinstance(raw, dict):
            message = f"the extension '{name[:LONGEST_NAME]}' is an object"
            raise BadWish(message)
    since = extensions.get("to_device", {}).get("since")
    if since is not None and not (isinstance(since, str) and _POSITION.fullmatch(since)):
        message = "'since' of to_device is none of this server's"
        raise BadWish(message)


def _list(name: str, raw: object, asker: UserId) -> ListWanted:
    config = _config(raw, asker)
    if len(name) > LONGEST_NAME or not isinstance(raw, dict):
        message = "the name of a list is short"
        raise BadWish(message)
    ranges = raw.get("ranges", [raw["range"]] if "range" in raw else None)
    if ranges is not None and (
        not isinstance(ranges, list) or not all(_is_range(each) for each in ranges)
    ):
        message = "a range is two numbers, the first not above the second"
        raise BadWish(message)
    windows = None if ranges is None else tuple((low, high) for low, high in ranges)
    return ListWanted(config, windows, _object(raw, "filters"))


def _is_range(raw: object) -> bool:
    match raw:
        case [int(low), int(high)]:
            return 0 <= low <= high
    return False


def _config(raw: object, asker: UserId) -> RoomConfig:
    if not isinstance(raw, dict):
        message = "a list or a subscription is an object"
        raise BadWish(message)
    limit = raw.get("timeline_limit", 0)
    if type(limit) is not int or limit < 0:
        message = "'timeline_limit' is a whole number"
        raise BadWish(message)
    wanted = raw.get("required_state", [])
    state = _state(wanted) if isinstance(wanted, dict) else _unstable_state(wanted, asker)
    if len(state.include) + len(state.exclude) > MOST_PATTERNS:
        message = "'required_state' is too long"
        raise BadWish(message)
    return RoomConfig(min(limit, MOST_EVENTS), frozenset((state,)))


def _state(raw: dict[str, Any]) -> StateWanted:
    include = frozenset(map(_element, _elements(raw.get("include", []))))
    exclude = frozenset(map(_element, _elements(raw.get("exclude", []))))
    return StateWanted(include, exclude, raw.get("lazy_members") is True)


def _element(raw: object) -> Pair:
    if not isinstance(raw, dict):
        message = "'include' and 'exclude' are lists of objects"
        raise BadWish(message)
    return _text(raw.get("type", ANY)), _text(raw.get("state_key", ANY))


def _unstable_state(raw: object, asker: UserId) -> StateWanted:
    pairs: set[Pair] = set()
    for each in _elements(raw):
        match each:
            case [str(kind), str(key)] if len(kind) <= LONGEST_NAME and len(key) <= LONGEST_NAME:
                pairs.add((kind, asker if key == ME else key))
            case _:
                message = "'required_state' is a list of pairs of a type and a state key"
                raise BadWish(message)
    return StateWanted(frozenset(pairs - {LAZY}), is_lazy=LAZY in pairs)


def _elements(raw: object) -> list[Any]:
    if not isinstance(raw, list):
        message = "'required_state' is a list"
        raise BadWish(message)
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str) or len(raw) > LONGEST_NAME:
        message = "types and state keys are short strings"
        raise BadWish(message)
    return raw


def _object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"'{name}' is an object"
        raise BadWish(message)
    return value
