"""Events: hashed, named, signed, read back. Vectors: appendices, "Event Signing"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.canonical_json import BadJson, encode
from privity.matrix.events import (
    BadEvent,
    Event,
    EventDraft,
    EventTooLarge,
    build,
    content_hash_of,
    event_id_of,
)
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.redaction import redact
from privity.matrix.signing import sign_json, verify_json
from privity.matrix.versions import MADE
from tests.matrix.history import ALICE, KEY, SERVER, History
from tests.matrix.test_canonical_json import event_values, texts
from tests.matrix.test_signing import SPEC_KEY

ROOM = RoomId("!room:one.example")
DRAFT = EventDraft(
    type="m.room.encrypted",
    sender=ALICE,
    content={"ciphertext": "x"},
    origin_server_ts=1,
    depth=5,
    prev_events=(EventId("$p"),),
    auth_events=(EventId("$a"),),
    room_id=ROOM,
)
VERSIONS = sorted(MADE)

VECTORS: list[tuple[dict[str, Any], str, str]] = [
    (
        {
            "room_id": "!x:domain",
            "sender": "@a:domain",
            "origin": "domain",
            "origin_server_ts": 1000000,
            "signatures": {},
            "hashes": {},
            "type": "X",
            "content": {},
            "prev_events": [],
            "auth_events": [],
            "depth": 3,
            "unsigned": {"age_ts": 1000000},
        },
        "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos",
        "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg",
    ),
    (
        {
            "content": {"body": "Here is the message content"},
            "event_id": "$0:domain",
            "origin": "domain",
            "origin_server_ts": 1000000,
            "type": "m.room.message",
            "room_id": "!r:domain",
            "sender": "@u:domain",
            "signatures": {},
            "unsigned": {"age_ts": 1000000},
        },
        "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g",
        "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA",
    ),
]


@pytest.mark.parametrize(("fields", "content_hash", "signature"), VECTORS)
def test_the_specification_s_events_get_its_hashes_and_signatures(
    fields: dict[str, Any], content_hash: str, signature: str
) -> None:
    assert content_hash_of(fields) == content_hash
    hashed = {**fields, "hashes": {"sha256": content_hash}}
    signed = sign_json(redact(hashed, MADE["10"]), "domain", SPEC_KEY)
    assert signed["signatures"]["domain"]["ed25519:1"] == signature


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_built_event_carries_its_hash_its_name_and_a_signature(version_id: str) -> None:
    version = MADE[version_id]
    event = build(DRAFT, version, SERVER, KEY)
    fields = orjson.loads(event.pdu)
    assert event.pdu == encode(fields)
    assert fields["hashes"] == {"sha256": content_hash_of(fields)}
    assert event.event_id == event_id_of(fields, version)
    assert len(event.event_id) == 44
    verify_json(redact(fields, version), SERVER, KEY.key_id, KEY.public_base64)


@pytest.mark.parametrize("version_id", VERSIONS)
def test_an_event_reads_back_as_it_was_built(version_id: str) -> None:
    version = MADE[version_id]
    event = build(replace(DRAFT, state_key="k"), version, SERVER, KEY)
    for again in (
        Event.from_pdu(event.pdu, version),
        Event.restore(event.event_id, event.room_id, event.pdu),
    ):
        assert {name: getattr(again, name) for name in Event.__slots__} == {
            name: getattr(event, name) for name in Event.__slots__
        }


@given(texts, st.dictionaries(texts, event_values, max_size=4), st.sampled_from(VERSIONS))
def test_id_and_signature_survive_redaction(
    event_type: str, content: dict[str, Any], version_id: str
) -> None:
    version = MADE[version_id]
    if len(event_type.encode()) > 255 or event_type == "m.room.create":
        event_type = "m.room.message"
    event = build(replace(DRAFT, type=event_type, content=content), version, SERVER, KEY)
    redacted = redact(orjson.loads(event.pdu), version)
    assert event_id_of(redacted, version) == event.event_id
    verify_json(redacted, SERVER, KEY.key_id, KEY.public_base64)


def test_the_create_event_of_version_12_names_its_room() -> None:
    create = History("12").create
    assert create.room_id == "!" + create.event_id[1:]
    assert "room_id" not in orjson.loads(create.pdu)
    assert Event.from_pdu(create.pdu, MADE["12"]).room_id == create.room_id


@pytest.mark.parametrize(
    ("version_id", "event_type", "room_id"),
    [
        ("12", "m.room.create", ROOM),
        ("12", "m.room.member", None),
        ("11", "m.room.create", None),
        ("10", "m.room.create", None),
    ],
)
def test_only_the_create_event_of_version_12_has_no_room_id(
    version_id: str, event_type: str, room_id: RoomId | None
) -> None:
    draft = replace(DRAFT, type=event_type, room_id=room_id)
    with pytest.raises(BadEvent):
        build(draft, MADE[version_id], SERVER, KEY)


def test_a_redaction_names_its_target_where_its_version_says() -> None:
    draft = replace(
        DRAFT, type="m.room.redaction", content={"reason": "r"}, redacts=EventId("$target")
    )
    old, new = (build(draft, MADE[v], SERVER, KEY) for v in ("10", "11"))
    assert orjson.loads(old.pdu)["redacts"] == "$target"
    assert old.content == {"reason": "r"}
    assert "redacts" not in orjson.loads(new.pdu)
    assert new.content == {"reason": "r", "redacts": "$target"}
    assert old.redacts(MADE["10"]) == new.redacts(MADE["11"]) == "$target"


def test_a_target_in_the_wrong_place_is_none() -> None:
    in_content = replace(DRAFT, type="m.room.redaction", content={"redacts": "$target"})
    assert build(in_content, MADE["10"], SERVER, KEY).redacts(MADE["10"]) is None
    malformed = replace(DRAFT, type="m.room.redaction", content={"redacts": 5})
    assert build(malformed, MADE["12"], SERVER, KEY).redacts(MADE["12"]) is None
    message = replace(DRAFT, content={"redacts": "$target"})
    assert build(message, MADE["12"], SERVER, KEY).redacts(MADE["12"]) is None


def test_an_event_has_65536_bytes_at_most() -> None:
    rest = len(build(replace(DRAFT, content={"b": ""}), MADE["12"], SERVER, KEY).pdu)
    fits = replace(DRAFT, content={"b": "x" * (65_536 - rest)})
    assert len(build(fits, MADE["12"], SERVER, KEY).pdu) == 65_536
    with pytest.raises(EventTooLarge):
        build(replace(DRAFT, content={"b": "x" * (65_537 - rest)}), MADE["12"], SERVER, KEY)


@pytest.mark.parametrize("name", ["type", "state_key", "sender", "room_id"])
@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x" * 255, True),
        ("ü" * 127, True),
        ("x" * 256, False),
        ("ü" * 128, False),
        ("😀" * 64, False),
    ],
)
def test_the_keys_of_an_event_have_255_bytes_at_most(name: str, text: str, fits: bool) -> None:
    change: dict[str, Any] = {name: text}
    draft = replace(DRAFT, **change)
    if fits:
        build(draft, MADE["12"], SERVER, KEY)
    else:
        with pytest.raises(EventTooLarge):
            build(draft, MADE["12"], SERVER, KEY)


@pytest.mark.parametrize("content", [{"a": 1.0}, {"a": [{"b": 2**53}]}, {"a": "\ud800"}])
def test_no_event_is_signed_that_canonical_json_cannot_hold(content: dict[str, Any]) -> None:
    with pytest.raises(BadJson):
        build(replace(DRAFT, content=content), MADE["12"], SERVER, KEY)


def test_an_event_refers_to_few_others() -> None:
    ids = tuple(EventId(f"${n}") for n in range(21))
    for too_many in (replace(DRAFT, prev_events=ids), replace(DRAFT, auth_events=ids[:11])):
        with pytest.raises(BadEvent):
            build(too_many, MADE["12"], SERVER, KEY)


GOOD_PDU: dict[str, Any] = orjson.loads(build(DRAFT, MADE["12"], SERVER, KEY).pdu)


@pytest.mark.parametrize(
    "change",
    [
        {"type": None},
        {"sender": 5},
        {"sender": "alice"},
        {"room_id": "!room"},
        {"content": []},
        {"content": "text"},
        {"origin_server_ts": "1"},
        {"origin_server_ts": True},
        {"depth": None},
        {"prev_events": "$p"},
        {"prev_events": [1]},
        {"prev_events": ["$p"] * 21},
        {"auth_events": [["$a", {"sha256": "x"}]]},
        {"auth_events": ["$a"] * 11},
        {"state_key": None},
        {"room_id": None},
        {"hashes": None},
        {"signatures": []},
        {"type": "m.room.create"},
    ],
)
def test_a_pdu_of_a_wrong_shape_is_no_event(change: dict[str, Any]) -> None:
    Event.from_pdu(encode(GOOD_PDU), MADE["12"])
    with pytest.raises(BadEvent):
        Event.from_pdu(encode({**GOOD_PDU, **change}), MADE["12"])


@pytest.mark.parametrize("missing", sorted(GOOD_PDU))
def test_a_pdu_that_lacks_a_key_is_no_event(missing: str) -> None:
    with pytest.raises(BadEvent):
        Event.from_pdu(encode({k: v for k, v in GOOD_PDU.items() if k != missing}), MADE["12"])


@pytest.mark.parametrize(
    "pdu",
    [
        b"",
        b"[]",
        b'"text"',
        encode(GOOD_PDU) + b" ",
        encode(GOOD_PDU).replace(b"{", b"{ ", 1),
        encode(GOOD_PDU).replace(b'"depth":5', b'"depth":4,"depth":5'),
    ],
)
def test_a_pdu_that_is_not_canonical_json_is_no_event(pdu: bytes) -> None:
    with pytest.raises(BadEvent):
        Event.from_pdu(pdu, MADE["12"])


def test_a_pdu_with_a_float_or_too_many_bytes_is_no_event() -> None:
    with pytest.raises(BadJson):
        Event.from_pdu(encode({**GOOD_PDU, "content": {"a": 0.5}}), MADE["12"])
    with pytest.raises(EventTooLarge):
        Event.from_pdu(encode({**GOOD_PDU, "content": {"a": "x" * 66_000}}), MADE["12"])


def test_events_are_equal_when_their_ids_are() -> None:
    event = build(DRAFT, MADE["12"], SERVER, KEY)
    emptied = Event.restore(
        event.event_id, event.room_id, encode(redact(orjson.loads(event.pdu), MADE["12"]))
    )
    other = build(replace(DRAFT, sender=UserId("@b:x")), MADE["12"], SERVER, KEY)
    assert event == emptied
    assert len({event, emptied, other}) == 2
