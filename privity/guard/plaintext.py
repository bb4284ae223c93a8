"""Threat `plaintext`: words in clear, which a server could log and a thief of its disk could read.

Rules, in order:

1. A room's encryption is m.megolm.v1.aes-sha2, under its own state key "", and is never taken
   back, weakened or emptied.
2. State is only of the kinds named here: a message cannot pass as state of a made-up kind. Who is
   in a call is state too, of identifiers and numbers alone.
3. A message event passes in clear only by the list here: everything else that people say must be
   `m.room.encrypted`, with a ciphertext and nothing beside it but what the specification names.
4. A verification request passes in clear by its exact shape: no member and no text of the sender's
   choosing gets through. Several client libraries send it, and `m.key.verification.*`, in clear.
5. A message to a device is `m.room.encrypted` with an Olm ciphertext, or of the short list that
   must be in clear: verification, requests for keys and their refusal, `m.dummy`. Keys and secrets
   themselves never are. What is in clear holds identifiers, keys and numbers, and no sentence but
   the `reason` that SDKs write.
6. A redaction is taken without any content, a change of membership without its free text
   (`reason`): the deeds drop them before (see `without_free_text`).
7. Presence is taken without what a person says of themselves (see `status_without_words`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from privity.guard.shapes import holds_only_tokens, is_event_id, is_relation
from privity.guard.verdict import Refuse, Verdict
from privity.matrix.errors import Errcode
from privity.matrix.ids import RoomId

ALGORITHM = "m.megolm.v1.aes-sha2"
OLM_ALGORITHM = "m.olm.v1.curve25519-aes-sha2"

CLEAR_STATE = frozenset(
    {
        "m.room.aliases",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.create",
        "m.room.encryption",
        "m.room.guest_access",
        "m.room.history_visibility",
        "m.room.join_rules",
        "m.room.member",
        "m.room.name",
        "m.room.pinned_events",
        "m.room.policy",
        "m.room.power_levels",
        "m.room.server_acl",
        "m.room.third_party_invite",
        "m.room.tombstone",
        "m.room.topic",
        "m.space.child",
        "m.space.parent",
        "m.policy.rule.room",
        "m.policy.rule.server",
        "m.policy.rule.user",
    }
)

CALL_STATE = frozenset({"m.call.member", "org.matrix.msc3401.call.member"})

VERIFICATION_EVENTS = frozenset(
    f"m.key.verification.{step}"
    for step in ("ready", "start", "accept", "key", "mac", "done", "cancel")
)

_VERIFICATION_MEMBERS = frozenset(
    {
        "code",
        "commitment",
        "from_device",
        "hash",
        "hashes",
        "key",
        "key_agreement_protocol",
        "key_agreement_protocols",
        "keys",
        "m.relates_to",
        "mac",
        "message_authentication_code",
        "message_authentication_codes",
        "method",
        "methods",
        "next_method",
        "reason",
        "secret",
        "short_authentication_string",
    }
)

_REQUEST_MEMBERS = frozenset(
    {"msgtype", "body", "format", "formatted_body", "methods", "from_device", "to", "m.mentions"}
)
_LONGEST_FALLBACK = 255
_BASE64 = re.compile(r"[A-Za-z0-9+/]+=*")
_ENCRYPTED_MEMBERS = frozenset({"algorithm", "sender_key", "device_id", "session_id"})
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_REACTION_MEMBERS = frozenset({"rel_type", "event_id", "key"})


CLEAR_TO_DEVICE = frozenset(
    {
        "m.dummy",
        "m.room_key_request",
        "m.room_key.withheld",
        "org.matrix.room_key.withheld",
        "m.secret.request",
        "m.key.verification.request",
    }
    | VERIFICATION_EVENTS
)


@dataclass(frozen=True, slots=True)
class ToDevice:
    """A message from one device to others, as it will be delivered."""

    type: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToDeviceFacts:
    """What the to-device check looks at."""

    message: ToDevice
    plaintext_allowed: bool


@dataclass(frozen=True, slots=True)
class Later:
    """An event that somebody wants sent later: `state_key` is None for what is no state."""

    room_id: RoomId
    type: str
    state_key: str | None
    content: dict[str, Any]
    delay_ms: int


@dataclass(frozen=True, slots=True)
class ClearFacts:
    """What these checks look at: the event as it will be stored, and what the operator allowed."""

    type: str
    state_key: str | None
    content: dict[str, Any]
    plaintext_allowed: bool
    empties: str | None = None
    """The type of the event that it redacts, if it redacts one."""


def encryption_stays(facts: ClearFacts) -> Verdict:
    """Rule 1."""
    if facts.empties == "m.room.encryption" and not facts.plaintext_allowed:
        return _no("The encryption of a room cannot be redacted.", "encryption redacted")
    if facts.plaintext_allowed or facts.type != "m.room.encryption" or facts.state_key is None:
        return None
    if facts.state_key == "" and facts.content.get("algorithm") == ALGORITHM:
        return None
    return _no("Encryption cannot be switched off or weakened here.", "encryption weakened")


def state_is_of_a_known_kind(facts: ClearFacts) -> Verdict:
    """Rule 2."""
    if facts.plaintext_allowed or facts.state_key is None or facts.type in CLEAR_STATE:
        return None
    if facts.type in CALL_STATE and holds_only_tokens(facts.content, spoken=()):
        return None
    return _no(
        f"State of the type {facts.type!r} is not taken here: it could carry words in clear.",
        "state of unknown type",
    )


def content_is_ciphertext(facts: ClearFacts) -> Verdict:
    """Rules 3 and 4."""
    if facts.plaintext_allowed or facts.state_key is not None:
        return None
    if facts.type == "m.room.encrypted":
        return _is_real_ciphertext(facts.content)
    if facts.type == "m.reaction":
        return _is_bare_reaction(facts.content)
    if facts.type == "m.room.redaction":
        return _is_bare_redaction(facts.content)
    if facts.type in VERIFICATION_EVENTS:
        return _is_bare_verification(facts.content)
    if facts.content.get("msgtype") == "m.key.verification.request":
        return _is_bare_request(facts)
    return _no(
        "This server takes messages only end-to-end encrypted. Your client sent this one in clear.",
        "message in clear",
    )


def message_is_ciphertext(facts: ToDeviceFacts) -> Verdict:
    """Rule 5."""
    message = facts.message
    if facts.plaintext_allowed:
        return None
    if message.type == "m.room.encrypted":
        if _is_olm_ciphertext(message.content):
            return None
        return _no("A message to a device needs an Olm ciphertext.", "to-device no ciphertext")
    if message.type not in CLEAR_TO_DEVICE:
        return _no("This server takes messages to devices only encrypted.", "to-device in clear")
    if not holds_only_tokens(message.content):
        return _no("A message to a device in clear may hold no text.", "to-device with free text")
    return None


def without_free_text(content: dict[str, Any]) -> dict[str, Any]:
    """Rule 6: the content of a membership without the words in it."""
    return {name: value for name, value in content.items() if name != "reason"}


def status_without_words(status_msg: str | None, *, plaintext_allowed: bool) -> str | None:
    """Rule 7: the status that may be shown beside somebody's presence."""
    return status_msg if plaintext_allowed else None


