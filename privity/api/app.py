"""The route table: every endpoint, its door, and what it asks of who knocks."""

from __future__ import annotations

from privity.api import events, rooms, server, sync
from privity.api.router import Needs, Route, Router

CLIENT = "/_matrix/client"
V1 = f"{CLIENT}/v1"
V3 = f"{CLIENT}/v3"
ROOM = f"{V3}/rooms/{{roomId}}"
RELATIONS = f"{V1}/rooms/{{roomId}}/relations/{{eventId}}"

ROUTES: tuple[Route, ...] = (
    # What this server is
    Route("GET", f"{CLIENT}/versions", server.versions, Needs.NOTHING),
    Route("GET", "/.well-known/matrix/client", server.well_known, Needs.NOTHING),
    Route("GET", f"{V1}/auth_metadata", server.auth_metadata, Needs.NOTHING),
    Route("GET", f"{V3}/capabilities", server.capabilities),
    # Sync
    Route("GET", f"{V3}/sync", sync.sync),
    # Rooms and who is in them
    Route("POST", f"{V3}/createRoom", rooms.create_room),
    Route("POST", f"{V3}/join/{{roomIdOrAlias}}", rooms.join_by_alias),
    Route("POST", f"{V3}/rooms/{{roomId}}/join", rooms.join),
    Route("POST", f"{V3}/rooms/{{roomId}}/invite", rooms.invite),
    Route("POST", f"{V3}/rooms/{{roomId}}/leave", rooms.leave),
    Route("POST", f"{V3}/rooms/{{roomId}}/kick", rooms.kick_member),
    Route("POST", f"{V3}/rooms/{{roomId}}/ban", rooms.ban),
    Route("POST", f"{V3}/rooms/{{roomId}}/unban", rooms.unban_member),
    Route("POST", f"{V3}/rooms/{{roomId}}/forget", rooms.forget_room),
    Route("GET", f"{V3}/joined_rooms", rooms.joined_rooms),
    Route("GET", f"{V3}/directory/room/{{roomAlias}}", rooms.resolve_alias, Needs.NOTHING),
    # Events
    Route("PUT", f"{ROOM}/send/{{eventType}}/{{txnId}}", events.send_event),
    Route("PUT", f"{ROOM}/redact/{{eventId}}/{{txnId}}", events.redact),
    Route("PUT", f"{ROOM}/state/{{eventType}}", events.put_state),
    Route("PUT", f"{ROOM}/state/{{eventType}}/{{stateKey}}", events.put_state),
    Route("GET", f"{ROOM}/state", events.get_state),
    Route("GET", f"{ROOM}/state/{{eventType}}", events.get_state_event),
    Route("GET", f"{ROOM}/state/{{eventType}}/{{stateKey}}", events.get_state_event),
    Route("GET", f"{ROOM}/members", events.get_members),
    Route("GET", f"{ROOM}/joined_members", events.get_joined_members),
    Route("GET", f"{ROOM}/messages", events.get_messages),
    Route("GET", f"{ROOM}/event/{{eventId}}", events.get_event),
    Route("GET", f"{ROOM}/context/{{eventId}}", events.get_context),
    Route("GET", f"{RELATIONS}", events.get_relations),
    Route("GET", f"{RELATIONS}/{{relType}}", events.get_relations),
    Route("GET", f"{RELATIONS}/{{relType}}/{{eventType}}", events.get_relations),
)


def router() -> Router:
    """Every route, ready to be asked."""
    return Router(ROUTES)
