"""Forks and what they come to. Source: rooms/fragments/v2-state-res, rooms/v12, MSC4297."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.auth_graph import auth_difference, subgraph_between
from privity.matrix.events import Event
from privity.matrix.ids import EventId, UserId
from privity.matrix.state_ordering import mainline_ordering, power_ordering
from privity.matrix.state_resolution import StateKey, resolve
from privity.matrix.versions import KNOWN
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, History, public_room

VERSIONS = sorted(KNOWN)
TOPIC = ("m.room.topic", "")
POWERS = ("m.room.power_levels", "")
RULES = ("m.room.join_rules", "")


def member(user: UserId) -> StateKey:
    return ("m.room.member", user)


def with_people(version_id: str, **levels: int) -> History:
    """ALICE's public room with BOB and CAROL in it."""
    named = {"bob": BOB, "carol": CAROL}
    history = public_room(version_id, powers={named[name]: n for name, n in levels.items()})
    history.join(BOB)
    history.join(CAROL)
    return history


def levels_of(history: History, **levels: int) -> dict[str, int]:
    named: dict[str, str] = {"bob": BOB, "carol": CAROL}
    users = {named[name]: level for name, level in levels.items()}
    return users if history.version.privileged_creators else {ALICE: 100, **users}


def tip(history: History) -> Event:
    return history.events[history.last[0]]


@pytest.mark.parametrize("version_id", VERSIONS)
def test_states_that_agree_resolve_to_themselves(version_id: str) -> None:
    history = with_people(version_id)
    state = history.after[history.last[0]]
    assert resolve([state], history.events, history.version) == state
    assert resolve([state, dict(state)], history.events, history.version) == state


@pytest.mark.parametrize("version_id", VERSIONS)
def test_changes_of_different_things_all_stay(version_id: str) -> None:
    history = with_people(version_id, bob=50)
    fork = tip(history)
    topic = history.topic(BOB, "x", after=[fork])
    joined = history.join(DAVE, after=[fork])
    resolved = history.resolved(topic, joined)
    assert resolved[TOPIC] == topic.event_id
    assert resolved[member(DAVE)] == joined.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_of_two_topics_under_the_same_power_the_later_stays(version_id: str) -> None:
    history = with_people(version_id, bob=50)
    fork = tip(history)
    later = history.topic(ALICE, "later", after=[fork], ts=9000)
    earlier = history.topic(BOB, "earlier", after=[fork], ts=8000)
    assert history.resolved(later, earlier)[TOPIC] == later.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_topic_under_newer_power_levels_stays_whatever_the_clock_of_the_other_said(
    version_id: str,
) -> None:
    history = with_people(version_id, bob=50)
    fork = tip(history)
    old = history.topic(BOB, "old", after=[fork], ts=9000)
    powers = history.powers(ALICE, levels_of(history, bob=50, carol=1), after=[fork])
    new = history.topic(BOB, "new", after=[powers], ts=8000)
    assert history.resolved(old, new)[TOPIC] == new.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_ban_wins_against_what_the_banned_did_meanwhile(version_id: str) -> None:
    history = with_people(version_id, bob=50)
    fork = tip(history)
    banned = history.member(ALICE, BOB, "ban", after=[fork], ts=9000)
    topic = history.topic(BOB, "mine", after=[fork], ts=8000)
    powers = history.powers(BOB, levels_of(history, bob=50, carol=50), after=[topic], ts=8000)
    resolved = history.resolved(banned, powers)
    assert resolved[member(BOB)] == banned.event_id
    assert TOPIC not in resolved
    assert resolved[POWERS] == history.after[fork.event_id][POWERS]


