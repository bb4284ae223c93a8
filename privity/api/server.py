"""`GET /_matrix/client/versions` and its like: what this server is and can do."""

from __future__ import annotations

from typing import Any

from privity.accounts.profile import SAFE
from privity.api.calls import foci
from privity.api.http import Request, Response, json
from privity.config import Config
from privity.matrix.errors import not_found
from privity.matrix.versions import DEFAULT, KNOWN, MADE
from privity.store.sessions import Session

VERSIONS = ["r0.6.1", *(f"v1.{minor}" for minor in range(1, 20))]
UNSTABLE_FEATURES = {
    "org.matrix.e2e_cross_signing": True,
    "org.matrix.msc2285.stable": True,  # private receipts
    "org.matrix.msc3440.stable": True,  # threads
    "org.matrix.msc3715.stable": True,  # relations in either direction
    "org.matrix.msc3771": True,  # receipts in threads
    "org.matrix.msc3814": True,  # a device that sleeps
    "org.matrix.msc3856.stable": True,  # the list of threads
    "org.matrix.msc3981": True,  # relations of relations
    "uk.half-shot.msc2666.query_mutual_rooms": True,
    "org.matrix.msc4140": True,
    "org.matrix.msc4222": True,
    "uk.tcpip.msc4133": True,
    "uk.tcpip.msc4133.stable": True,
    "org.matrix.msc3916.stable": True,
    "org.matrix.simplified_msc3575": True,  # sliding sync, MSC4186
}


async def versions(_: Request) -> Response:
    """`GET /_matrix/client/versions` (API versions)."""
    return json({"versions": VERSIONS, "unstable_features": UNSTABLE_FEATURES})


async def well_known(request: Request) -> Response:
    """`GET /.well-known/matrix/client` (Server discovery; MSC4143)."""
    config = request.house.config
    told: dict[str, Any] = {"m.homeserver": {"base_url": config.client_url}}
    if meeting := foci(config):
        told["org.matrix.msc4143.rtc_foci"] = meeting
    return json(told)


async def support(request: Request) -> Response:
    """`GET /.well-known/matrix/support` (Server discovery): whom the operator says to ask."""
    config = request.house.config
    told: dict[str, Any] = {}
    if config.support_email:
        contact = {"role": "m.role.admin", "email_address": config.support_email}
        told["contacts"] = [contact]
    if config.support_page:
        told["support_page"] = config.support_page
    if not told:
        message = "The operator tells no contact."
        raise not_found(message)
    return json(told)


async def auth_metadata(_: Request) -> Response:
    """`GET /_matrix/client/v1/auth_metadata` (OAuth 2.0): there is none, and 404 says so."""
    message = "This server has no OAuth 2.0 API."
    raise not_found(message)


def _profile_fields(config: Config) -> dict[str, Any]:
    allowed = {} if config.unsafe_allow_plaintext else {"allowed": list(SAFE)}
    return {"enabled": True, **allowed}


def _moderation(session: Session) -> dict[str, Any]:
    can = {"suspend": True, "lock": True}
    return {"m.account_moderation": can} if session.is_admin else {}


async def capabilities(request: Request) -> Response:
    """`GET /_matrix/client/v3/capabilities` (Capabilities negotiation)."""
    default = request.house.config.unsafe_default_room_version or DEFAULT
    available = dict.fromkeys(KNOWN if request.house.config.is_open else MADE, "stable")
    return json(
        {
            "capabilities": {
                "m.change_password": {"enabled": True},
                "m.room_versions": {"default": default, "available": available},
                "m.set_displayname": {"enabled": True},
                "m.set_avatar_url": {"enabled": True},
                "m.profile_fields": _profile_fields(request.house.config),
                "m.3pid_changes": {"enabled": False},
                "m.get_login_token": {"enabled": True},
                **_moderation(request.session),
            }
        }
    )
