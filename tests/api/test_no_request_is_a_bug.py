"""Whatever comes in by whichever road, nothing breaks: a refusal with an errcode, never a 5xx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
import pytest

from privity.api.app import ROUTES
from privity.api.router import Route
from tests.world import OPEN, Answer, World

BODIES = (
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"{",
    b"\xff\xfe{}",
    b"{}{}",
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":1e400}',
    b'{"a":%s}' % (b"9" * 5000),
    b'{"a":"\\ud800"}',
    b'{"a":"\\u0000"}',
    b'{"a":1,"a":2}',
    b'{"a":%s%s}' % (b"[" * 50_000, b"]" * 50_000),
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**53,
    2**63,
    1.5,
    "",
    "\0",
    "\u202e",
    "x" * 70_000,
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"@a:b": {"c": [None]}},
)
NAMES = (
    *("user_id", "room_id", "event_id", "device_id", "devices", "device_keys", "one_time_keys"),
    *("fallback_keys", "master_key", "self_signing_key", "user_signing_key", "messages", "auth"),
    *("auth_data", "algorithm", "rooms", "sessions", "version", "type", "content", "state_key"),
    *("invite", "invite_3pid", "initial_state", "preset", "visibility", "room_alias_name", "name"),
    *("creation_content", "power_level_content_override", "room_version", "is_direct", "topic"),
    *(
        "username",
        "password",
        "identifier",
        "token",
        "refresh_token",
        "initial_device_display_name",
    ),
    *(
        "new_password",
        "logout_devices",
        "erase",
        "displayname",
        "avatar_url",
        "m.tz",
        "display_name",
    ),
    *("search_term", "search_categories", "limit", "filter", "room", "presence", "event_fields"),
    *("actions", "conditions", "pattern", "enabled", "typing", "timeout", "thread_id", "reason"),
    *(
        "score",
        "order",
        "status_msg",
        "m.read",
        "m.fully_read",
        "new_version",
        "locked",
        "suspended",
    ),
    *(
        "keys",
        "app_id",
        "pushkey",
        "kind",
        "data",
        "lang",
        "lists",
        "room_subscriptions",
        "extensions",
    ),
    *("conn_id", "pos", "action", "delay", "next_batch", "since", "third_party_instance_id"),
    *("first_message_index", "forwarded_count", "is_verified", "session_data", "alias", "creators"),
)
SEGMENTS = (
    *("", "%00", "%ff", "%ED%A0%80", "%2F", "..", "0", "-1", "9" * 40, "a" * 3000, "%E2%80%AE"),
    *("!", "@", "#", "$", "!a:b", "@a:b", "#a:b", "@:", "%40a:privity.test", "m.room.member"),
)
QUERIES = ("limit", "from", "to", "at", "dir", "filter", "since", "membership", "version", "format")
QUERY_VALUES = ("", "\0", "-1", "9" * 40, "x", "{", "[]", '{"room":1}', "\U0001f600", "s1_1", "t1")
PARAMETER = re.compile(r"\{\w+\}")


def attacks(route: Route, known: str) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Paths, bodies and queries; where one of them is hostile, the others are mild."""
    there = PARAMETER.sub(known, route.path)
    if route.method in {"POST", "PUT", "DELETE"}:
        yield from ((there, body, {}) for body in BODIES)
        yield from ((there, orjson.dumps(dict.fromkeys(NAMES, v)), {}) for v in VALUES)
        yield from ((there, {NAMES[n]: VALUES[n % len(VALUES)]}, {}) for n in range(len(NAMES)))
    if "{" in route.path:
        yield from ((PARAMETER.sub(segment, route.path), {}, {}) for segment in SEGMENTS)
    if route.method == "GET":
        pairs = product(QUERIES, QUERY_VALUES)
        yield from ((there, None, {name: value}) for name, value in pairs)


def is_sound(answer: Answer) -> bool:
    """No 5xx, and a refusal says what it is by an errcode or, asking for a proof, by its flows."""
    if answer.status >= 500:
        return False
    named = isinstance(answer.body, dict) and {"errcode", "flows"} & answer.body.keys()
    return answer.status < 400 or bool(named)


@pytest.mark.real
@pytest.mark.parametrize("settings", [{}, OPEN], ids=["as it comes", "open"])
async def test_no_request_is_a_bug(settings: dict[str, Any]) -> None:
    settings = {"unsafe_no_rate_limits": True, **settings}
    bugs: list[tuple[str, str, Any, dict[str, str], int]] = []
    async with World(**settings) as world:
        for number, route in enumerate(ROUTES):
            ann = await world.person(f"ann{number}", admin=True)
            room_id = (await ann.post("/createRoom", {}))["room_id"]
            for path, body, query in attacks(route, room_id):
                asked = {"timeout": "0", "timeout_ms": "0", **query}
                answer = await world.request(
                    route.method, path, body, token=ann.token, query=asked, checks=False
                )
                if not is_sound(answer):
                    bugs.append((route.method, path, str(body)[:200], query, answer.status))
    assert bugs == []
