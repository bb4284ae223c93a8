"""The routes of aliases and of the directory."""

from __future__ import annotations

from privity.api import directory, rooms
from privity.api.paths import ROOM, V3
from privity.api.router import Needs, Route

ALIAS = f"{V3}/directory/room/{{roomAlias}}"
LISTED = f"{V3}/directory/list/room/{{roomId}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", ALIAS, rooms.resolve_alias, Needs.NOTHING_IF_OPEN),
    Route("PUT", ALIAS, directory.put_alias),
    Route("DELETE", ALIAS, directory.delete_alias),
    Route("GET", f"{ROOM}/aliases", directory.get_aliases),
    Route("GET", LISTED, directory.get_visibility, Needs.NOTHING_IF_OPEN),
    Route("PUT", LISTED, directory.put_visibility),
    Route("GET", f"{V3}/publicRooms", directory.get_public_rooms, Needs.NOTHING_IF_OPEN),
    Route("POST", f"{V3}/publicRooms", directory.post_public_rooms),
)
