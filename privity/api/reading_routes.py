"""The routes by which rooms are read beside their pages: threads, spaces, summaries, reports."""

from __future__ import annotations

from privity.api import events, old, presence, relations, reports, search, spaces
from privity.api.paths import ROOM, V1, V3
from privity.api.router import Route

ROOM_1 = f"{V1}/rooms/{{roomId}}"
RELATIONS = f"{ROOM_1}/relations/{{eventId}}"

ROUTES: tuple[Route, ...] = (
    # Relations, threads, moments
    Route("GET", RELATIONS, relations.get_relations),
    Route("GET", f"{RELATIONS}/{{relType}}", relations.get_relations),
    Route("GET", f"{RELATIONS}/{{relType}}/{{eventType}}", relations.get_relations),
    Route("GET", f"{ROOM_1}/threads", relations.get_threads),
    Route("GET", f"{ROOM_1}/timestamp_to_event", events.get_event_at),
    Route("POST", f"{V3}/search", search.post_search),
    # Rooms from outside
    Route("GET", f"{ROOM_1}/hierarchy", spaces.get_hierarchy),
    Route("GET", f"{V1}/room_summary/{{roomIdOrAlias}}", spaces.get_summary),
    Route("GET", f"{V1}/mutual_rooms", spaces.get_mutual_rooms),
    # Who is here
    Route("GET", f"{V3}/presence/{{userId}}/status", presence.get_status),
    Route("PUT", f"{V3}/presence/{{userId}}/status", presence.put_status),
    # Before there was sync
    Route("GET", f"{V3}/events", old.get_events),
    Route("GET", f"{V3}/events/{{eventId}}", old.get_event),
    Route("GET", f"{V3}/initialSync", old.get_everything),
    Route("GET", f"{ROOM}/initialSync", old.get_room),
    # Reports
    Route("POST", f"{ROOM}/report", reports.post_room),
    Route("POST", f"{ROOM}/report/{{eventId}}", reports.post_event),
    Route("POST", f"{V3}/users/{{userId}}/report", reports.post_user),
)
