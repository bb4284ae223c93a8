"""Which roads are open to whom may not take them all: guests, and accounts that are suspended.

1. A guest may take the roads of the specification's list, and no other. Beyond it they may log out
   and read profiles and capabilities, as their clients do.
2. A suspended account may read everything that it could read, keep its keys, devices and own data,
   leave, redact what it said (`rooms/send.py` sees to that) and end itself. A road that is not
   listed is closed: a new one has to be thought about.

Source: client-server API, "Guest Access", "Account suspension".
"""

from __future__ import annotations

from privity.api.paths import ROOM, SLIDING, UNSTABLE, USER, V1, V3, V4
from privity.api.router import Route
from privity.house import House
from privity.matrix.errors import Errcode, Refused, refused
from privity.store.sessions import Session

MEDIA = f"{V1}/media"
PROFILE = f"{V3}/profile/{{userId}}"
NAME = f"{PROFILE}/{{keyName}}"
DEHYDRATED = f"{UNSTABLE}/org.matrix.msc3814.v1/dehydrated_device"
ROOM_KEYS = f"{V3}/room_keys"
RULE = f"{V3}/pushrules/global/{{kind}}/{{ruleId}}"

GUESTS_MAY: frozenset[tuple[str, str]] = frozenset(
    {
        *(("GET", f"{ROOM}/{part}") for part in ("state", "messages", "members")),
        ("GET", f"{ROOM}/state/{{eventType}}"),
        ("GET", f"{ROOM}/state/{{eventType}}/{{stateKey}}"),
        ("GET", f"{ROOM}/context/{{eventId}}"),
        ("GET", f"{ROOM}/event/{{eventId}}"),
        ("GET", f"{ROOM}/initialSync"),
        ("GET", f"{V3}/events"),
        ("GET", f"{V3}/sync"),
        ("GET", f"{MEDIA}/download/{{serverName}}/{{mediaId}}"),
        ("GET", f"{MEDIA}/download/{{serverName}}/{{mediaId}}/{{fileName}}"),
        ("GET", f"{MEDIA}/thumbnail/{{serverName}}/{{mediaId}}"),
        ("POST", f"{ROOM}/join"),
        ("POST", f"{V3}/join/{{roomIdOrAlias}}"),
        ("POST", f"{ROOM}/leave"),
        ("PUT", f"{ROOM}/send/{{eventType}}/{{txnId}}"),
        ("POST", f"{ROOM}/send/{{eventType}}"),
        ("PUT", f"{ROOM}/state/{{eventType}}"),
        ("PUT", f"{ROOM}/state/{{eventType}}/{{stateKey}}"),
        ("PUT", f"{V3}/sendToDevice/{{eventType}}/{{txnId}}"),
        *((method, NAME) for method in ("GET", "PUT", "DELETE")),  # the name alone: `profiles.py`
        ("GET", PROFILE),
        ("GET", f"{V3}/devices"),
        ("GET", f"{V3}/devices/{{deviceId}}"),
        ("PUT", f"{V3}/devices/{{deviceId}}"),
        ("GET", f"{V3}/account/whoami"),
        ("GET", f"{V3}/capabilities"),
        ("POST", f"{V3}/keys/upload"),
        ("POST", f"{V3}/keys/query"),
        ("POST", f"{V3}/keys/claim"),
        ("POST", f"{V3}/logout"),
    }
)

SUSPENDED_MAY: frozenset[tuple[str, str]] = frozenset(
    {
        ("POST", f"{V3}/logout"),
        ("POST", f"{V3}/logout/all"),
        ("POST", f"{V1}/login/get_token"),
        ("POST", f"{V3}/account/password"),
        ("POST", f"{V3}/account/deactivate"),
        ("PUT", f"{V3}/devices/{{deviceId}}"),
        ("DELETE", f"{V3}/devices/{{deviceId}}"),
        ("POST", f"{V3}/delete_devices"),
        *(
            ("POST", f"{V3}/keys/{what}")
            for what in ("upload", "query", "claim", "device_signing/upload", "signatures/upload")
        ),
        ("PUT", f"{V3}/sendToDevice/{{eventType}}/{{txnId}}"),
        ("PUT", DEHYDRATED),
        ("DELETE", DEHYDRATED),
        ("POST", f"{DEHYDRATED}/{{deviceId}}/events"),
        ("POST", f"{ROOM_KEYS}/version"),
        *(
            (method, f"{ROOM_KEYS}/{what}")
            for method in ("PUT", "DELETE")
            for what in ("version/{version}", "keys", "keys/{roomId}", "keys/{roomId}/{sessionId}")
        ),
        ("POST", f"{ROOM}/leave"),
        ("POST", f"{ROOM}/forget"),
        ("PUT", f"{ROOM}/redact/{{eventId}}/{{txnId}}"),
        ("POST", f"{ROOM}/receipt/{{receiptType}}/{{eventId}}"),
        ("POST", f"{ROOM}/read_markers"),
        ("POST", f"{ROOM}/report"),
        ("POST", f"{ROOM}/report/{{eventId}}"),
        ("POST", f"{V3}/users/{{userId}}/report"),
        ("POST", f"{USER}/filter"),
        ("PUT", f"{USER}/account_data/{{type}}"),
        ("PUT", f"{USER}/rooms/{{roomId}}/account_data/{{type}}"),
        ("PUT", f"{USER}/rooms/{{roomId}}/tags/{{tag}}"),
        ("DELETE", f"{USER}/rooms/{{roomId}}/tags/{{tag}}"),
        ("POST", f"{V3}/pushers/set"),
        ("PUT", RULE),
        ("DELETE", RULE),
        ("PUT", f"{RULE}/enabled"),
        ("PUT", f"{RULE}/actions"),
    }
)
SYNCS = frozenset({f"{V4}/sync", f"{SLIDING}/sync"})
"""Reading by POST."""


def check_admittance(house: House, route: Route, session: Session) -> None:
    """403 for a road that is closed to this session."""
    road = (route.method, route.path)
    if session.is_guest and (not house.config.unsafe_guests or road not in GUESTS_MAY):  # 1
        says = "Guests cannot do this."
        raise refused(Errcode.GUEST_ACCESS_FORBIDDEN, says, status=403)
    is_reading = route.method == "GET" or route.path in SYNCS
    if session.is_suspended and not is_reading and road not in SUSPENDED_MAY:  # 2
        raise suspended()


def suspended() -> Refused:
    """403 M_USER_SUSPENDED."""
    says = "You cannot perform this action while suspended."
    return refused(Errcode.USER_SUSPENDED, says, status=403)
