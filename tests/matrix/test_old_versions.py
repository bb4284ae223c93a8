"""Versions 1 to 9: what each does not know yet. Source: rooms/v1 to rooms/v9."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import orjson
import pytest

from privity.matrix.auth_events import auth_types
from privity.matrix.auth_rules import EventsAuthState, authorise
from privity.matrix.events import BadEvent, Event, EventDraft, build
from privity.matrix.ids import RoomId
from privity.matrix.redaction import redact_content
from privity.matrix.versions import DEFAULT, KNOWN, MADE
from tests.matrix.history import ALICE, KEY, SERVER
from tests.world import World

AUTHORISED = {"membership": "join", "join_authorised_via_users_server": "@ann:privity.test"}
JOIN_RULES = {"join_rule": "restricted", "allow": []}
OLD = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
ALIASES = {"aliases": ["#tea:x"]}


def test_none_of_them_is_made_by_default() -> None:
    assert sorted(KNOWN.keys() - MADE.keys()) == [*OLD]
    assert DEFAULT in MADE


@pytest.mark.parametrize(
    ("version_id", "rules", "member"), [("7", 1, 1), ("8", 2, 1), ("9", 2, 2), ("10", 2, 2)]
)
def test_what_stays_of_a_redacted_event(version_id: str, rules: int, member: int) -> None:
    version = KNOWN[version_id]
    assert len(redact_content("m.room.join_rules", JOIN_RULES, version)) == rules
    assert len(redact_content("m.room.member", AUTHORISED, version)) == member


@pytest.mark.parametrize(("version_id", "names_it"), [("6", False), ("7", False), ("8", True)])
def test_who_authorised_a_join_counts_since_version_8(version_id: str, names_it: bool) -> None:
    keys = auth_types("m.room.member", "@bob:x", "@bob:x", AUTHORISED, KNOWN[version_id])
    assert (("m.room.member", "@ann:privity.test") in keys) == names_it


@pytest.mark.parametrize("version_id", OLD)
async def test_one_is_made_only_where_every_switch_is_on(version_id: str) -> None:
    async with World() as world:
        ann = await world.person("ann")
        answer = await ann.post("/createRoom", {"room_version": version_id})
        assert answer.refusal == (400, "M_UNSUPPORTED_ROOM_VERSION")
        told = (await ann.get("/capabilities"))["capabilities"]["m.room_versions"]
        assert version_id not in told["available"]


@pytest.mark.parametrize(("version_id", "status"), [("6", 403), ("7", 200), ("9", 200)])
async def test_one_knocks_since_version_7(version_id: str, status: int, open_world: World) -> None:
    ann, bob = await open_world.person("ann"), await open_world.person("bob")
    rule = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}
    body = {"room_version": version_id, "initial_state": [rule]}
    room_id = (await ann.post("/createRoom", body))["room_id"]
    assert (await bob.post(f"/knock/{room_id}", {})).status == status


@pytest.mark.parametrize(("version_id", "status"), [("7", 403), ("8", 200), ("9", 200)])
async def test_members_of_another_room_are_let_in_since_version_8(
    version_id: str, status: int, open_world: World
) -> None:
    ann, bob = await open_world.person("ann"), await open_world.person("bob")
    there = (await ann.post("/createRoom", {"preset": "public_chat"}))["room_id"]
    await bob.post(f"/join/{there}", {})
    allow = [{"type": "m.room_membership", "room_id": there}]
    content = {"join_rule": "restricted", "allow": allow}
    rule = {"type": "m.room.join_rules", "state_key": "", "content": content}
    body = {"room_version": version_id, "initial_state": [rule]}
    room_id = (await ann.post("/createRoom", body))["room_id"]
    assert (await bob.post(f"/join/{room_id}", {})).status == status


@pytest.mark.parametrize("version_id", OLD)
async def test_people_talk_in_one(version_id: str, open_world: World) -> None:
    ann, bob = await open_world.person("ann"), await open_world.person("bob")
    body = {"room_version": version_id, "invite": [bob.user_id], "room_alias_name": "tea"}
    room_id = (await ann.post("/createRoom", body))["room_id"]
    await bob.post(f"/join/{room_id}", {})
    path, said = f"/rooms/{room_id}/send/m.room.message", {"msgtype": "m.text", "body": "tea"}
    event_id = (await ann.put(f"{path}/1", said))["event_id"]
    await open_world.restart()
    there = f"/rooms/{room_id}/event/{quote(event_id, safe='')}"
    assert (await bob.get(there))["content"] == said
    redacted = await ann.put(f"/rooms/{room_id}/redact/{quote(event_id, safe='')}/2", {})
    assert redacted.status == 200
    assert (await bob.get(there))["content"] == {}


@pytest.mark.parametrize("version_id", ["1", "2"])
def test_an_event_has_a_name_of_its_servers_and_refers_with_hashes(version_id: str) -> None:
    version = KNOWN[version_id]
    create = build(_draft("m.room.create"), version, SERVER, KEY)
    member = _draft("m.room.member", after=create)
    event = build(member, version, SERVER, KEY)
    pdu = orjson.loads(event.pdu)
    assert pdu["event_id"] == event.event_id
    assert event.event_id.endswith(":one.example")
    ((named, hashes),) = pdu["prev_events"]
    assert named == create.event_id
    assert hashes.keys() == {"sha256"}
    assert Event.from_pdu(event.pdu, version).prev_events == (create.event_id,)
    with pytest.raises(BadEvent):
        Event.from_pdu(event.pdu, KNOWN["3"])


def test_an_id_of_version_3_is_in_plain_base64() -> None:
    ids = [
        [build(_draft("m.room.create", ts=ts), KNOWN[v], SERVER, KEY).event_id for ts in range(40)]
        for v in ("3", "4")
    ]
    assert any("/" in each or "+" in each for each in ids[0])
    assert not any("/" in each or "+" in each for each in ids[1])


@pytest.mark.parametrize(("state_key", "is_allowed"), [("one.example", True), ("x", False)])
def test_a_server_tells_its_own_aliases_up_to_version_5(state_key: str, is_allowed: bool) -> None:
    create = build(_draft("m.room.create"), KNOWN["5"], SERVER, KEY)
    state = EventsAuthState([create], KNOWN["5"])
    draft = replace(_draft("m.room.aliases", after=create), content=ALIASES, state_key=state_key)
    event = build(draft, KNOWN["5"], SERVER, KEY)
    assert (authorise(event, state, KNOWN["5"]) is None) == is_allowed
    assert redact_content("m.room.aliases", ALIASES, KNOWN["5"]) == ALIASES
    assert redact_content("m.room.aliases", ALIASES, KNOWN["6"]) == {}


def _draft(kind: str, *, after: Event | None = None, ts: int = 1) -> EventDraft:
    return EventDraft(
        type=kind,
        sender=ALICE,
        content={"creator": ALICE, "room_version": "1"},
        origin_server_ts=ts,
        depth=1,
        prev_events=(after.event_id,) if after else (),
        auth_events=(after.event_id,) if after else (),
        room_id=RoomId("!room:one.example"),
        state_key="",
        references=(after,) if after else (),
    )
