"""Create a room: all of its first events in one transaction, encryption among them.

In this order (client-server API, "POST /createRoom"):

1. `m.room.create`: in version 12 its hash is the room's id
2. the creator's `m.room.member`
3. `m.room.power_levels`, with `power_level_content_override` over it
4. `m.room.encryption`, whatever the client asked for (threat `plaintext`)
5. `m.room.canonical_alias`
6. what the preset says: `join_rules`, `history_visibility`, `guest_access`
7. `initial_state`, which goes before the preset's
8. `m.room.name` and `m.room.topic`
9. the invitations
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from privity.guard import pace
from privity.guard.plaintext import ALGORITHM
from privity.house import House
from privity.matrix.auth_rules import authorise
from privity.matrix.errors import Errcode, Refuse, Refused, bad_json, refused
from privity.matrix.events import EventDraft
from privity.matrix.ids import RoomAlias, RoomId, UserId
from privity.matrix.versions import DEFAULT, KNOWN, MADE, RoomVersion
from privity.rooms.contact import may_invite
from privity.rooms.place import Built, Wanted, admit, build, commit, signed
from privity.store import profiles, rooms
from privity.store.engine import WriteTx
from privity.store.heads import Head
from privity.store.profiles import NOBODY, Profile

PRIVATE_CHAT = "private_chat"
TRUSTED_PRIVATE_CHAT = "trusted_private_chat"
PUBLIC_CHAT = "public_chat"
PRESETS = (PRIVATE_CHAT, TRUSTED_PRIVATE_CHAT, PUBLIC_CHAT)

_HIGH = {
    "m.room.encryption": 100,
    "m.room.history_visibility": 100,
    "m.room.power_levels": 100,
    "m.room.server_acl": 100,
    "m.room.tombstone": 100,
}
_MIDDLE = {"m.room.avatar": 50, "m.room.canonical_alias": 50, "m.room.name": 50}
_ABOVE_EVERYBODY = 150


@dataclass(frozen=True, slots=True)
class InitialState:
    """One entry of `initial_state`."""

    type: str
    state_key: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Creation:
    """What a client asks for."""

    preset: str = PRIVATE_CHAT
    version: str | None = None
    name: str | None = None
    topic: str | None = None
    alias: RoomAlias | None = None
    is_published: bool = False
    is_direct: bool = False
    invite: tuple[UserId, ...] = ()
    content: dict[str, Any] = field(default_factory=dict)
    initial_state: tuple[InitialState, ...] = ()
    power_levels: dict[str, Any] = field(default_factory=dict)
    room_id: RoomId | None = None
    """The id that it is to have, made by `new_room_id`; of no use from version 12 on."""


def new_room_id(house: House) -> RoomId:
    """An id for a room of a version whose ids are not hashes."""
    return RoomId(f"!{secrets.token_urlsafe(18)}:{house.server_name}")


async def create(house: House, creator: UserId, creation: Creation) -> RoomId:
    """Create it, or a gate's no.

    Errors: 400 M_UNSUPPORTED_ROOM_VERSION, M_INVALID_ROOM_STATE, M_ROOM_IN_USE; 403
    M_INVITE_BLOCKED.
    """
    house.keep_pace(pace.CREATE_ROOM, creator)
    version = _version(house, creation)
    for invited in creation.invite:
        await may_invite(house, creator, invited)
    people = (creator, *creation.invite)
    shown = await house.store.read(lambda tx: profiles.of_all(tx, people))
    head, first = await _unique_first_event(house, creator, creation, version)  # 1
    built = [first]
    try:
        built += _build_others(house, head, _wanted(house, creator, creation, version, shown))
    except Refused:
        house.store.heads.drop(head)
        raise

    def also(tx: WriteTx) -> None:
        rooms.add(tx, head.room_id, version.id, creator, is_published=creation.is_published)
        if creation.alias and not rooms.add_alias(tx, creation.alias, head.room_id, creator):
            raise refused(Errcode.ROOM_IN_USE, "This alias is taken.", status=400)

    try:
        await commit(house, head, built, also=also)
    except BaseException:
        house.store.heads.drop(head)
        raise
    return head.room_id


async def _unique_first_event(
    house: House, creator: UserId, creation: Creation, version: RoomVersion
) -> tuple[Head, Built]:
    """The create event. Two alike in the same millisecond would be one room: the later waits."""
    heads = house.store.heads
    ts = house.clock.now_ms()
    while True:
        head, first = _first_event(house, creator, creation, version, ts)
        if await heads.get(head.room_id) is None and heads.peek(head.room_id) is None:
            heads.add(head)
            return head, first
        ts += 1


def _build_others(house: House, head: Head, wanted: list[Wanted]) -> list[Built]:
    built = []
    for each in wanted:
        try:
            built.append(build(house, head, each))
        except Refused as refusal:
            raise _as_invalid_state(refusal, each) from refusal
    return built


def _version(house: House, creation: Creation) -> RoomVersion:
    asked = creation.version or house.config.unsafe_default_room_version or DEFAULT
    return version_of(house, asked)


def version_of(house: House, asked: str) -> RoomVersion:
    """A version of which rooms are made here. 400 M_UNSUPPORTED_ROOM_VERSION for any other."""
    version = (KNOWN if house.config.is_open else MADE).get(asked)
    if version is None:
        says = f"Rooms of version {asked} are not made here."
        raise refused(Errcode.UNSUPPORTED_ROOM_VERSION, says, status=400)
    return version


def _first_event(
    house: House, creator: UserId, creation: Creation, version: RoomVersion, ts: int
) -> tuple[Head, Built]:
    content = {**creation.content, "room_version": version.id}
    content.pop("creator", None)
    if version.creator_in_content:
        content["creator"] = creator
    if version.privileged_creators and creation.preset == TRUSTED_PRIVATE_CHAT:
        asked = content.get("additional_creators", [])
        if not isinstance(asked, list):
            message = "'additional_creators' must be a list of user ids."
            raise bad_json(message)
        content["additional_creators"] = list(dict.fromkeys([*asked, *creation.invite]))
    is_named_by_hash = version.room_id_is_create_hash
    draft = EventDraft(
        type="m.room.create",
        sender=creator,
        content=content,
        origin_server_ts=ts,
        depth=1,
        prev_events=(),
        auth_events=(),
        room_id=None if is_named_by_hash else creation.room_id or new_room_id(house),
        state_key="",
    )
    event = signed(house, draft, version)
    head = Head(event.room_id, version, event, 0)
    rejection = authorise(event, head, version)
    if rejection is not None:
        raise bad_json(f"This room cannot be created: {rejection.because}.")
    head.advance(event)
    return head, Built(admit(house, event), None)


def _wanted(
    house: House,
    creator: UserId,
    creation: Creation,
    version: RoomVersion,
    shown: dict[UserId, Profile],
) -> list[Wanted]:
    def state(kind: str, content: dict[str, Any], state_key: str = "") -> Wanted:
        return Wanted(kind, creator, content, state_key)

    given = {(entry.type, entry.state_key): entry.content for entry in creation.initial_state}
    member = shown.get(creator, NOBODY).as_member_content()
    wanted = [
        state("m.room.member", {**member, "membership": "join"}, creator),  # 2
        state("m.room.power_levels", _power_levels(creator, creation, version)),  # 3
    ]
    encryption = given.pop(("m.room.encryption", ""), None)
    if encryption is not None or not house.config.unsafe_allow_plaintext:  # 4
        wanted.append(state("m.room.encryption", encryption or {"algorithm": ALGORITHM}))
    if creation.alias is not None:  # 5
        wanted.append(state("m.room.canonical_alias", {"alias": creation.alias}))
    wanted += [  # 6
        state(kind, content)
        for kind, content in _preset_state(creation.preset).items()
        if (kind, "") not in given
    ]
    if creation.name is not None:  # 8 goes over 7
        given[("m.room.name", "")] = {"name": creation.name}
    if creation.topic is not None:
        text = [{"body": creation.topic, "mimetype": "text/plain"}]
        given[("m.room.topic", "")] = {"topic": creation.topic, "m.topic": {"m.text": text}}
    wanted += [state(kind, content, key) for (kind, key), content in given.items()]  # 7 8
    for user_id in dict.fromkeys(creation.invite):  # 9
        mark = {"is_direct": True} if creation.is_direct else {}
        shown_as = shown.get(user_id, NOBODY).as_member_content()
        invitation = {**shown_as, **mark, "membership": "invite"}
        wanted.append(state("m.room.member", invitation, user_id))
    return wanted


def _power_levels(creator: UserId, creation: Creation, version: RoomVersion) -> dict[str, Any]:
    events = {**_HIGH, **_MIDDLE}
    users: dict[str, int] = {}
    if version.privileged_creators:
        events["m.room.tombstone"] = _ABOVE_EVERYBODY
    else:
        users[creator] = 100
        if creation.preset == TRUSTED_PRIVATE_CHAT:
            users.update(dict.fromkeys(creation.invite, 100))
    return {
        "users": users,
        "users_default": 0,
        "events": events,
        "events_default": 0,
        "state_default": 50,
        "ban": 50,
        "kick": 50,
        "redact": 50,
        "invite": 50 if creation.preset == PUBLIC_CHAT else 0,
        **creation.power_levels,
    }


def _preset_state(preset: str) -> dict[str, dict[str, Any]]:
    is_public = preset == PUBLIC_CHAT
    return {
        "m.room.join_rules": {"join_rule": "public" if is_public else "invite"},
        "m.room.history_visibility": {"history_visibility": "shared"},
        "m.room.guest_access": {"guest_access": "forbidden" if is_public else "can_join"},
    }


def _as_invalid_state(refusal: Refused, wanted: Wanted) -> Refused:
    refuse = refusal.refuse
    if refuse.errcode is not Errcode.FORBIDDEN or not refuse.because.startswith("rule "):
        return refusal
    says = f"The room cannot begin with this {wanted.type}."
    return Refused(Refuse(Errcode.INVALID_ROOM_STATE, says, refuse.because, status=400))
