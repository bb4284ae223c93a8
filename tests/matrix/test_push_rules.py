"""Which events are worth a person's attention, by the rules that the specification gives."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from privity.matrix.events import Event
from privity.matrix.ids import EventId, RoomId, UserId
from privity.matrix.power_levels import PowerLevels
from privity.matrix.push_conditions import split_path
from privity.matrix.push_defaults import default_ruleset
from privity.matrix.push_rules import Actions, Compiled, Facts, compile_rules, compiled_for
from privity.matrix.push_ruleset import KINDS

ANN, BEN = "@ann:privity.test", "@ben:privity.test"
ROOM = "!room:privity.test"
SOUND = {"set_tweak": "sound", "value": "default"}
HIGHLIGHT = {"set_tweak": "highlight"}
LEVELS = PowerLevels.of_content({"users": {BEN: 50}})


def event(
    kind: str, content: dict[str, Any], state_key: str | None = None, sender: str = BEN
) -> Event:
    return Event(
        event_id=EventId("$event"),
        room_id=RoomId(ROOM),
        type=kind,
        state_key=state_key,
        sender=UserId(sender),
        content=content,
        origin_server_ts=1,
        depth=1,
        prev_events=(),
        auth_events=(),
        pdu=b"",
    )


def facts(
    an_event: Event, members: int = 3, levels: PowerLevels = LEVELS, name: str | None = None
) -> Facts:
    return Facts(an_event, levels, members, ANN, name)


def says(body: str) -> Event:
    return event("m.room.message", {"msgtype": "m.text", "body": body})


ENCRYPTED = event("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"})


def asked(an_event: Event, members: int = 3, **more: Any) -> Actions:
    return compiled_for(None, ANN).actions(facts(an_event, members, **more))


def holds(condition: dict[str, Any], an_event: Event, **more: Any) -> bool:
    rule = {"rule_id": "x", "enabled": True, "conditions": [condition], "actions": ["notify"]}
    rules = compile_rules({**{kind: [] for kind in KINDS}, "override": [rule]}, ANN)
    return rules.actions(facts(an_event, **more)).notify


# -- the default rules


@pytest.mark.parametrize(
    ("an_event", "members", "actions"),
    [
        (says("hello"), 3, ["notify"]),
        (says("hello"), 2, ["notify", SOUND]),
        (says("hello ann"), 3, ["notify"]),
        (ENCRYPTED, 3, ["notify"]),
        (ENCRYPTED, 2, ["notify", SOUND]),
        (event("m.room.message", {"msgtype": "m.notice", "body": "x"}), 2, []),
        (event("m.room.member", {"membership": "invite"}, ANN), 2, ["notify", SOUND]),
        (event("m.room.member", {"membership": "invite"}, BEN), 2, []),
        (event("m.room.member", {"membership": "join"}, BEN), 2, []),
        (
            event("m.room.message", {"m.mentions": {"user_ids": [BEN, ANN]}}),
            3,
            ["notify", SOUND, HIGHLIGHT],
        ),
        (event("m.room.message", {"m.mentions": {"user_ids": [BEN]}}), 3, ["notify"]),
        (event("m.room.message", {"m.mentions": {"room": True}}), 3, ["notify", HIGHLIGHT]),
        (event("m.room.message", {"m.mentions": {"room": 1}}), 3, ["notify"]),
        (event("m.room.tombstone", {}, ""), 3, ["notify", HIGHLIGHT]),
        (event("m.room.tombstone", {}, "x"), 3, []),
        (event("m.room.tombstone", {}), 3, []),
        (event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation"}}), 2, []),
        (event("m.room.server_acl", {}, ""), 2, []),
        (event("m.room.encrypted", {"m.relates_to": {"rel_type": "m.replace"}}), 2, []),
        (event("m.room.encrypted", {"m.relates_to": {"rel_type": "m.thread"}}), 3, ["notify"]),
        (
            event("m.call.invite", {}),
            2,
            ["notify", {"set_tweak": "sound", "value": "ring"}],
        ),
        (event("m.room.topic", {"topic": "tea"}, ""), 2, []),
    ],
)
def test_the_default_rules_decide(an_event: Event, members: int, actions: list[Any]) -> None:
    decided = asked(an_event, members)
    assert list(decided.raw) == actions
    assert decided.notify is ("notify" in actions)
    assert decided.highlight is (HIGHLIGHT in actions)


def test_the_whole_room_is_called_by_those_who_may() -> None:
    call = event("m.room.message", {"m.mentions": {"room": True}}, sender=ANN)
    assert not asked(call).highlight
    everybody = PowerLevels.of_content({"notifications": {"room": 0}})
    assert asked(call, levels=everybody).highlight


def test_the_default_rules_are_those_of_the_specification_in_its_order() -> None:
    rules = default_ruleset(ANN)
    ids = [rule["rule_id"] for kind in KINDS for rule in rules[kind]]
    assert [rule_id for rule_id in ids if rule_id.startswith(".m.rule.")] == [
        ".m.rule.master",
        ".m.rule.suppress_notices",
        ".m.rule.invite_for_me",
        ".m.rule.member_event",
        ".m.rule.is_user_mention",
        ".m.rule.is_room_mention",
        ".m.rule.tombstone",
        ".m.rule.reaction",
        ".m.rule.room.server_acl",
        ".m.rule.suppress_edits",
        ".m.rule.call",
        ".m.rule.encrypted_room_one_to_one",
        ".m.rule.room_one_to_one",
        ".m.rule.message",
        ".m.rule.encrypted",
    ]
    assert all(rule["default"] for kind in KINDS for rule in rules[kind])
    switched_off = [rule for kind in KINDS for rule in rules[kind] if not rule["enabled"]]
    assert [rule["rule_id"] for rule in switched_off] == [".m.rule.master"]


@pytest.mark.parametrize(
    ("part", "members", "raw"),
    [
        ("response", 2, ()),
        ("start", 2, ("notify", {"set_tweak": "sound", "value": "default"})),
        ("end", 2, ("notify", {"set_tweak": "sound", "value": "default"})),
        ("start", 3, ("notify",)),
        ("end", 3, ("notify",)),
    ],
)
def test_a_poll_is_like_a_message_and_its_answers_are_silent(
    part: str, members: int, raw: tuple[Any, ...]
) -> None:
    assert asked(event(f"org.matrix.msc3381.poll.{part}", {}), members).raw == raw


def test_the_default_rules_are_the_same_shared_or_ones_own() -> None:
    own = compile_rules(default_ruleset(ANN), ANN)
    for an_event in (
        event("m.room.member", {"membership": "invite"}, ANN),
        event("m.room.message", {"m.mentions": {"user_ids": [ANN]}}),
    ):
        assert own.actions(facts(an_event)) == asked(an_event)
        assert own.actions(facts(an_event)).notify


# -- conditions


@pytest.mark.parametrize(
    ("key", "pattern", "matches"),
    [
        ("content.topic", "lunc?*", True),
        ("content.topic", "lunch plans", True),
        ("content.topic", "lunch", False),
        ("content.count", "*", False),
        ("content.absent", "*", False),
        ("content.m\\.dotted.deep", "yes", True),
        ("content.m.dotted.deep", "yes", False),
        ("content.back\\\\slash", "yes", True),
        ("content.topic.more", "*", False),
        ("content", "*", False),
        ("type", "M.ROOM.topic", True),
        ("type", "m.*", True),
        ("sender", "@b*", True),
        ("room_id", ROOM, True),
        ("state_key", "", True),
        ("event_id", "$event", True),
        ("unsigned.age", "*", False),
        ("", "*", False),
        ("content.topic", 1, False),
        (None, "*", False),
    ],
)
def test_a_property_matches_a_glob(key: Any, pattern: Any, matches: bool) -> None:
    content = {
        "topic": "Lunch plans",
        "count": 1,
        "m.dotted": {"deep": "yes"},
        "back\\slash": "yes",
    }
    topic = event("m.room.topic", content, "")
    condition = {"kind": "event_match", "key": key, "pattern": pattern}
    assert holds(condition, topic) is matches


def test_a_body_matches_at_the_bounds_of_words() -> None:
    condition = {"kind": "event_match", "key": "content.body", "pattern": "ex*ple"}
    for body in ("An example event.", "exple", "An exciting triple-whammy"):
        assert holds(condition, says(body))
    assert not holds(condition, says("flexible people pled"))


def test_an_event_that_is_no_state_has_no_state_key() -> None:
    assert not holds({"kind": "event_match", "key": "state_key", "pattern": "*"}, says("x"))
    assert not holds({"kind": "event_property_is", "key": "state_key", "value": None}, says("x"))


@pytest.mark.parametrize(
    ("key", "value", "matches"),
    [
        ("content.m\\.federate", True, True),
        ("content.m\\.federate", "true", False),
        ("content.m\\.federate", 1, False),
        ("content.one", 1, True),
        ("content.one", True, False),
        ("content.nothing", None, True),
        ("content.absent", None, False),
        ("content.word", "Word", True),
        ("content.word", "word", False),
        ("content.list", ["a"], False),
        ("origin_server_ts", 1, True),
    ],
)
def test_a_property_is_a_value_exactly(key: str, value: Any, matches: bool) -> None:
    content = {"m.federate": True, "one": 1, "nothing": None, "word": "Word", "list": ["a"]}
    condition = {"kind": "event_property_is", "key": key, "value": value}
    assert holds(condition, event("m.room.create", content, "")) is matches


@pytest.mark.parametrize(
    ("value", "matches"),
    [
        ("#mine:x", True),
        (":x", False),
        (1, True),
        (True, False),
        (None, True),
        (["#mine:x"], False),
    ],
)
def test_a_list_contains_a_value_exactly(value: Any, matches: bool) -> None:
    content = {"list": ["#other:x", "#mine:x", 1, None, ["#mine:x"]], "text": "#mine:x"}
    state = event("m.room.canonical_alias", content, "")
    condition = {"kind": "event_property_contains", "key": "content.list", "value": value}
    assert holds(condition, state) is matches
    assert not holds({**condition, "key": "content.text"}, state)


@pytest.mark.parametrize(
    ("given", "members", "matches"),
    [
        ("2", 2, True),
        ("==2", 2, True),
        ("2", 3, False),
        ("<3", 2, True),
        ("<2", 2, False),
        (">2", 3, True),
        (">=3", 3, True),
        ("<=3", 4, False),
        ("!=3", 4, False),
        ("", 0, False),
        (2, 2, False),
        ("²", 2, False),
    ],
)
def test_members_are_counted(given: Any, members: int, matches: bool) -> None:
    condition = {"kind": "room_member_count", "is": given}
    assert holds(condition, ENCRYPTED, members=members) is matches


def test_a_body_that_says_the_name_of_the_person_matches_the_old_condition() -> None:
    condition = {"kind": "contains_display_name"}
    assert holds(condition, says("Tea, ann?"), name="Ann")
    assert not holds(condition, says("annual"), name="Ann")
    assert not holds(condition, says("ann"), name=None)
    assert not holds(condition, ENCRYPTED, name="Ann")


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "org.example.moon_phase"},
        {"kind": "event_match"},
        {"kind": "event_match", "key": "type"},
        {"kind": "event_property_is", "key": "type"},
        {"kind": "event_property_contains", "value": "x"},
        {"kind": "room_member_count"},
        {"kind": "sender_notification_permission"},
        {"kind": None},
        {},
    ],
)
def test_a_condition_that_is_not_understood_never_holds(condition: dict[str, Any]) -> None:
    assert not holds(condition, says("x"))


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("content.body", ("content", "body")),
        (r"content.m\.relates_to", ("content", "m.relates_to")),
        (r"content.m\\foo", ("content", "m\\foo")),
        (r"content.m\x", ("content", "m\\x")),
        ("a..b", ("a", "", "b")),
        ("a\\", ("a\\",)),
    ],
)
def test_a_path_is_split_at_its_dots(key: str, parts: tuple[str, ...]) -> None:
    assert split_path(key) == parts


# -- the order of rules


def with_rules(**kinds: list[dict[str, Any]]) -> Compiled:
    ruleset = default_ruleset(ANN)
    for kind, rules in kinds.items():
        own = [{"default": False, "enabled": True, **rule} for rule in rules]
        ruleset[kind] = own + ruleset[kind]
    return compile_rules(ruleset, ANN)


def tweak(name: str) -> list[Any]:
    return ["notify", {"set_tweak": "sound", "value": name}]


def test_kinds_go_before_one_another() -> None:
    any_event: dict[str, Any] = {"rule_id": "x", "conditions": []}
    kinds: dict[str, dict[str, Any]] = {
        "override": {**any_event, "actions": tweak("override")},
        "content": {"rule_id": "x", "pattern": "tea", "actions": tweak("content")},
        "room": {"rule_id": ROOM, "actions": tweak("room")},
        "sender": {"rule_id": BEN, "actions": tweak("sender")},
        "underride": {**any_event, "actions": tweak("underride")},
    }
    while kinds:
        rules = with_rules(**{kind: [rule] for kind, rule in kinds.items()})
        decided = rules.actions(facts(says("tea")))
        assert list(decided.raw) == tweak(next(iter(kinds)))
        del kinds[next(iter(kinds))]


def test_in_a_kind_the_first_that_matches_decides() -> None:
    first = {"rule_id": "time", "pattern": "time", "actions": tweak("time")}
    second = {"rule_id": "tea", "pattern": "tea", "actions": tweak("tea")}
    rules = with_rules(content=[first, second])
    assert list(rules.actions(facts(says("time for tea"))).raw) == tweak("time")
    assert list(rules.actions(facts(says("tea"))).raw) == tweak("tea")


def test_a_rule_that_is_switched_off_is_not_asked() -> None:
    off = {"rule_id": "x", "enabled": False, "conditions": [], "actions": tweak("x")}
    assert list(with_rules(override=[off]).actions(facts(ENCRYPTED)).raw) == ["notify"]


def test_the_master_rule_silences_everything() -> None:
    ruleset = default_ruleset(ANN)
    ruleset["override"][0]["enabled"] = True
    loud = {"rule_id": "x", "default": False, "enabled": True, "conditions": [], "actions": []}
    ruleset["override"].insert(1, {**loud, "actions": tweak("x")})
    rules = compile_rules(ruleset, ANN)
    assert not rules.actions(facts(ENCRYPTED)).notify


def test_a_muted_room_keeps_its_place_among_other_rules() -> None:
    mute = {
        "rule_id": ROOM,
        "conditions": [{"kind": "event_match", "key": "room_id", "pattern": ROOM}],
        "actions": [],
    }
    loud: dict[str, Any] = {"rule_id": "x", "conditions": [], "actions": tweak("x")}
    assert with_rules(override=[mute, loud]).actions(facts(ENCRYPTED)).raw == ()
    assert list(with_rules(override=[loud, mute]).actions(facts(ENCRYPTED)).raw) == tweak("x")


def test_two_types_in_one_rule_never_match() -> None:
    both = [
        {"kind": "event_match", "key": "type", "pattern": "m.room.message"},
        {"kind": "event_match", "key": "type", "pattern": "m.room.encrypted"},
    ]
    rules = with_rules(override=[{"rule_id": "x", "conditions": both, "actions": tweak("x")}])
    for an_event in (says("x"), ENCRYPTED):
        assert list(rules.actions(facts(an_event)).raw) == ["notify"]


@pytest.mark.parametrize(
    ("actions", "highlight"),
    [
        (["notify", HIGHLIGHT], True),
        (["notify", {"set_tweak": "highlight", "value": True}], True),
        (["notify", {"set_tweak": "highlight", "value": False}], False),
        (["notify", {"set_tweak": "highlight", "value": "yes"}], False),
        ([HIGHLIGHT], False),
        (["notify"], False),
    ],
)
def test_what_is_highlighted(actions: list[Any], highlight: bool) -> None:
    rule = {"rule_id": "x", "conditions": [], "actions": actions}
    assert with_rules(override=[rule]).actions(facts(ENCRYPTED)).highlight is highlight


def test_a_thousand_muted_rooms_cost_an_encrypted_event_nothing() -> None:
    mutes = [
        {
            "rule_id": f"!{number}:privity.test",
            "conditions": [
                {"kind": "event_match", "key": "room_id", "pattern": f"!{number}:privity.test"}
            ],
            "actions": [],
        }
        for number in range(1000)
    ]
    rules = with_rules(override=mutes)
    described = facts(ENCRYPTED)
    assert rules.actions(described).notify
    began = time.perf_counter()
    for _ in range(1000):
        rules.actions(described)
    assert time.perf_counter() - began < 0.1  # 3 us each; 100 are slow even for a busy machine


def test_a_ruleset_of_another_version_of_the_server_still_compiles() -> None:
    kept = json.loads(json.dumps({"global": {"override": default_ruleset(ANN)["override"][:3]}}))
    assert compiled_for(kept, ANN).actions(facts(ENCRYPTED)).notify
