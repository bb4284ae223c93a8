"""The route table: every endpoint, its door, and what it asks of who knocks."""

from __future__ import annotations

from privity.api import (
    account,
    account_data,
    account_routes,
    backups,
    delayed_event_routes,
    devices,
    directory_routes,
    events,
    filters,
    health,
    invitations,
    keys,
    login,
    media,
    pages,
    push_routes,
    reading_routes,
    receipts,
    registration,
    rooms,
    server,
    service_routes,
    sliding_sync,
    sync,
    upgrades,
)
from privity.api.paths import CLIENT, PRIVITY, ROOM, SLIDING, UNSTABLE, USER, V1, V3, V4
from privity.api.router import Needs, Route, Router

ROOM_ACCOUNT_DATA = f"{USER}/rooms/{{roomId}}/account_data/{{type}}"
TOKEN_VALIDITY = f"{V1}/register/m.login.registration_token/validity"
MEDIA = f"{V1}/media"
OPEN_MEDIA = "/_matrix/media/v3"

ROUTES: tuple[Route, ...] = (
    # What this server is
    Route("GET", f"{CLIENT}/versions", server.versions, Needs.NOTHING),
    Route("GET", "/.well-known/matrix/client", server.well_known, Needs.NOTHING),
    Route("GET", f"{V1}/auth_metadata", server.auth_metadata, Needs.NOTHING),
    Route("GET", f"{V3}/capabilities", server.capabilities),
    Route("GET", "/health", health.health, Needs.NOTHING),
    Route("GET", "/ready", health.ready, Needs.NOTHING),
    # Accounts
    *account_routes.ROUTES,
    Route("POST", f"{V3}/register", registration.post_register, Needs.NOTHING),
    Route("GET", f"{PRIVITY}/invitation", invitations.get_invitation, Needs.NOTHING),
    Route("GET", f"{V3}/register/available", registration.available, Needs.NOTHING),
    Route("GET", TOKEN_VALIDITY, registration.token_validity, Needs.NOTHING),
    Route("GET", f"{V3}/login", login.get_login, Needs.NOTHING),
    Route("POST", f"{V3}/login", login.post_login, Needs.NOTHING),
    Route("POST", f"{V3}/refresh", login.post_refresh, Needs.NOTHING),
    Route("POST", f"{V3}/logout", login.post_logout, Needs.TOKEN_EVEN_LOCKED),
    Route("POST", f"{V3}/logout/all", login.post_logout_all, Needs.TOKEN_EVEN_LOCKED),
    Route("GET", f"{V3}/account/whoami", account.whoami),
    Route("POST", f"{V3}/account/password", account.post_password),
    Route("POST", f"{V3}/account/deactivate", account.post_deactivate),
    Route("GET", f"{V3}/devices", devices.get_devices),
    Route("GET", f"{V3}/devices/{{deviceId}}", devices.get_device),
    Route("PUT", f"{V3}/devices/{{deviceId}}", devices.put_device),
    Route("DELETE", f"{V3}/devices/{{deviceId}}", devices.delete_device),
    Route("POST", f"{V3}/delete_devices", devices.delete_devices),
    # Keys
    Route("POST", f"{V3}/keys/upload", keys.post_upload),
    Route("POST", f"{V3}/keys/query", keys.post_query),
    Route("POST", f"{V3}/keys/claim", keys.post_claim),
    Route("GET", f"{V3}/keys/changes", keys.get_changes),
    *(
        route
        for root in (V3, UNSTABLE)  # where clients of before 1.1 look
        for route in (
            Route("POST", f"{root}/keys/device_signing/upload", keys.post_cross_signing),
            Route("POST", f"{root}/keys/signatures/upload", keys.post_signatures),
        )
    ),
    Route("PUT", f"{V3}/sendToDevice/{{eventType}}/{{txnId}}", keys.put_to_device),
    Route("POST", f"{V3}/room_keys/version", backups.post_version),
    Route("GET", f"{V3}/room_keys/version", backups.get_newest),
    Route("GET", f"{V3}/room_keys/version/{{version}}", backups.get_version),
    Route("PUT", f"{V3}/room_keys/version/{{version}}", backups.put_version),
    Route("DELETE", f"{V3}/room_keys/version/{{version}}", backups.delete_version),
    *(
        Route(method, path, door)
        for method, door in (
            ("GET", backups.get_keys),
            ("PUT", backups.put_keys),
            ("DELETE", backups.delete_keys),
        )
        for path in (
            f"{V3}/room_keys/keys",
            f"{V3}/room_keys/keys/{{roomId}}",
            f"{V3}/room_keys/keys/{{roomId}}/{{sessionId}}",
        )
    ),
    # Push
    *push_routes.ROUTES,
    # Sync
    Route("GET", f"{V3}/sync", sync.sync),
    Route("POST", f"{V4}/sync", sliding_sync.sync),
    Route("POST", f"{SLIDING}/sync", sliding_sync.unstable_sync),
    Route("POST", f"{USER}/filter", filters.post_filter),
    Route("GET", f"{USER}/filter/{{filterId}}", filters.get_filter),
    Route("GET", f"{USER}/account_data/{{type}}", account_data.get_account_data),
    Route("PUT", f"{USER}/account_data/{{type}}", account_data.put_account_data),
    Route("GET", ROOM_ACCOUNT_DATA, account_data.get_account_data),
    Route("PUT", ROOM_ACCOUNT_DATA, account_data.put_account_data),
    Route("POST", f"{ROOM}/receipt/{{receiptType}}/{{eventId}}", receipts.post_receipt),
    Route("POST", f"{ROOM}/read_markers", receipts.post_read_markers),
    Route("PUT", f"{ROOM}/typing/{{userId}}", receipts.put_typing),
    # Rooms and who is in them
    Route("POST", f"{V3}/createRoom", rooms.create_room),
    Route("POST", f"{V3}/join/{{roomIdOrAlias}}", rooms.join_by_alias),
    Route("POST", f"{V3}/rooms/{{roomId}}/join", rooms.join),
    Route("POST", f"{V3}/knock/{{roomIdOrAlias}}", rooms.knock),
    Route("POST", f"{V3}/rooms/{{roomId}}/invite", rooms.invite),
    Route("POST", f"{V3}/rooms/{{roomId}}/leave", rooms.leave),
    Route("POST", f"{V3}/rooms/{{roomId}}/kick", rooms.kick_member),
    Route("POST", f"{V3}/rooms/{{roomId}}/ban", rooms.ban),
    Route("POST", f"{V3}/rooms/{{roomId}}/unban", rooms.unban_member),
    Route("POST", f"{V3}/rooms/{{roomId}}/forget", rooms.forget_room),
    Route("POST", f"{V3}/rooms/{{roomId}}/upgrade", upgrades.post_upgrade),
    Route("GET", f"{V3}/joined_rooms", rooms.joined_rooms),
    *directory_routes.ROUTES,
    *service_routes.ROUTES,
    # Events
    *delayed_event_routes.ROUTES,
    Route("PUT", f"{ROOM}/send/{{eventType}}/{{txnId}}", events.send_event),
    Route("POST", f"{ROOM}/send/{{eventType}}", events.send_event_anew),
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
    *reading_routes.ROUTES,
    # Media
    Route("POST", f"{OPEN_MEDIA}/upload", media.post_upload),
    Route("PUT", f"{OPEN_MEDIA}/upload/{{serverName}}/{{mediaId}}", media.put_upload),
    Route("POST", "/_matrix/media/v1/create", media.post_create),
    Route("GET", f"{MEDIA}/config", media.get_config),
    Route("GET", f"{OPEN_MEDIA}/config", media.get_config),
    Route("GET", f"{MEDIA}/download/{{serverName}}/{{mediaId}}", media.get_download),
    Route("GET", f"{MEDIA}/download/{{serverName}}/{{mediaId}}/{{fileName}}", media.get_download),
    Route("GET", f"{MEDIA}/thumbnail/{{serverName}}/{{mediaId}}", media.get_thumbnail),
    *(
        Route("GET", f"{OPEN_MEDIA}/{path}/{{mediaId}}{more}", door, Needs.OR_NOT_FOUND)
        for path, more, door in (
            ("download/{serverName}", "", media.get_old_download),
            ("download/{serverName}", "/{fileName}", media.get_old_download),
            ("thumbnail/{serverName}", "", media.get_old_thumbnail),
        )
    ),
)


def router() -> Router:
    """Every route, ready to be asked; and the browser client's files."""
    return Router((*ROUTES, *pages.routes()))
