"""Rule 5 of the authorisation rules (4 in versions 10 and 11): who may change whose membership.

The rules are written out in `auth_rules`; their numbers stand beside the code.
"""

from __future__ import annotations

from typing import Any

import orjson

from privity.matrix.auth_state import AuthState, Rejection
from privity.matrix.events import Event
from privity.matrix.ids import BadId, parse_user_id, server_of
from privity.matrix.power_levels import creators_of
from privity.matrix.signing import BadSignature, verify_json
from privity.matrix.versions import RoomVersion

_RESTRICTED = ("restricted", "knock_restricted")
AUTHORISER = "join_authorised_via_users_server"


def check_membership(event: Event, state: AuthState, version: RoomVersion) -> Rejection | None:
    """Rule 5, for a `m.room.member` event."""
    target = event.state_key
    membership = event.content.get("membership")
    if target is None or membership is None:
        return Rejection("5.1", "a membership needs a state key and content.membership")
    needs_signature = version.has_restricted_rooms and AUTHORISER in event.content
    if needs_signature and not _authoriser_signed(event):
        return Rejection("5.2.1", "not signed by the server of the authorising user")
    if membership == "join":
        return _check_join(event, target, state, version)
    if membership == "invite":
        return _check_invite(event, target, state)
    if membership == "leave":
        return _check_leave(event, target, state)
    if membership == "ban":
        return _check_ban(event, target, state)
    if membership == "knock" and "knock" in version.join_rules:
        return _check_knock(event, target, state)
    return Rejection("5.8", "unknown membership")


def _check_join(
    event: Event, target: str, state: AuthState, version: RoomVersion
) -> Rejection | None:
    create = state.create
    if (
        create is not None
        and event.prev_events == (create.event_id,)
        and target == _first_member(create, version)
    ):
        return None  # 5.3.1
    if event.sender != target:
        return Rejection("5.3.2", "only the user may join")
    current = state.membership(target)
    if current == "ban":
        return Rejection("5.3.3", "the user is banned")
    join_rule = _join_rule(state)
    if join_rule not in version.join_rules:
        return Rejection("5.3.7", "the version does not know the join rule")
    if join_rule in ("invite", "knock") and current in ("invite", "join"):
        return None  # 5.3.4
    if join_rule in _RESTRICTED:
        if current in ("join", "invite"):
            return None  # 5.3.5.1
        return _check_authoriser(event, state)
    if join_rule == "public":
        return None  # 5.3.6
    return Rejection("5.3.7", "the join rule does not let the user in")


def _check_authoriser(event: Event, state: AuthState) -> Rejection | None:
    authoriser = event.content.get(AUTHORISER)
    if (
        not isinstance(authoriser, str)
        or state.membership(authoriser) != "join"
        or state.levels.of(authoriser) < state.levels.invite
    ):
        return Rejection("5.3.5.2", "nobody who may invite has authorised the join")
    return None  # 5.3.5.3


def _check_invite(event: Event, target: str, state: AuthState) -> Rejection | None:
    if "third_party_invite" in event.content:
        return _check_third_party_invite(event, target, state)
    if state.membership(event.sender) != "join":
        return Rejection("5.4.2", "the sender is not in the room")
    if state.membership(target) in ("join", "ban"):
        return Rejection("5.4.3", "the target is in the room or banned")
    if state.levels.of(event.sender) >= state.levels.invite:
        return None  # 5.4.4
    return Rejection("5.4.5", "the sender may not invite")


def _check_third_party_invite(event: Event, target: str, state: AuthState) -> Rejection | None:
    if state.membership(target) == "ban":
        return Rejection("5.4.1.1", "the target is banned")
    invite = event.content["third_party_invite"]
    signed = invite.get("signed") if isinstance(invite, dict) else None
    if not isinstance(signed, dict):
        return Rejection("5.4.1.2", "third_party_invite has no signed part")
    mxid, token = signed.get("mxid"), signed.get("token")
    if not isinstance(mxid, str) or not isinstance(token, str):
        return Rejection("5.4.1.3", "signed has no mxid or no token")
    if mxid != target:
        return Rejection("5.4.1.4", "the invitation is for somebody else")
    promise = state.third_party_invite(token)
    if promise is None:
        return Rejection("5.4.1.5", "no such third party invite in the room")
    if promise.sender != event.sender:
        return Rejection("5.4.1.6", "the third party invite is somebody else's")
    if _any_signature_matches(signed, _public_keys(promise.content)):
        return None  # 5.4.1.7
    return Rejection("5.4.1.8", "no signature matches a key of the third party invite")


def _check_leave(event: Event, target: str, state: AuthState) -> Rejection | None:
    sender = event.sender
    if sender == target:
        if state.membership(target) in ("invite", "join", "knock"):
            return None
        return Rejection("5.5.1", "the user is not in the room, invited or knocking")
    if state.membership(sender) != "join":
        return Rejection("5.5.2", "the sender is not in the room")
    levels = state.levels
    power = levels.of(sender)
    if state.membership(target) == "ban" and power < levels.ban:
        return Rejection("5.5.3", "the sender may not lift a ban")
    if power >= levels.kick and levels.of(target) < power:
        return None  # 5.5.4
    return Rejection("5.5.5", "the sender may not kick the target")


def _check_ban(event: Event, target: str, state: AuthState) -> Rejection | None:
    if state.membership(event.sender) != "join":
        return Rejection("5.6.1", "the sender is not in the room")
    levels = state.levels
    power = levels.of(event.sender)
    if power >= levels.ban and levels.of(target) < power:
        return None  # 5.6.2
    return Rejection("5.6.3", "the sender may not ban the target")


def _check_knock(event: Event, target: str, state: AuthState) -> Rejection | None:
    if _join_rule(state) not in ("knock", "knock_restricted"):
        return Rejection("5.7.1", "the join rule does not allow knocking")
    if event.sender != target:
        return Rejection("5.7.2", "only the user may knock")
    if state.membership(target) not in ("ban", "invite", "join"):
        return None  # 5.7.3
    return Rejection("5.7.4", "the user is banned, invited or in the room")


def _first_member(create: Event, version: RoomVersion) -> str | None:
    # Version 12 has more creators than one, but only the sender joins without a join rule.
    if version.creator_in_content:
        return next(iter(creators_of(create, version)), None)
    return create.sender


def _join_rule(state: AuthState) -> object:
    event = state.join_rules
    return "invite" if event is None else event.content.get("join_rule", "invite")


def _authoriser_signed(event: Event) -> bool:
    """5.2.1. Whether a signature is valid was checked on receipt: here it must only be there."""
    try:
        server = server_of(parse_user_id(event.content[AUTHORISER]))
    except BadId:
        return False
    return bool(orjson.loads(event.pdu)["signatures"].get(server))


def _public_keys(content: dict[str, Any]) -> list[str]:
    listed = content.get("public_keys")
    entries = [content, *(listed if isinstance(listed, list) else ())]
    keys = (entry.get("public_key") for entry in entries if isinstance(entry, dict))
    return [key for key in keys if isinstance(key, str)]


def _any_signature_matches(signed: dict[str, Any], public_keys: list[str]) -> bool:
    signatures = signed.get("signatures")
    signers = signatures.items() if isinstance(signatures, dict) else ()
    return any(
        _matches(signed, signer, key_id, public_key)
        for signer, by_key in signers
        if isinstance(by_key, dict)
        for key_id in by_key
        for public_key in public_keys
    )


def _matches(signed: dict[str, Any], signer: str, key_id: str, public_key: str) -> bool:
    try:
        verify_json(signed, signer, key_id, public_key)
    except BadSignature:
        return False
    return True
