"""The graph of auth events, and the orders in which state resolution tries events."""

from __future__ import annotations

from itertools import permutations

from privity.matrix.auth_graph import auth_difference, subgraph_between
from privity.matrix.state_ordering import mainline_ordering, power_ordering
from tests.matrix.forks import POWERS, RULES, tip, with_people
from tests.matrix.history import ALICE, BOB, public_room


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