@pytest.mark.parametrize("version_id", VERSIONS)
def test_of_two_who_demote_each_other_the_more_powerful_prevails(version_id: str) -> None:
    history = with_people(version_id, bob=60, carol=50)
    fork = tip(history)
    by_bob = history.powers(BOB, levels_of(history, bob=60), after=[fork], ts=9000)
    by_carol = history.powers(CAROL, levels_of(history, bob=60, carol=0), after=[fork], ts=8000)
    banned = history.member(BOB, CAROL, "ban", after=[by_bob])
    resolved = history.resolved(banned, by_carol)
    assert resolved[POWERS] == by_bob.event_id
    assert resolved[member(CAROL)] == banned.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_join_that_closed_rules_forbid_does_not_get_in_by_a_fork(version_id: str) -> None:
    history = with_people(version_id)
    fork = tip(history)
    closed = history.join_rule(ALICE, "invite", after=[fork])
    evader = history.join(DAVE, after=[fork], ts=9000)
    resolved = history.resolved(closed, evader)
    assert resolved[RULES] == closed.event_id
    assert member(DAVE) not in resolved


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_demoted_user_s_topic_goes_and_the_one_before_it_stays(version_id: str) -> None:
    history = with_people(version_id, bob=50)
    first = history.topic(ALICE, "first")
    demoted = history.powers(ALICE, levels_of(history, bob=0), after=[first])
    topic = history.topic(BOB, "second", after=[first])
    assert history.resolved(demoted, topic)[TOPIC] == first.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_kick_wins_against_a_rename_and_a_later_join_wins_against_the_kick(
    version_id: str,
) -> None:
    history = with_people(version_id)
    fork = tip(history)
    renamed = history.join(BOB, after=[fork], ts=9000)
    kicked = history.member(ALICE, BOB, "leave", after=[fork])
    back = history.join(BOB, after=[kicked])
    topic = history.topic(ALICE, "x", after=[fork])
    assert history.resolved(kicked, topic)[member(BOB)] == kicked.event_id
    assert history.resolved(back, topic)[member(BOB)] == back.event_id
    # The rename is a join of a public room: allowed after the kick, as it came later.
    assert history.resolved(renamed, kicked)[member(BOB)] == renamed.event_id


@pytest.mark.parametrize("version_id", VERSIONS)
def test_a_rejected_event_lends_nobody_a_right(version_id: str) -> None:
    history = with_people(version_id)
    fork = tip(history)
    fake = history.powers(BOB, levels_of(history, bob=100), after=[fork])
    invite = history.member(ALICE, DAVE, "invite", after=[fork])
    powers_of_alice = next(e for e in history.events.values() if e.type == "m.room.power_levels")
    joined_of_bob = history.events[history.after[fork.event_id][member(BOB)]]
    auth = [fake, joined_of_bob]
    if not history.version.room_id_is_create_hash:
        auth.append(history.create)
    topic = history.topic(BOB, "mine", after=[fake], auth=auth)
    without_powers = [
        {key: e for key, e in history.after[leaf.event_id].items() if key != POWERS}
        for leaf in (topic, invite)
    ]
    believed = resolve(without_powers, history.events, history.version)
    known = resolve(without_powers, history.events, history.version, {fake.event_id})
    assert believed[TOPIC] == topic.event_id
    assert TOPIC not in known
    assert powers_of_alice.event_id not in known.values()


def test_half_a_history_is_not_resolved() -> None:
    history = with_people("12", bob=50)
    fork = tip(history)
    one, two = (history.topic(ALICE, text, after=[fork]) for text in ("one", "two"))
    states = [history.after[e.event_id] for e in (one, two)]
    del history.events[history.after[fork.event_id][POWERS]]
    with pytest.raises(KeyError):
        resolve(states, history.events, history.version)


# MSC4297: the two resets that 2.1 mends -----------------------------------------------------------


def reset_by_departed(version_id: str) -> tuple[History, list[dict[StateKey, EventId]], Event]:
    """Who set the join rules has left in every state, and one state has the old rules."""
    history = public_room(version_id, powers={BOB: 100})
    history.join(BOB)
    old = history.after[history.last[0]][RULES]
    closed = history.join_rule(ALICE, "invite")
    left = history.member(ALICE, ALICE, "leave")
    right = history.after[left.event_id]
    return history, [right, {**right, RULES: old}], closed


