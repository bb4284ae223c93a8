"""Signatures. Vectors: appendices, "Unpadded Base64" and "Cryptographic Test Vectors"."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from privity.matrix.signing import (
    BadSignature,
    SigningKey,
    decode_base64,
    decode_base64_url,
    encode_base64,
    encode_base64_url,
    is_low_order,
    sign_json,
    verify_bytes,
    verify_json,
)

SPEC_KEY = SigningKey.from_seed(decode_base64("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"), "1")

SIGNED = [
    (
        {},
        "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
    ),
    (
        {"one": 1, "two": "Two"},
        "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
    ),
]

BASE64 = ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"]


@pytest.mark.parametrize(("obj", "signature"), SIGNED)
def test_the_specification_s_objects_get_its_signatures(
    obj: dict[str, Any], signature: str
) -> None:
    signed = sign_json(obj, "domain", SPEC_KEY)
    assert signed == {**obj, "signatures": {"domain": {"ed25519:1": signature}}}
    verify_json(signed, "domain", "ed25519:1", SPEC_KEY.public_base64)


@pytest.mark.parametrize("length", range(7))
def test_base64_is_as_the_specification_shows_it(length: int) -> None:
    assert encode_base64(b"foobar"[:length]) == BASE64[length]
    assert decode_base64(BASE64[length]) == b"foobar"[:length]


@given(st.binary(max_size=70))
def test_base64_comes_back_padded_or_not_in_both_alphabets(raw: bytes) -> None:
    for encoded in (encode_base64(raw), encode_base64(raw) + "=="):
        assert decode_base64(encoded) == raw
    assert decode_base64_url(encode_base64_url(raw)) == raw
    assert not set("+/=") & set(encode_base64_url(raw))


@pytest.mark.parametrize("text", ["Zg!", "Zg Zg", "Z", "Zm9v\n", "Zé", "Z=g", "-_-_", "ZmZm9"])
def test_what_is_not_base64_is_not_decoded(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_base64(text)


def test_the_alphabets_do_not_mix() -> None:
    with pytest.raises(ValueError, match="URL-safe"):
        decode_base64_url("+/+/")


def test_other_signatures_and_unsigned_stay_and_are_not_covered() -> None:
    mine = sign_json({"a": 1, "unsigned": {"age": 1}}, "one", SPEC_KEY)
    other = SigningKey.generate()
    both = sign_json({**mine, "unsigned": {"age": 2}}, "two", other)
    assert set(both["signatures"]) == {"one", "two"}
    verify_json(both, "one", "ed25519:1", SPEC_KEY.public_base64)
    verify_json(both, "two", other.key_id, other.public_base64)


def test_signing_changes_nothing_of_what_was_given() -> None:
    obj: dict[str, Any] = {"signatures": {"domain": {}}}
    sign_json(obj, "domain", SPEC_KEY)
    assert obj == {"signatures": {"domain": {}}}


def test_a_changed_object_does_not_verify() -> None:
    signed = sign_json({"a": 1}, "domain", SPEC_KEY)
    with pytest.raises(BadSignature):
        verify_json({**signed, "a": 2}, "domain", "ed25519:1", SPEC_KEY.public_base64)


@pytest.mark.parametrize(
    "signatures",
    [
        None,
        [],
        {},
        {"domain": None},
        {"domain": {}},
        {"domain": []},
        {"domain": {"ed25519:1": None}},
        {"domain": {"ed25519:1": 5}},
        {"domain": {"ed25519:1": ""}},
        {"domain": {"ed25519:1": "not base64!"}},
        {"domain": {"ed25519:1": "AAAA"}},
        {"domain": {"ed25519:1": "A" * 86}},
        {"other": {"ed25519:1": SIGNED[0][1]}},
        {"domain": {"ed25519:2": SIGNED[0][1]}},
    ],
)
def test_a_missing_or_malformed_signature_is_no_signature(signatures: object) -> None:
    with pytest.raises(BadSignature):
        verify_json({"signatures": signatures}, "domain", "ed25519:1", SPEC_KEY.public_base64)


@pytest.mark.parametrize("public", ["", "AAAA", "!", "A" * 43, "A" * 44])
def test_a_malformed_or_weak_key_verifies_nothing(public: str) -> None:
    with pytest.raises(BadSignature):
        verify_bytes(b"", SIGNED[0][1], public)


def test_a_key_of_another_algorithm_is_refused() -> None:
    obj = {"signatures": {"domain": {"curve25519:1": SIGNED[0][1]}}}
    with pytest.raises(BadSignature):
        verify_json(obj, "domain", "curve25519:1", SPEC_KEY.public_base64)


def test_an_object_without_canonical_json_is_not_verified() -> None:
    obj = {"n": 2**60, "signatures": {"domain": {"ed25519:1": SIGNED[0][1]}}}
    with pytest.raises(BadSignature):
        verify_json(obj, "domain", "ed25519:1", SPEC_KEY.public_base64)


def test_a_key_comes_back_from_its_seed_and_hides_its_secrets() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_seed(key.seed, key.key_id.removeprefix("ed25519:"))
    assert again == key
    assert again.sign(b"x") == key.sign(b"x")
    assert repr(key.seed) not in repr(key)


@pytest.mark.parametrize(
    ("seed", "version"), [(b"short", "1"), (bytes(32), ""), (bytes(32), "a:b")]
)
def test_a_key_of_a_wrong_seed_or_version_is_not_made(seed: bytes, version: str) -> None:
    with pytest.raises(ValueError, match=r"seed|version"):
        SigningKey.from_seed(seed, version)


P = 2**255 - 19
ORDER_8 = (
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
)
LOW = [n.to_bytes(32, "little") for n in (0, 1, P - 1, P, P + 1)]
LOW += [bytes.fromhex(point) for point in ORDER_8]
LOW += [bytes((*point[:31], point[31] | 0x80)) for point in LOW]


@pytest.mark.parametrize("public", LOW)
def test_a_low_order_key_is_found_as_libsodium_finds_it(public: bytes) -> None:
    assert is_low_order(public)
    with pytest.raises(RuntimeError):
        bindings.crypto_scalarmult(bytes(range(32)), public)


@given(st.binary(min_size=32, max_size=32))
def test_an_honest_key_is_not_of_low_order(secret: bytes) -> None:
    assert not is_low_order(bindings.crypto_scalarmult_base(secret))


def test_a_key_of_another_length_is_no_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        is_low_order(bytes(31))
