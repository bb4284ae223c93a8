"""Threat `plaintext`: nothing that people say passes the send gate in clear."""

from __future__ import annotations

from typing import Any

import pytest

from privity.guard import plaintext
from privity.guard.gates import SEND
from privity.guard.plaintext import ClearFacts
from privity.matrix.errors import Errcode, Refuse

CIPHERTEXT = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu",
}
REQUEST = {
    "msgtype": "m.key.verification.request",
    "body": "@ann:privity.test is requesting to verify your key.",
    "from_device": "AAAA",
    "methods": ["m.sas.v1", "m.qr_code.show.v1", "m.reciprocate.v1"],
    "to": "@bob:privity.test",
}


def passes(kind: str, content: dict[str, Any], state_key: str | None = None) -> bool:
    """Whether the whole send gate has no objection."""
    facts = ClearFacts(kind, state_key, content, plaintext_allowed=False)
    verdicts = [check(facts) for check in SEND]
    for verdict in verdicts:
        assert verdict is None or isinstance(verdict, Refuse)
        assert verdict is None or verdict.errcode is Errcode.FORBIDDEN
    return not any(verdicts)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.message", {"msgtype": "m.text", "body": "hello"}),
        ("m.room.message", {}),
        ("m.sticker", {"body": "a cat", "url": "mxc://privity.test/cat"}),
        ("m.poll.start", {"m.poll": {"question": {"m.text": [{"body": "lunch?"}]}}}),
        ("org.matrix.msc3381.poll.start", {"question": "lunch?"}),
        ("m.call.invite", {"call_id": "1", "offer": {"sdp": "v=0"}}),
        ("m.location", {"uri": "geo:1,2"}),
        ("com.example.whiteboard", {"strokes": []}),
        ("M.ROOM.ENCRYPTED", CIPHERTEXT),
        ("m.room.encrypted ", CIPHERTEXT),
        ("", {"body": "hello"}),
    ],
)
def test_what_people_say_is_refused_in_clear(kind: str, content: dict[str, Any]) -> None:
    assert not passes(kind, content)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"ciphertext": "words"},
        {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": ""},
        {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": {"words": "x"}},
        {"algorithm": "m.plain", "ciphertext": "hello"},
    ],
)
def test_an_encrypted_event_needs_a_ciphertext(content: dict[str, Any]) -> None:
    assert not passes("m.room.encrypted", content)


def test_ciphertext_passes() -> None:
    assert passes("m.room.encrypted", CIPHERTEXT)


@pytest.mark.parametrize(
    "relates_to",
    [
        {"rel_type": "m.replace", "event_id": "$one"},
        {"m.in_reply_to": {"event_id": "$one"}},
        {"rel_type": "m.thread", "event_id": "$one", "is_falling_back": True},
        {"rel_type": "m.annotation", "event_id": "$one", "key": "👍"},
    ],
)
def test_a_relation_may_stand_beside_a_ciphertext(relates_to: dict[str, Any]) -> None:
    assert passes("m.room.encrypted", CIPHERTEXT | {"m.relates_to": relates_to})


@pytest.mark.parametrize(
    "more",
    [
        {"body": "hello"},
        {"ciphertext": "meet me at noon"},
        {"m.relates_to": {"event_id": "$one", "note": "meet me at noon"}},
        {"m.relates_to": {"event_id": "$one", "words": ["meet", "me", "at", "noon"]}},
        {"m.relates_to": {"m.in_reply_to": {"event_id": "$one", "say": {"meet": "me"}}}},
        {"m.relates_to": {"event_id": "noon"}},
        {"m.relates_to": {"is_falling_back": "noon"}},
        {"m.relates_to": {"event_id": "$one", "reason": "meet me at noon"}},
        {"m.relates_to": {"key": "meet me at noon, by the old stone bridge"}},
        {"m.relates_to": "meet me at noon"},
        {"session_id": "meet me at noon"},
        {"device_id": {"reason": "meet me at noon"}},
    ],
)
def test_no_words_stand_beside_a_ciphertext(more: dict[str, Any]) -> None:
    assert not passes("m.room.encrypted", CIPHERTEXT | more)


@pytest.mark.parametrize("algorithm", ["", "m.none", "m.megolm.v0", None, 7])
def test_encryption_can_be_neither_weakened_nor_taken_back(algorithm: object) -> None:
    assert not passes("m.room.encryption", {"algorithm": algorithm}, "")
    assert not passes("m.room.encryption", {}, "")


