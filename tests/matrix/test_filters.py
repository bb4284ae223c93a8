"""A filter lets through what the specification says, and is refused unless it has its shape."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.filters import (
    DEFAULT_LIMIT,
    EVERYTHING,
    MOST_EVENTS,
    BadFilter,
    EventFilter,
    parse,
    parse_event_filter,
)

ANN, BEN = "@ann:privity.test", "@ben:privity.test"
ROOM, OTHER = "!room:privity.test", "!other:privity.test"
Described = tuple[str, str, str, dict[str, Any]]
MESSAGE: Described = ("m.room.message", ANN, ROOM, {"body": "hello"})
PICTURE: Described = ("m.room.message", ANN, ROOM, {"url": "mxc://privity.test/abc"})
TOPIC: Described = ("m.room.topic", BEN, ROOM, {"topic": "tea"})
ELSEWHERE: Described = ("m.room.message", BEN, OTHER, {})
ALL = (MESSAGE, PICTURE, TOPIC, ELSEWHERE)


def passing(given: dict[str, Any]) -> list[Any]:
    kept = parse_event_filter(given)
    return [event for event in ALL if kept.passes(*event)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ALL),
        ({"types": ["m.room.message"]}, (MESSAGE, PICTURE, ELSEWHERE)),
        ({"types": ["m.room.*"]}, ALL),
        ({"types": ["m.*.topic", "x"]}, (TOPIC,)),
        ({"types": []}, ()),
        ({"not_types": []}, ALL),
        ({"not_types": ["*.topic"]}, (MESSAGE, PICTURE, ELSEWHERE)),
        ({"types": ["*"], "not_types": ["m.room.message"]}, (TOPIC,)),
        ({"senders": [ANN]}, (MESSAGE, PICTURE)),
        ({"senders": [ANN, BEN], "not_senders": [ANN]}, (TOPIC, ELSEWHERE)),
        ({"senders": []}, ()),
        ({"rooms": [OTHER]}, (ELSEWHERE,)),
        ({"rooms": [ROOM, OTHER], "not_rooms": [ROOM]}, (ELSEWHERE,)),
        ({"contains_url": True}, (PICTURE,)),
        ({"contains_url": False}, (MESSAGE, TOPIC, ELSEWHERE)),
        ({"types": ["m.room.message"], "senders": [BEN]}, (ELSEWHERE,)),
        ({"org.example.unknown": {"of": "tomorrow"}}, ALL),
    ],
)
def test_a_filter_lets_through(given: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert passing(given) == list(expected)


def test_a_filter_without_narrowing_says_so() -> None:
    assert parse_event_filter({"limit": 5, "lazy_load_members": True}).passes_everything
    assert not parse_event_filter({"not_types": ["m.reaction"]}).passes_everything


def test_what_is_in_no_room_is_not_asked_for_its_room() -> None:
    assert parse_event_filter({"rooms": [ROOM]}).passes("m.presence", ANN, None, {})


def test_the_limit_has_a_default_and_a_ceiling() -> None:
    assert EventFilter().limit == DEFAULT_LIMIT
    assert parse_event_filter({"limit": 3}).limit == 3
    assert parse_event_filter({"limit": 10**9}).limit == MOST_EVENTS


def test_every_part_of_a_whole_filter_is_read() -> None:
    whole = parse(
        {
            "event_fields": ["type", "content.body"],
            "event_format": "federation",
            "presence": {"types": []},
            "account_data": {"limit": 1},
            "room": {
                "rooms": [ROOM],
                "not_rooms": [OTHER],
                "include_leave": True,
                "state": {"lazy_load_members": True, "include_redundant_members": True},
                "timeline": {"limit": 2, "unread_thread_notifications": True},
                "ephemeral": {"not_types": ["m.typing"]},
                "account_data": {"types": ["m.tag"]},
            },
        }
    )
    room = whole.room
    assert whole.event_fields == (("type",), ("content", "body"))
    assert whole.event_format == "federation"
    assert not whole.presence.passes("m.presence", ANN, None, {})
    assert room.allows(ROOM)
    assert not room.allows(OTHER)
    assert room.include_leave
    assert room.state.lazy_load_members
    assert room.state.include_redundant_members
    assert room.timeline.limit == 2
    assert room.timeline.unread_thread_notifications
    assert not room.ephemeral.passes("m.typing", "", ROOM, {})
    assert not room.account_data.passes("m.fully_read", "", ROOM, {})


def test_an_empty_filter_is_everything() -> None:
    assert parse({}) == EVERYTHING


@pytest.mark.parametrize(
    "given",
    [
        [],
        "0",
        None,
        {"room": []},
        {"room": {"rooms": ROOM}},
        {"room": {"rooms": ["#alias:privity.test"]}},
        {"room": {"not_rooms": [1]}},
        {"room": {"include_leave": "yes"}},
        {"room": {"timeline": {"limit": "10"}}},
        {"room": {"timeline": {"limit": 1.5}}},
        {"room": {"timeline": {"limit": True}}},
        {"room": {"timeline": {"limit": -1}}},
        {"room": {"timeline": {"types": "m.room.message"}}},
        {"room": {"timeline": {"types": [None]}}},
        {"room": {"timeline": {"senders": ["ann"]}}},
        {"room": {"state": {"lazy_load_members": 1}}},
        {"room": {"timeline": {"contains_url": "true"}}},
        {"presence": 1},
        {"account_data": {"not_senders": {}}},
        {"event_fields": "type"},
        {"event_fields": [1]},
        {"event_format": "xml"},
        {"event_format": ["client"]},
    ],
)
def test_what_has_not_the_shape_of_a_filter_is_refused(given: object) -> None:
    with pytest.raises(BadFilter):
        parse(given)
