"""Redaction, version by version. Source: rooms/fragments v9-redactions, v11-redactions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.redaction import redact
from privity.matrix.versions import MADE

LEVELS = {
    "ban": 1,
    "events": {"x": 1},
    "events_default": 1,
    "kick": 1,
    "redact": 1,
    "state_default": 1,
    "users": {"@a:x": 1},
    "users_default": 1,
}
SIGNED = {"mxid": "@a:x", "token": "t", "signatures": {}}
CREATE = {"creator": "@a:x", "room_version": "10", "m.federate": False, "predecessor": {}}

# type, content, what version 10 keeps, what versions 11 and 12 keep
CONTENTS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("m.room.message", {"body": "x", "membership": "join"}, {}, {}),
    ("m.room.encrypted", {"ciphertext": "x", "m.relates_to": {}}, {}, {}),
    ("m.room.name", {"name": "x"}, {}, {}),
    ("m.room.aliases", {"aliases": ["#a:x"]}, {}, {}),
    ("m.room.create", CREATE, {"creator": "@a:x"}, CREATE),
    (
        "m.room.member",
        {
            "membership": "invite",
            "displayname": "x",
            "join_authorised_via_users_server": "@b:x",
            "third_party_invite": {"display_name": "x", "signed": SIGNED},
        },
        {"membership": "invite", "join_authorised_via_users_server": "@b:x"},
        {
            "membership": "invite",
            "join_authorised_via_users_server": "@b:x",
            "third_party_invite": {"signed": SIGNED},
        },
    ),
    ("m.room.member", {"third_party_invite": {"a": 1}}, {}, {"third_party_invite": {}}),
    ("m.room.member", {"third_party_invite": "x"}, {}, {}),
    (
        "m.room.join_rules",
        {"join_rule": "restricted", "allow": [], "x": 1},
        {"join_rule": "restricted", "allow": []},
        {"join_rule": "restricted", "allow": []},
    ),
    (
        "m.room.power_levels",
        {**LEVELS, "invite": 1, "notifications": {"room": 1}, "x": 1},
        LEVELS,
        {**LEVELS, "invite": 1},
    ),
    (
        "m.room.history_visibility",
        {"history_visibility": "shared", "x": 1},
        {"history_visibility": "shared"},
        {"history_visibility": "shared"},
    ),
    ("m.room.redaction", {"redacts": "$x", "reason": "x"}, {}, {"redacts": "$x"}),
]

KEPT = dict.fromkeys(
    (
        "event_id",
        "room_id",
        "sender",
        "state_key",
        "hashes",
        "signatures",
        "depth",
        "prev_events",
        "auth_events",
        "origin_server_ts",
    ),
    1,
)
KEPT_UP_TO_10 = dict.fromkeys(("prev_state", "origin", "membership"), 1)
NEVER_KEPT = dict.fromkeys(("unsigned", "redacts", "age", "x"), 1)


@pytest.mark.parametrize(("event_type", "content", "in_10", "from_11"), CONTENTS)
def test_of_the_content_stays_what_the_version_says(
    event_type: str, content: dict[str, Any], in_10: dict[str, Any], from_11: dict[str, Any]
) -> None:
    for version_id, left in (("10", in_10), ("11", from_11), ("12", from_11)):
        redacted = redact({"type": event_type, "content": content}, MADE[version_id])
        assert redacted == {"type": event_type, "content": left}


def test_of_the_top_stays_what_the_version_says() -> None:
    event = {"type": "x", "content": {}, **KEPT, **KEPT_UP_TO_10, **NEVER_KEPT}
    left = {"type": "x", "content": {}, **KEPT}
    assert redact(event, MADE["10"]) == {**left, **KEPT_UP_TO_10}
    assert redact(event, MADE["11"]) == left
    assert redact(event, MADE["12"]) == left


contents = st.dictionaries(
    st.sampled_from(
        sorted({key for _, content, _, _ in CONTENTS for key in content} | {"other", "body"})
    ),
    st.none() | st.integers() | st.dictionaries(st.sampled_from(["signed", "x"]), st.integers()),
)
types = st.sampled_from(sorted({event_type for event_type, *_ in CONTENTS}))


@given(types, contents, st.sampled_from(sorted(MADE)))
def test_redacting_again_changes_nothing(
    event_type: str, content: dict[str, Any], version_id: str
) -> None:
    once = redact({"type": event_type, "content": content, "x": 1}, MADE[version_id])
    assert redact(once, MADE[version_id]) == once


@given(types, contents, st.sampled_from(sorted(MADE)))
def test_redacting_leaves_the_given_event_as_it_was(
    event_type: str, content: dict[str, Any], version_id: str
) -> None:
    event = {"type": event_type, "content": content, "x": 1}
    before = repr(event)
    redact(event, MADE[version_id])["content"]["new"] = 1
    assert repr(event) == before
