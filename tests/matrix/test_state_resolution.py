"""Forks and what they come to. Source: rooms/fragments/v2-state-res, rooms/v12, MSC4297."""

from __future__ import annotations

import pytest

from privity.matrix.events import Event
from privity.matrix.ids import EventId, UserId
from privity.matrix.state_resolution import StateKey, resolve
from privity.matrix.versions import MADE
from tests.matrix.forks import POWERS, RULES, TOPIC, levels_of, member, tip, with_people
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, History, public_room

VERSIONS = sorted(MADE)


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


def test_a_long_history_needs_no_recursion() -> None:
    history = public_room("12")
    for level in range(1200):
        history.powers(ALICE, {BOB: level})
    fork = tip(history)
    one, two = (history.topic(ALICE, text, after=[fork]) for text in ("one", "two"))
    assert history.resolved(one, two)[TOPIC] == two.event_id