def _is_real_ciphertext(content: dict[str, Any]) -> Verdict:
    ciphertext = content.get("ciphertext")
    is_megolm = content.get("algorithm") == ALGORITHM and isinstance(ciphertext, str)
    if not is_megolm or not _BASE64.fullmatch(str(ciphertext)):
        return _no(
            "An encrypted event needs a Megolm ciphertext.", "m.room.encrypted without ciphertext"
        )
    beside = {name: value for name, value in content.items() if name != "ciphertext"}
    relates_to = beside.pop("m.relates_to", {})
    are_ids = all(isinstance(value, str) for value in beside.values()) and holds_only_tokens(beside)
    if beside.keys() <= _ENCRYPTED_MEMBERS and are_ids and is_relation(relates_to):
        return None
    return _no("Nothing may stand in clear beside a ciphertext.", "words beside a ciphertext")


def _is_olm_ciphertext(content: dict[str, Any]) -> bool:
    ciphertext = content.get("ciphertext")
    return (
        content.get("algorithm") == OLM_ALGORITHM
        and isinstance(ciphertext, dict)
        and bool(ciphertext)
        and all(
            isinstance(one, dict)
            and one.keys() == {"type", "body"}
            and one["type"] in (0, 1)
            and isinstance(one["body"], str)
            and _BASE64.fullmatch(one["body"]) is not None
            for one in ciphertext.values()
        )
        and holds_only_tokens({**content, "ciphertext": dict.fromkeys(ciphertext)})
    )


def _is_bare_reaction(content: dict[str, Any]) -> Verdict:
    relates_to = content.get("m.relates_to")
    is_bare = isinstance(relates_to, dict) and relates_to.keys() <= _REACTION_MEMBERS
    if is_bare and content.keys() == {"m.relates_to"} and is_relation(relates_to):
        return None
    return _no("A reaction in clear may hold nothing but its key.", "reaction with free text")


def _is_bare_redaction(content: dict[str, Any]) -> Verdict:
    if all(name == "redacts" and is_event_id(value) for name, value in content.items()):
        return None
    return _no("A redaction may hold no text.", "redaction with free text")


def _is_bare_verification(content: dict[str, Any]) -> Verdict:
    if content.keys() <= _VERIFICATION_MEMBERS and holds_only_tokens(content):
        return None
    return _no("A verification step in clear may hold no text.", "verification with free text")


def _is_bare_request(facts: ClearFacts) -> Verdict:
    content = facts.content
    fits = (
        facts.type == "m.room.message"
        and content.keys() <= _REQUEST_MEMBERS
        and all(
            len(str(content.get(name, ""))) <= _LONGEST_FALLBACK
            for name in ("body", "formatted_body")
        )
        and holds_only_tokens({k: content.get(k, []) for k in ("methods", "from_device", "to")})
        and content.get("m.mentions", {}) == {}
    )
    if fits:
        return None
    return _no("A verification request in clear may hold no text.", "request with free text")


def _no(says: str, because: str) -> Refuse:
    return Refuse(Errcode.FORBIDDEN, says, f"plaintext: {because}")