def test_join_rules_set_by_somebody_who_left_are_not_lost_in_2_1() -> None:
    history, states, closed = reset_by_departed("12")
    assert resolve(states, history.events, history.version)[RULES] == closed.event_id


def test_join_rules_set_by_somebody_who_left_are_lost_in_2() -> None:
    history, states, _ = reset_by_departed("11")
    assert RULES not in resolve(states, history.events, history.version)


def reset_by_old_powers(version_id: str) -> tuple[History, list[dict[StateKey, EventId]], Event]:
    """DAVE's rename names old power levels, and so does the state that came with it."""
    history = public_room(version_id)
    first = tip(history)
    history.join(BOB)
    history.join(CAROL)
    history.powers(ALICE, levels_of(history, bob=50))
    last = history.powers(BOB, levels_of(history, bob=50, carol=50))
    joined = history.join(DAVE)
    old = history.after[first.event_id]
    auth = [history.events[old[key]] for key in (POWERS, RULES)]
    if not history.version.room_id_is_create_hash:
        auth.append(history.create)
    renamed = history.join(DAVE, auth=[*auth, joined])
    dodgy = {**history.after[renamed.event_id], POWERS: old[POWERS]}
    late = history.join(UserId("@zara:one.example"), after=[last])
    return history, [dodgy, history.after[late.event_id]], last


def test_old_power_levels_do_not_come_back_by_a_dodgy_state_in_2_1() -> None:
    history, states, last = reset_by_old_powers("12")
    assert resolve(states, history.events, history.version)[POWERS] == last.event_id


def test_old_power_levels_come_back_by_a_dodgy_state_in_2() -> None:
    history, states, last = reset_by_old_powers("11")
    assert resolve(states, history.events, history.version)[POWERS] != last.event_id


# the parts ----------------------------------------------------------------------------------------


def test_the_auth_difference_is_what_some_states_rest_on_and_not_all() -> None:
    history = with_people("12", bob=50)
    fork = tip(history)
    powers = history.powers(ALICE, {BOB: 51}, after=[fork])
    topic = history.topic(BOB, "x", after=[powers])
    chains = [[topic.event_id], [fork.event_id]]
    difference = auth_difference(chains, history.events)
    assert {powers.event_id, topic.event_id} <= difference
    assert history.after[fork.event_id][RULES] not in difference
    assert auth_difference([chains[0], chains[0]], history.events) == set()


def test_the_conflicted_subgraph_is_what_lies_between() -> None:
    history = public_room("12")
    first, second, third = (history.powers(ALICE, {BOB: n}) for n in (1, 2, 3))
    between = subgraph_between([first.event_id, third.event_id], history.events)
    assert between == {first.event_id, second.event_id, third.event_id}
    assert subgraph_between([second.event_id], history.events) == {second.event_id}


def test_power_ordering_is_by_auth_events_then_power_then_time_then_id() -> None:
    history = with_people("12", bob=50)
    fork = tip(history)
    by_bob = history.topic(BOB, "b", after=[fork], ts=1)
    by_alice = history.topic(ALICE, "a", after=[fork], ts=9)
    sooner = history.topic(ALICE, "s", after=[fork], ts=5)
    twins = [history.topic(ALICE, text, after=[fork], ts=7) for text in ("t", "u")]
    powers = history.events[history.after[fork.event_id][POWERS]]
    ids = {e.event_id for e in (by_bob, by_alice, sooner, powers, *twins)}
    assert power_ordering(ids, history.events, history.version) == [
        powers.event_id,
        sooner.event_id,
        *sorted(twin.event_id for twin in twins),
        by_alice.event_id,
        by_bob.event_id,
    ]


