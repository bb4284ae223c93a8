"""State resolution: one state out of several that a room's history has come to.

a. What all states agree on is unconflicted; every other event is conflicted.
b. The full conflicted set is the conflicted events, the auth difference of the states, and from
   version 12 (2.1) the subgraph of auth events between conflicted events.
1. Of it, take the power events with those of their auth chain that are in it too, in reverse
   topological power ordering.
2. Try them in turn against the authorisation rules, starting from the unconflicted state
   (2.1: from nothing), and keep those that are allowed.
3. Order the rest by the mainline of the power levels that 2 came to.
4. Try them in turn on the state that 2 came to.
5. The unconflicted state goes over the result.

Source: rooms/fragments/v2-state-res (versions 10 and 11), rooms/v12 "State resolution" (2.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from privity.matrix.auth_graph import Events, auth_difference, subgraph_between
from privity.matrix.auth_rules import EventsAuthState, auth_types, authorise
from privity.matrix.events import Event
from privity.matrix.ids import EventId
from privity.matrix.state_ordering import create_id_of, mainline_ordering, power_ordering
from privity.matrix.versions import RoomVersion, StateResolution

StateKey = tuple[str, str]
StateMap = Mapping[StateKey, EventId]


def resolve(
    state_sets: Sequence[StateMap],
    events: Events,
    version: RoomVersion,
    rejected: Collection[EventId] = (),
) -> dict[StateKey, EventId]:
    """The resolution of `state_sets`; their order does not matter.

    `events` must hold every event of the states, of their auth chains, and the create event;
    `KeyError` for one that is missing, since a state resolved from half the history is a wrong
    one. `rejected` are those that failed the authorisation rules when they came.
    """
    unconflicted, conflicted = _separate(state_sets)  # a
    if not conflicted:
        return unconflicted
    full = conflicted | auth_difference([s.values() for s in state_sets], events)  # b
    from_nothing = version.state_resolution is StateResolution.V2_1
    if from_nothing:
        full |= subgraph_between(conflicted, events)
    power = power_ordering(_power_events(full, events), events, version)  # 1
    state: dict[StateKey, EventId] = {} if from_nothing else dict(unconflicted)
    _apply_allowed(power, state, events, version, rejected)  # 2
    rest = mainline_ordering(
        full.difference(power), state.get(("m.room.power_levels", "")), events
    )  # 3
    _apply_allowed(rest, state, events, version, rejected)  # 4
    return {**state, **unconflicted}  # 5


def _separate(
    state_sets: Sequence[StateMap],
) -> tuple[dict[StateKey, EventId], set[EventId]]:
    unconflicted: dict[StateKey, EventId] = {}
    conflicted: set[EventId] = set()
    for key in {key for state in state_sets for key in state}:
        found = {state.get(key) for state in state_sets}
        present = {event_id for event_id in found if event_id is not None}
        if len(found) == 1:
            unconflicted[key] = present.pop()
        else:
            conflicted |= present
    return unconflicted, conflicted


def _power_events(full: set[EventId], events: Events) -> set[EventId]:
    """The power events of the full conflicted set, and what leads from them within it."""
    taken: set[EventId] = set()
    waiting = [event_id for event_id in full if _is_power_event(events[event_id])]
    while waiting:
        event_id = waiting.pop()
        if event_id not in taken:
            taken.add(event_id)
            waiting.extend(e for e in events[event_id].auth_events if e in full)
    return taken


def _is_power_event(event: Event) -> bool:
    # SPEC: power levels and join rules count with an empty state key only, and the create event
    # counts too. Servers in use do so, and a room is only one where they agree.
    if event.type in ("m.room.power_levels", "m.room.join_rules", "m.room.create"):
        return event.state_key == ""
    if event.type == "m.room.member":
        left = event.content.get("membership") in ("leave", "ban")
        return left and event.sender != event.state_key
    return False


def _apply_allowed(
    ordered: Iterable[EventId],
    state: dict[StateKey, EventId],
    events: Events,
    version: RoomVersion,
    rejected: Collection[EventId],
) -> None:
    """The iterative auth checks: put each event into `state` that `state` allows.

    What `state` lacks is taken from the event's own auth events, unless they were rejected.
    """
    for event_id in ordered:
        event = events[event_id]
        before = [events[e] for e in event.auth_events if e not in rejected]
        if version.room_id_is_create_hash:
            before.append(events[create_id_of(event.room_id)])
        keys = auth_types(event.type, event.sender, event.state_key, event.content, version)
        before += [events[state[key]] for key in keys if key in state]
        allowed = authorise(event, EventsAuthState(before, version), version) is None
        if allowed and event.state_key is not None:
            state[(event.type, event.state_key)] = event_id
