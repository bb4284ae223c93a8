"""Threat `plaintext`: nothing that people say passes between devices in clear."""

from __future__ import annotations

from typing import Any

import pytest

from privity.guard import gates
from privity.guard.plaintext import ToDevice
from privity.matrix.errors import Errcode, Refuse

CURVE_KEY = "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA"
MESSAGE = {"type": 0, "body": "AwogLx4YnkFzr2P2WSHJ7eYbxOF9Mm1lgBsXCUi"}
OLM = {
    "algorithm": "m.olm.v1.curve25519-aes-sha2",
    "sender_key": CURVE_KEY,
    "ciphertext": {CURVE_KEY: MESSAGE},
}
ROOM_KEY = {"algorithm": "m.megolm.v1.aes-sha2", "room_id": "!a:privity.test", "session_id": "X3lU"}
VERIFICATION = "m.key.verification"
TXN = {"transaction_id": "S0meUniqueAndOpaqueString"}

AS_CLIENTS_SEND_THEM: list[tuple[str, Any]] = [
    ("m.room.encrypted", OLM),
    ("m.room.encrypted", {**OLM, "org.matrix.msgid": "0b1f6a3c9f7e4c0d"}),
    ("m.dummy", {}),
    (
        "m.room_key_request",
        {
            "action": "request",
            "body": {**ROOM_KEY, "sender_key": CURVE_KEY},
            "request_id": "m1495474790150.19",
            "requesting_device_id": "RJYKSTBOIE",
        },
    ),
    (
        "m.room_key.withheld",
        {
            **ROOM_KEY,
            "sender_key": CURVE_KEY,
            "code": "m.unverified",
            "reason": "The sender has disabled encrypting to unverified devices.",
            "from_device": "RJYKSTBOIE",
        },
    ),
    ("org.matrix.room_key.withheld", {"algorithm": "m.olm.v1", "code": "m.no_olm"}),
    (
        "m.secret.request",
        {
            "action": "request",
            "name": "m.cross_signing.self_signing",
            "request_id": "randomly_generated_id_9573",
            "requesting_device_id": "ABCDEFG",
        },
    ),
    (
        f"{VERIFICATION}.request",
        {
            **TXN,
            "from_device": "AliceDevice2",
            "methods": ["m.sas.v1", "m.qr_code.show.v1", "m.reciprocate.v1"],
            "timestamp": 1559598944869,
        },
    ),
    (
        f"{VERIFICATION}.start",
        {
            **TXN,
            "from_device": "BobDevice1",
            "hashes": ["sha256"],
            "key_agreement_protocols": ["curve25519-hkdf-sha256", "curve25519"],
            "message_authentication_codes": ["hkdf-hmac-sha256.v2", "hkdf-hmac-sha256"],
            "method": "m.sas.v1",
            "short_authentication_string": ["decimal", "emoji"],
        },
    ),
    (
        f"{VERIFICATION}.mac",
        {
            **TXN,
            "keys": "2Wptgo4CwmLo/Y8B8qinxApKaCkBG2fjTWB7AbP5Uy+",
            "mac": {"ed25519:ABC": "AA"},
        },
    ),
    (f"{VERIFICATION}.cancel", {**TXN, "code": "m.user", "reason": "Canceled by user"}),
    (f"{VERIFICATION}.done", TXN),
]

WORDS: list[tuple[str, Any]] = [
    ("m.room.message", {"body": "hello"}),
    ("m.room_key", {**ROOM_KEY, "session_key": "AgAAAADxKHa9uFxcXzwYoNueL5Xqi69IkD4sni8LlfJL7qNB"}),
    ("m.forwarded_room_key", {**ROOM_KEY, "session_key": "AgAAAADxKHa9uFxcXzwYoNueL5Xqi69I"}),
    ("m.secret.send", {"request_id": "a", "secret": "ThisIsASecretDon'tTellAnyone"}),
    ("com.example.note", {}),
    ("", {}),
    ("m.room.encrypted", {}),
    ("m.room.encrypted", {**OLM, "ciphertext": "words"}),
    ("m.room.encrypted", {**OLM, "ciphertext": {}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {CURVE_KEY: "words"}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {CURVE_KEY: {**MESSAGE, "body": "two words"}}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {CURVE_KEY: {**MESSAGE, "body": ""}}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {CURVE_KEY: {**MESSAGE, "type": "two words"}}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {CURVE_KEY: {**MESSAGE, "note": "words"}}}),
    ("m.room.encrypted", {**OLM, "ciphertext": {"two words": MESSAGE}}),
    ("m.room.encrypted", {**OLM, "algorithm": "m.plain"}),
    ("m.room.encrypted", {**OLM, "body": "two words"}),
    ("m.dummy", {"body": "two words"}),
    ("m.room_key_request", {"body": {"note": ["two words"]}}),
    (f"{VERIFICATION}.request", {**TXN, "methods": ["let us meet at noon"]}),
    (f"{VERIFICATION}.cancel", {**TXN, "code": "m.user", "reason": "Dear Bob, " * 10}),
    (f"{VERIFICATION}.letter", TXN),
]


@pytest.mark.parametrize(("kind", "content"), AS_CLIENTS_SEND_THEM)
def test_what_clients_have_to_send_passes(kind: str, content: Any) -> None:
    message = ToDevice(kind, content)
    verdict = gates.to_device(message, plaintext_allowed=False)
    assert not isinstance(verdict, Refuse)
    assert verdict.value is message


@pytest.mark.parametrize(("kind", "content"), WORDS)
def test_words_and_secrets_do_not_pass_in_clear(kind: str, content: Any) -> None:
    verdict = gates.to_device(ToDevice(kind, content), plaintext_allowed=False)
    assert isinstance(verdict, Refuse)
    assert verdict.errcode is Errcode.FORBIDDEN
    assert verdict.because.startswith("plaintext: ")
    allowed = gates.to_device(ToDevice(kind, content), plaintext_allowed=True)
    assert not isinstance(allowed, Refuse)
