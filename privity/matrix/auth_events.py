"""Which events of the state an event names as giving it the right to be sent.

Source: server-server API, "Auth events selection"; rule 3 of rooms/v12 (rule 2 of v10 and v11).

The selection, for every event but `m.room.create`, which names none:
a. the create event (versions 10 and 11: in 12 the room id says it)
b. the power levels
c. the sender's membership
d. a membership event: the target's membership
e. to join, invite or knock: the join rules
f. to invite by a third party invite: that invite
g. to join a restricted room: the membership of the user who authorises it

Rule 3, on the events that are named:
3.1 two for the same key, 3.2 one that the selection does not hold, 3.3 one that was rejected,
3.4 (versions 10 and 11) no create event, 3.5 one of another room: reject.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from privity.matrix.auth_state import Rejection
from privity.matrix.events import Event
from privity.matrix.ids import EventId
from privity.matrix.versions import RoomVersion

_CREATE = ("m.room.create", "")
_POWER_LEVELS = ("m.room.power_levels", "")
_JOIN_RULES = ("m.room.join_rules", "")


def auth_types(
    event_type: str,
    sender: str,
    state_key: str | None,
    content: Mapping[str, Any],
    version: RoomVersion,
) -> list[tuple[str, str]]:
    """The state keys whose events, where they exist, are the auth events of such an event."""
    if event_type == "m.room.create":
        return []
    keys = [_POWER_LEVELS, ("m.room.member", sender)]  # b c
    if not version.room_id_is_create_hash:
        keys.insert(0, _CREATE)  # a
    if event_type == "m.room.member" and state_key is not None:
        keys += _membership_types(sender, state_key, content, version)
    return keys


def check_auth_events(
    event: Event,
    auth_events: Iterable[Event],
    version: RoomVersion,
    rejected: Collection[EventId] = (),
) -> Rejection | None:
    """Rule 3: whether an event names the right auth events. `rejected` are ids known as such."""
    allowed = set(auth_types(event.type, event.sender, event.state_key, event.content, version))
    seen: set[tuple[str, str | None]] = set()
    for auth_event in auth_events:
        key = (auth_event.type, auth_event.state_key)
        if key in seen:
            return Rejection("3.1", "two auth events for one state key")
        if key not in allowed:
            return Rejection("3.2", "an auth event that the selection does not hold")
        if auth_event.event_id in rejected:
            return Rejection("3.3", "an auth event was itself rejected")
        if auth_event.room_id != event.room_id:
            return Rejection("3.5", "an auth event of another room")
        seen.add(key)
    if _CREATE in allowed and _CREATE not in seen:
        return Rejection("3.4", "no create event among the auth events")
    return None


def _membership_types(
    sender: str, target: str, content: Mapping[str, Any], version: RoomVersion
) -> list[tuple[str, str]]:
    keys = []
    if target != sender:
        keys.append(("m.room.member", target))  # d
    membership = content.get("membership")
    if membership in ("join", "invite", "knock"):
        keys.append(_JOIN_RULES)  # e
    if membership == "invite":
        token = third_party_token(content)
        if token is not None:
            keys.append(("m.room.third_party_invite", token))  # f
    if membership == "join" and version.has_restricted_rooms:
        authoriser = content.get("join_authorised_via_users_server")
        if isinstance(authoriser, str) and authoriser not in (sender, target):
            keys.append(("m.room.member", authoriser))  # g
    return keys


def third_party_token(content: Mapping[str, Any]) -> str | None:
    """`third_party_invite.signed.token` of a membership content."""
    invite = content.get("third_party_invite")
    signed = invite.get("signed") if isinstance(invite, dict) else None
    token = signed.get("token") if isinstance(signed, dict) else None
    return token if isinstance(token, str) else None
