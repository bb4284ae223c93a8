"""The two orders in which state resolution tries events.

- reverse topological power ordering: an event after its auth events; among those that could come
  next, first the sender with the greater power, then the earlier `origin_server_ts`, then the
  smaller event id
- mainline ordering: by how far back in the line of power levels an event's own power levels are
  (oldest first, those off the line before all), then `origin_server_ts`, then event id

Source: rooms/fragments/v2-state-res, "Definitions".
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable

from privity.matrix.auth_graph import Events
from privity.matrix.events import Event
from privity.matrix.ids import EventId, RoomId
from privity.matrix.power_levels import PowerLevels
from privity.matrix.versions import RoomVersion

_PowerOrder = tuple[float, int, EventId]


def power_ordering(
    event_ids: Collection[EventId], events: Events, version: RoomVersion
) -> list[EventId]:
    """Kahn's algorithm over `event_ids`, with the smallest candidate taken at each step.

    SPEC: only an auth event that is itself in `event_ids` comes before an event; a way around
    through others does not count. Servers in use do the same.
    """
    missing: dict[EventId, int] = {}
    children: dict[EventId, list[EventId]] = {}
    for event_id in event_ids:
        parents = {p for p in events[event_id].auth_events if p in event_ids}
        missing[event_id] = len(parents)
        for parent in parents:
            children.setdefault(parent, []).append(event_id)
    ready = [_power_order(events[e], events, version) for e, n in missing.items() if n == 0]
    heapq.heapify(ready)
    ordered: list[EventId] = []
    while ready:
        event_id = heapq.heappop(ready)[2]
        ordered.append(event_id)
        for child in children.get(event_id, ()):
            missing[child] -= 1
            if missing[child] == 0:
                heapq.heappush(ready, _power_order(events[child], events, version))
    return ordered


def mainline_ordering(
    event_ids: Iterable[EventId], power_levels: EventId | None, events: Events
) -> list[EventId]:
    """`event_ids` by their place on the mainline of `power_levels`."""
    mainline = _line_of_power_levels(power_levels, events)
    known = {event_id: place for place, event_id in enumerate(reversed(mainline), start=1)}

    def order(event_id: EventId) -> tuple[int, int, EventId]:
        event = events[event_id]
        place = _place(_power_levels_among(event.auth_events, events), known, events)
        return place, event.origin_server_ts, event_id

    return sorted(event_ids, key=order)


def create_id_of(room_id: RoomId) -> EventId:
    """Version 12: the id of the create event that the room id is made of."""
    return EventId("$" + room_id[1:])


def _power_order(event: Event, events: Events, version: RoomVersion) -> _PowerOrder:
    create = power_levels = None
    for event_id in event.auth_events:
        auth_event = events[event_id]
        if auth_event.state_key == "":
            if auth_event.type == "m.room.create":
                create = auth_event
            elif auth_event.type == "m.room.power_levels":
                power_levels = auth_event
    if version.room_id_is_create_hash:
        create = events[create_id_of(event.room_id)]
    levels = PowerLevels.of_room(create, power_levels, version)
    return -levels.of(event.sender), event.origin_server_ts, event.event_id


def _line_of_power_levels(start: EventId | None, events: Events) -> list[EventId]:
    line: list[EventId] = []
    while start is not None:
        line.append(start)
        start = _power_levels_among(events[start].auth_events, events)
    return line


def _place(power_levels: EventId | None, known: dict[EventId, int], events: Events) -> int:
    """Counted from the oldest of the mainline as 1; 0 off the line. `known` remembers the way."""
    walked: list[EventId] = []
    while power_levels is not None and power_levels not in known:
        walked.append(power_levels)
        power_levels = _power_levels_among(events[power_levels].auth_events, events)
    place = 0 if power_levels is None else known[power_levels]
    known.update(dict.fromkeys(walked, place))
    return place


def _power_levels_among(event_ids: Iterable[EventId], events: Events) -> EventId | None:
    for event_id in event_ids:
        event = events[event_id]
        if event.type == "m.room.power_levels" and event.state_key == "":
            return event_id
    return None
