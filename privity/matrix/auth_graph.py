"""The graph that auth events make: chains, what differs between them, and what lies between.

An event's auth events are its parents here; a walk goes from an event back to the create event.
The version 12 create event is nobody's auth event, so no walk meets it.

Source: rooms/fragments/v2-state-res and rooms/v12, "Definitions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from privity.matrix.events import Event
from privity.matrix.ids import EventId

Events = Mapping[EventId, Event]


def with_auth_chain(start: Iterable[EventId], events: Events) -> set[EventId]:
    """These events and everything reachable from them by `auth_events`."""
    reached: set[EventId] = set()
    waiting = list(start)
    while waiting:
        event_id = waiting.pop()
        if event_id not in reached:
            reached.add(event_id)
            waiting.extend(events[event_id].auth_events)
    return reached


def auth_difference(state_sets: Sequence[Iterable[EventId]], events: Events) -> set[EventId]:
    """What is in the auth chain of some of the states, but not of all.

    SPEC: an event counts as part of its own chain, as it does in the servers in use. An event that
    all states hold is then no difference, though the chain of only one of them leads to it.
    """
    chains = [with_auth_chain(state, events) for state in state_sets]
    return chains[0].union(*chains[1:]) - chains[0].intersection(*chains[1:])


def subgraph_between(ends: Iterable[EventId], events: Events) -> set[EventId]:
    """Every event on a path of `auth_events` from one of `ends` to one of them, ends included."""
    ends = list(ends)
    behind = with_auth_chain(ends, events)
    children: dict[EventId, list[EventId]] = {}
    for event_id in behind:
        for parent in events[event_id].auth_events:
            children.setdefault(parent, []).append(event_id)
    between: set[EventId] = set()
    waiting = ends
    while waiting:
        event_id = waiting.pop()
        if event_id not in between:
            between.add(event_id)
            waiting.extend(children.get(event_id, ()))
    return between
