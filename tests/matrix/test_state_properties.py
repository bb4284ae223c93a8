"""What holds for every resolution, tried on random histories of allowed events."""

from __future__ import annotations

import random
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.events import Event
from privity.matrix.state_resolution import resolve
from privity.matrix.versions import MADE
from tests.matrix.forks import levels_of, tip, with_people
from tests.matrix.history import ALICE, BOB, CAROL, DAVE, History

VERSIONS = sorted(MADE)


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
    rng = random.Random(seed)
    history = random_room(rng, version_id)
    states = [history.after[e] for e in rng.sample(history.last, min(3, len(history.last)))]
    expected = resolve(states, history.events, history.version)
    for mixed in permutations(states):
        turned = [dict(reversed(state.items())) for state in mixed]
        assert resolve(turned, history.events, history.version) == expected


@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
def test_what_all_states_agree_on_always_stays(seed: int, version_id: str) -> None:
    rng = random.Random(seed)
    history = random_room(rng, version_id)
    states = [history.after[e] for e in rng.sample(history.last, min(3, len(history.last)))]
    resolved = resolve(states, history.events, history.version)
    for key, event_id in states[0].items():
        if all(state.get(key) == event_id for state in states):
            assert resolved[key] == event_id
    assert set(resolved) <= {key for state in states for key in state}