def test_mainline_ordering_is_by_power_levels_then_time_then_id() -> None:
    history = public_room("12")
    old = history.topic(ALICE, "old", ts=9000)
    middle = history.powers(ALICE, {BOB: 1})
    off = history.topic(ALICE, "off", ts=9999, auth=[])
    late = history.topic(ALICE, "late", after=[middle], ts=2)
    soon = history.topic(ALICE, "soon", after=[middle], ts=1)
    last = history.powers(ALICE, {BOB: 2}, after=[middle])
    newest = history.topic(ALICE, "newest", ts=0)
    side = history.powers(ALICE, {BOB: 3}, after=[middle])
    aside = history.topic(ALICE, "aside", after=[side], ts=3)
    ids = [e.event_id for e in (newest, aside, late, soon, old, off)]
    expected = [e.event_id for e in (off, old, soon, late, aside, newest)]
    for mixed in permutations(ids):
        assert mainline_ordering(mixed, last.event_id, history.events) == expected
    by_time = mainline_ordering(ids, None, history.events)
    assert by_time == [e.event_id for e in (newest, soon, late, aside, old, off)]


def test_a_long_history_needs_no_recursion() -> None:
    history = public_room("12")
    for level in range(1200):
        history.powers(ALICE, {BOB: level})
    fork = tip(history)
    one, two = (history.topic(ALICE, text, after=[fork]) for text in ("one", "two"))
    assert history.resolved(one, two)[TOPIC] == two.event_id


# properties ---------------------------------------------------------------------------------------


def random_room(rng: random.Random, version_id: str) -> History:
    """A forked history in which every event was allowed where it was sent."""
    history = with_people(version_id, bob=50)
    allowed = [tip(history)]
    for _ in range(12):
        after = rng.sample(allowed, min(len(allowed), rng.choice([1, 1, 2])))
        event = random_event(rng, history, after)
        if history.judge(event) is None:
            allowed.append(event)
    history.last = tuple(event.event_id for event in allowed)
    return history


def random_event(rng: random.Random, history: History, after: list[Event]) -> Event:
    sender, target = rng.choice([ALICE, ALICE, BOB, CAROL]), rng.choice([BOB, CAROL, DAVE])
    ts = rng.choice([2000, 2001, 2002])
    deed = rng.choice(["topic", "member", "join", "powers", "rule"])
    if deed == "topic":
        return history.topic(sender, rng.choice("abc"), after=after, ts=ts)
    if deed == "member":
        membership = rng.choice(["leave", "ban", "invite"])
        return history.member(sender, target, membership, after=after, ts=ts)
    if deed == "join":
        return history.join(target, after=after, ts=ts)
    if deed == "rule":
        return history.join_rule(sender, rng.choice(["public", "invite"]), after=after, ts=ts)
    levels = levels_of(history, bob=rng.choice([0, 50, 60]), carol=rng.choice([0, 50]))
    return history.powers(sender, levels, after=after, ts=ts)


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
def test_the_order_of_the_states_does_not_matter(seed: int, version_id: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's choices, not a secret
    history = random_room(rng, version_id)
    states = [history.after[e] for e in rng.sample(history.last, min(3, len(history.last)))]
    expected = resolve(states, history.events, history.version)
    for mixed in permutations(states):
        turned = [dict(reversed(state.items())) for state in mixed]
        assert resolve(turned, history.events, history.version) == expected


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
def test_what_all_states_agree_on_always_stays(seed: int, version_id: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's choices, not a secret
    history = random_room(rng, version_id)
    states = [history.after[e] for e in rng.sample(history.last, min(3, len(history.last)))]
    resolved = resolve(states, history.events, history.version)
    for key, event_id in states[0].items():
        if all(state.get(key) == event_id for state in states):
            assert resolved[key] == event_id
    assert set(resolved) <= {key for state in states for key in state}
