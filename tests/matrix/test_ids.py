"""Identifiers. Source: appendices, "Identifier Grammar"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from privity.matrix.ids import (
    BadId,
    is_new_localpart,
    localpart_of,
    parse_event_id,
    parse_room_alias,
    parse_room_id,
    parse_server_name,
    parse_user_id,
    server_of,
)

HASH = "Nhcu5BS-UMnFX7hBVfVSoXiD7OgH6iRT-xyIuqDnpYQ"

GOOD: list[tuple[Callable[[object], str], str]] = [
    (parse_server_name, "matrix.org"),
    (parse_server_name, "matrix.org:8888"),
    (parse_server_name, "1.2.3.4"),
    (parse_server_name, "1.2.3.4:1234"),
    (parse_server_name, "[1234:5678::abcd]"),
    (parse_server_name, "[1234:5678::abcd]:5678"),
    (parse_server_name, "localhost"),
    (parse_user_id, "@alice:example.org"),
    (parse_user_id, "@a-b.c=d_e/f+1:example.org:8448"),
    (parse_user_id, "@alice:[::1]:8448"),
    (parse_user_id, "@Alice Ünder!:example.org"),
    (parse_user_id, "@:example.org"),
    (parse_user_id, "@" + "a" * 243 + ":example.org"[:11]),
    (parse_room_id, "!opaque:example.org"),
    (parse_room_id, f"!{HASH}"),
    (parse_event_id, f"${HASH}"),
    (parse_event_id, "$old:example.org"),
    (parse_room_alias, "#room:example.org"),
    (parse_room_alias, "#日本 語:example.org"),
]

BAD: list[tuple[Callable[[object], str], object]] = [
    (parse_server_name, ""),
    (parse_server_name, None),
    (parse_server_name, "exa mple.org"),
    (parse_server_name, "example.org:"),
    (parse_server_name, "example.org:123456"),
    (parse_server_name, "example.org:80:80"),
    (parse_server_name, "[::1"),
    (parse_server_name, "[1:2:3]"),
    (parse_server_name, "::1"),
    (parse_server_name, "exämple.org"),
    (parse_server_name, "example.org\n"),
    (parse_server_name, "a" * 256),
    (parse_user_id, 5),
    (parse_user_id, ["@alice:example.org"]),
    (parse_user_id, ""),
    (parse_user_id, "alice:example.org"),
    (parse_user_id, "@alice"),
    (parse_user_id, "@alice:"),
    (parse_user_id, "@ali\0ce:example.org"),
    (parse_user_id, "@ali\ud800ce:example.org"),
    (parse_user_id, "@" + "a" * 244 + ":example.org"),
    (parse_user_id, "@" + "ü" * 122 + ":example.org"),
    (parse_room_id, "!"),
    (parse_room_id, "!opaque"),
    (parse_room_id, f"!{HASH}x"),
    (parse_room_id, f"!{HASH}\n"),
    (parse_room_id, "!opaque:"),
    (parse_room_id, f"${HASH}"),
    (parse_event_id, "$"),
    (parse_event_id, HASH),
    (parse_event_id, "$" + "a" * 255),
    (parse_room_alias, "#room"),
    (parse_room_alias, "#room:exa mple"),
]


@pytest.mark.parametrize(("parse", "text"), GOOD)
def test_an_id_of_the_grammar_is_taken_as_it_is(parse: Callable[[object], str], text: str) -> None:
    assert parse(text) == text


@pytest.mark.parametrize(("parse", "value"), BAD)
def test_what_is_not_of_the_grammar_is_no_id(parse: Callable[[object], str], value: object) -> None:
    with pytest.raises(BadId) as refused:
        parse(value)
    assert "alice" not in str(refused.value)


def test_an_id_has_255_bytes_at_most() -> None:
    server = ":example.org"
    assert parse_user_id("@" + "a" * (254 - len(server)) + server)
    with pytest.raises(BadId):
        parse_user_id("@" + "a" * (255 - len(server)) + server)


def test_an_id_falls_apart_at_its_first_colon() -> None:
    assert server_of("@alice:[::1]:8448") == "[::1]:8448"
    assert localpart_of("@alice:[::1]:8448") == "alice"
    assert localpart_of(f"!{HASH}") == HASH
    with pytest.raises(BadId):
        server_of(f"!{HASH}")


@pytest.mark.parametrize("localpart", ["alice", "a.b_c=d-e/f+9", "0"])
def test_a_new_localpart_is_of_few_characters(localpart: str) -> None:
    assert is_new_localpart(localpart)


@pytest.mark.parametrize("localpart", ["", "Alice", "al ice", "alicé", "a:b", "alice\n", "\u0430"])
def test_other_localparts_are_not_given_out(localpart: str) -> None:
    assert not is_new_localpart(localpart)
