"""The route table: every endpoint, its door, and what it asks of who knocks."""

from __future__ import annotations

from privity.api import server
from privity.api.router import Needs, Route, Router

CLIENT = "/_matrix/client"
V1 = f"{CLIENT}/v1"
V3 = f"{CLIENT}/v3"

ROUTES: tuple[Route, ...] = (
    # What this server is
    Route("GET", f"{CLIENT}/versions", server.versions, Needs.NOTHING),
    Route("GET", "/.well-known/matrix/client", server.well_known, Needs.NOTHING),
    Route("GET", f"{V1}/auth_metadata", server.auth_metadata, Needs.NOTHING),
    Route("GET", f"{V3}/capabilities", server.capabilities),
)


def router() -> Router:
    """Every route, ready to be asked."""
    return Router(ROUTES)
