"""The routes of application services, and of the networks that they bridge."""

from __future__ import annotations

from privity.api import services
from privity.api.paths import V1, V3
from privity.api.router import Route

IN_NETWORK = f"{V3}/directory/list/appservice/{{networkId}}/{{roomId}}"
THIRD_PARTY = f"{V3}/thirdparty"

ROUTES: tuple[Route, ...] = (
    Route("POST", f"{V1}/appservice/{{appserviceId}}/ping", services.post_ping),
    Route("PUT", IN_NETWORK, services.put_visibility),
    Route("DELETE", IN_NETWORK, services.delete_visibility),
    Route("GET", f"{THIRD_PARTY}/protocols", services.get_protocols),
    Route("GET", f"{THIRD_PARTY}/protocol/{{protocol}}", services.get_protocol),
    Route("GET", f"{THIRD_PARTY}/location/{{protocol}}", services.get_locations_by_fields),
    Route("GET", f"{THIRD_PARTY}/user/{{protocol}}", services.get_users_by_fields),
    Route("GET", f"{THIRD_PARTY}/location", services.get_locations),
    Route("GET", f"{THIRD_PARTY}/user", services.get_users),
)