def test_encryption_stands_under_its_own_key_only() -> None:
    assert passes("m.room.encryption", {"algorithm": plaintext.ALGORITHM}, "")
    assert not passes("m.room.encryption", {"algorithm": plaintext.ALGORITHM}, "else")


@pytest.mark.parametrize("kind", ["m.room.message", "com.example.note", "m.room.encrypted"])
def test_a_message_cannot_pass_as_state_of_a_made_up_kind(kind: str) -> None:
    assert not passes(kind, {"body": "hello"}, "")


@pytest.mark.parametrize("kind", sorted(plaintext.CLEAR_STATE - {"m.room.encryption"}))
def test_the_state_that_rooms_are_made_of_passes(kind: str) -> None:
    assert passes(kind, {}, "")


@pytest.mark.parametrize("kind", sorted(plaintext.CALL_STATE))
def test_who_is_in_a_call_is_told_in_identifiers_and_numbers_only(kind: str) -> None:
    key = "_@ann:privity.test_AAAA_m.call"
    focus = {"type": "livekit", "livekit_service_url": "https://sfu.test/jwt"}
    told = {"application": "m.call", "call_id": "", "expires": 14_400_000, "focus_active": focus}
    assert passes(kind, told, key)
    assert passes(kind, {}, key)
    assert not passes(kind, {**told, "reason": "see you later"}, key)
    assert not passes(kind, {**told, "application": "lunch at noon"}, key)


def test_a_verification_request_passes_as_todays_clients_send_it() -> None:
    assert passes("m.room.message", REQUEST)


@pytest.mark.parametrize(
    "more",
    [
        {"body": "hello " * 60},
        {"formatted_body": "x" * 300},
        {"m.new_content": {"body": "hello"}},
        {"methods": ["let us meet at noon"]},
        {"methods": [{"body": "hello you"}]},
        {"from_device": "the money is under the stone"},
        {"to": "anybody who reads this"},
        {"m.mentions": {"user_ids": ["@ann:privity.test"]}},
    ],
)
def test_a_verification_request_carries_no_text_of_its_own(more: dict[str, Any]) -> None:
    assert not passes("m.room.message", REQUEST | more)


def test_the_steps_of_a_verification_pass_without_words() -> None:
    relates_to = {"rel_type": "m.reference", "event_id": "$one"}
    key = {"key": "nCxvoCQsYRQDvyAcZlnsqqPJEJF3SWTlKiDGh9E9zxk", "m.relates_to": relates_to}
    assert passes("m.key.verification.key", key)
    cancel = {"code": "m.user", "reason": "The user cancelled.", "m.relates_to": relates_to}
    assert passes("m.key.verification.cancel", cancel)
    assert not passes("m.key.verification.key", key | {"body": "hello"})
    assert not passes("m.key.verification.key", key | {"key": "not a key but a sentence"})


def test_a_reaction_holds_its_key_and_nothing_else() -> None:
    relates_to = {"rel_type": "m.annotation", "event_id": "$one", "key": "👍"}
    assert passes("m.reaction", {"m.relates_to": relates_to})
    assert not passes("m.reaction", {"m.relates_to": relates_to, "body": "hello"})
    assert not passes("m.reaction", {"m.relates_to": relates_to | {"key": "long " * 10}})
    assert not passes("m.reaction", {"m.relates_to": relates_to | {"note": "hello there"}})
    assert not passes("m.reaction", {"m.relates_to": relates_to | {"event_id": "meet at noon"}})
    assert not passes("m.reaction", {"m.relates_to": relates_to | {"rel_type": "meet at noon"}})


def test_a_redaction_holds_its_target_and_nothing_else() -> None:
    assert passes("m.room.redaction", {"redacts": "$one"})
    assert passes("m.room.redaction", {})
    assert not passes("m.room.redaction", {"redacts": "$one", "body": "hello"})
    assert not passes("m.room.redaction", {"redacts": "meet at noon"})
    assert not passes("m.room.redaction", {"reason": "hello"})


def test_a_cancellation_has_no_room_for_a_letter() -> None:
    cancel = {"code": "m.user", "reason": "Dear Bob, " + "meet me at noon. " * 10}
    assert not passes("m.key.verification.cancel", cancel)
