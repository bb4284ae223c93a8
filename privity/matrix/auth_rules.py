"""The authorisation rules: whether an event is allowed by the state before it.

The rules, numbered as in rooms/v12. Versions 10 and 11 have no rule 2, so their numbers are one
lower from there on; where they differ it is said.

1   m.room.create:
  1.1 it has prev_events: reject
  1.2 v12: it has a room_id: reject (such a PDU is never an `Event`: `events` refuses it).
      v10, v11: the domain of room_id is not the sender's: reject
  1.3 room_version is present and not recognised: reject
  1.4 v12: additional_creators is present and not an array of user ids: reject.
      v10: there is no creator in content: reject
  1.5 allow
2   v12: room_id is not the id of the accepted create event, with the sigil !: reject.
    (v10 and v11 ask the same of the auth events, 3.4 and 3.5)
3   the auth events themselves: `auth_events.check_auth_events`
    (versions 1 to 5: a m.room.aliases event is allowed for the sender's own server, and no other)
4   m.federate is false and the sender's domain is not that of the create event's sender: reject
5   m.room.member: `membership_rules`
  5.1 no state_key or no membership: reject
  5.2 join_authorised_via_users_server: 5.2.1 not signed by that user's server: reject
  5.3 join
    5.3.1 the only prev_event is the create event and the user its sender (v10: creator): allow
    5.3.2 sender is not state_key: reject         5.3.3 the sender is banned: reject
    5.3.4 rule invite or knock, and membership invite or join: allow
    5.3.5 rule restricted or knock_restricted: 5.3.5.1 membership join or invite: allow
          5.3.5.2 the authorising user may not invite or has not joined: reject   5.3.5.3 allow
    5.3.6 rule public: allow                      5.3.7 reject
  5.4 invite
    5.4.1 third_party_invite: reject where 5.4.1.1 the target is banned, 5.4.1.2 signed is missing,
          5.4.1.3 mxid or token is missing, 5.4.1.4 mxid is not state_key, 5.4.1.5 no such event,
          5.4.1.6 its sender is another; 5.4.1.7 a signature matches a key: allow   5.4.1.8 reject
    5.4.2 the sender has not joined: reject       5.4.3 the target has joined or is banned: reject
    5.4.4 the sender has the invite level: allow  5.4.5 reject
  5.5 leave
    5.5.1 of oneself: allow if and only if invite, join or knock
    5.5.2 the sender has not joined: reject       5.5.3 banned, and below the ban level: reject
    5.5.4 the kick level, and above the target: allow                               5.5.5 reject
  5.6 ban: 5.6.1 the sender has not joined: reject
      5.6.2 the ban level, and above the target: allow                              5.6.3 reject
  5.7 knock: 5.7.1 rule is not knock or knock_restricted: reject
      5.7.2 sender is not state_key: reject
      5.7.3 not banned, invited or joined: allow                                    5.7.4 reject
  5.8 any other membership: reject
6   the sender has not joined: reject
7   m.room.third_party_invite: allow if and only if the sender has the invite level
8   the type takes more power than the sender has: reject
9   state_key starts with @ and is not the sender: reject
10  m.room.power_levels: `power_level_rules`
  10.1 a named level, 10.2 events or notifications, 10.3 users: not of integers: reject
  10.4 v12: users names a creator: reject (from here on v10 and v11 are one lower)
  10.5 no power levels yet: allow
  10.6 named levels, 10.7 and 10.8 events and notifications, 10.9 and 10.10 users: reject what
       changes a level above the sender's, or sets one above it
  10.11 allow
11  allow

Source: rooms/v10, rooms/v11, rooms/v12, "Authorisation rules". Signatures are checked before.
"""

from __future__ import annotations

from privity.matrix.auth_events import auth_types, check_auth_events
from privity.matrix.auth_state import AuthState, EventsAuthState, Rejection
from privity.matrix.events import Event
from privity.matrix.ids import BadId, parse_user_id, server_of
from privity.matrix.membership_rules import check_membership
from privity.matrix.power_level_rules import check_power_levels
from privity.matrix.versions import KNOWN, RoomVersion

__all__ = [
    "AuthState",
    "EventsAuthState",
    "Rejection",
    "auth_types",
    "authorise",
    "check_auth_events",
]


def authorise(event: Event, state: AuthState, version: RoomVersion) -> Rejection | None:
    """Whether `event` is allowed by the state before it: None, or the rule that rejects it."""
    if event.type == "m.room.create":
        return _check_create(event, version)  # 1
    create = state.create
    if create is None or event.room_id != create.room_id:
        return Rejection("2", "not of a room whose create event was accepted")
    if create.content.get("m.federate") is False and server_of(event.sender) != server_of(
        create.sender
    ):
        return Rejection("4", "the room is not federated")
    if version.has_alias_rule and event.type == "m.room.aliases":
        is_own = event.state_key == server_of(event.sender)
        return None if is_own else Rejection("4.1", "the aliases of another server")
    if event.type == "m.room.member":
        return check_membership(event, state, version)  # 5
    return _check_other(event, state, version)


def _check_other(event: Event, state: AuthState, version: RoomVersion) -> Rejection | None:
    sender, state_key = event.sender, event.state_key
    if state.membership(sender) != "join":
        return Rejection("6", "the sender is not in the room")
    levels = state.levels
    power = levels.of(sender)
    if event.type == "m.room.third_party_invite":
        return None if power >= levels.invite else Rejection("7.1", "the sender may not invite")
    if levels.to_send(event.type, state_key is not None) > power:
        return Rejection("8", "the sender's power level is too low")
    if state_key is not None and state_key.startswith("@") and state_key != sender:
        return Rejection("9", "the state key is another user's")
    if event.type == "m.room.power_levels":
        return check_power_levels(event, state, version)  # 10
    return None  # 11


def _check_create(event: Event, version: RoomVersion) -> Rejection | None:
    content = event.content
    if event.prev_events:
        return Rejection("1.1", "a create event comes after nothing")
    if not version.room_id_is_create_hash and not _same_server(event.room_id, event.sender):
        return Rejection("1.2", "the room id is of another server than the sender")
    if "room_version" in content and not _is_known_version(content["room_version"]):
        return Rejection("1.3", "unknown room version")
    if version.creator_in_content and "creator" not in content:
        return Rejection("1.4", "no creator")
    if version.privileged_creators and not _are_user_ids(content.get("additional_creators", [])):
        return Rejection("1.4", "additional_creators is not an array of user ids")
    return None  # 1.5


def _is_known_version(value: object) -> bool:
    return isinstance(value, str) and value in KNOWN


def _same_server(room_id: str, sender: str) -> bool:
    try:
        return server_of(room_id) == server_of(sender)
    except BadId:
        return False


def _are_user_ids(value: object) -> bool:
    if not isinstance(value, list):
        return False
    try:
        for user_id in value:
            parse_user_id(user_id)
    except BadId:
        return False
    return True
