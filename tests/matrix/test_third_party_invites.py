"""Rule 5.4.1: an invitation made good on a promise to somebody known by address only."""

from __future__ import annotations

from typing import Any

import pytest

from privity.matrix.signing import SigningKey, sign_json
from privity.matrix.versions import MADE
from tests.matrix.history import ALICE, BOB, CAROL, History, room_of

VERSIONS = sorted(MADE)
DIRECTORY = SigningKey.from_seed(b"\x07" * 32, "0")
OTHER = SigningKey.from_seed(b"\x08" * 32, "0")
ONE_KEY = {"public_key": DIRECTORY.public_base64}
SIGNED = sign_json({"mxid": CAROL, "token": "t"}, "directory.example", DIRECTORY)


def invite_rule(
    version_id: str,
    third_party_invite: object,
    *,
    promise: dict[str, Any] = ONE_KEY,
    carol: str = "leave",
) -> str | None:
    history = room_of(version_id, bob="join", carol=carol)
    history.send(BOB, "m.room.third_party_invite", promise, "t")
    return made_good(history, third_party_invite)


def made_good(history: History, third_party_invite: object) -> str | None:
    content = {"membership": "invite", "third_party_invite": third_party_invite}
    return history.rule(history.send(BOB, "m.room.member", content, CAROL))


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(
    "promise",
    [
        ONE_KEY,
        {"public_keys": [ONE_KEY]},
        {"public_key": OTHER.public_base64, "public_keys": [5, {}, ONE_KEY]},
        {"public_key": "no key", "public_keys": [ONE_KEY]},
    ],
)
def test_a_signature_of_any_promised_key_invites(version_id: str, promise: dict[str, Any]) -> None:
    assert invite_rule(version_id, {"signed": SIGNED}, promise=promise) is None


@pytest.mark.parametrize("version_id", VERSIONS)
@pytest.mark.parametrize(
    ("third_party_invite", "expected"),
    [
        ({}, "5.4.1.2"),
        (None, "5.4.1.2"),
        ("signed", "5.4.1.2"),
        ({"signed": "x"}, "5.4.1.2"),
        ({"signed": {"mxid": CAROL}}, "5.4.1.3"),
        ({"signed": {"token": "t"}}, "5.4.1.3"),
        ({"signed": {"mxid": CAROL, "token": ["t"]}}, "5.4.1.3"),
        ({"signed": {**SIGNED, "mxid": ALICE}}, "5.4.1.4"),
        ({"signed": {**SIGNED, "token": "other"}}, "5.4.1.5"),
        ({"signed": {**SIGNED, "signatures": {}}}, "5.4.1.8"),
        ({"signed": {**SIGNED, "signatures": None}}, "5.4.1.8"),
        ({"signed": {**SIGNED, "signatures": {"directory.example": ["ed25519:0"]}}}, "5.4.1.8"),
        ({"signed": {**SIGNED, "more": 1}}, "5.4.1.8"),
        ({"signed": sign_json({"mxid": CAROL, "token": "t"}, "d.example", OTHER)}, "5.4.1.8"),
    ],
)
def test_anything_else_does_not_invite(
    version_id: str, third_party_invite: object, expected: str
) -> None:
    assert invite_rule(version_id, third_party_invite) == expected


@pytest.mark.parametrize("version_id", VERSIONS)
def test_the_banned_are_not_invited_this_way_either(version_id: str) -> None:
    assert invite_rule(version_id, {"signed": SIGNED}, carol="ban") == "5.4.1.1"


@pytest.mark.parametrize("version_id", VERSIONS)
def test_only_who_made_the_promise_makes_it_good(version_id: str) -> None:
    history = room_of(version_id, bob="join")
    history.send(ALICE, "m.room.third_party_invite", ONE_KEY, "t")
    assert made_good(history, {"signed": SIGNED}) == "5.4.1.6"
