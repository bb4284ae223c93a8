"""The routes of accounts that are not their log-in: tags, directories, calls, what is refused."""

from __future__ import annotations

from privity.api import (
    administration,
    calls,
    dehydrated_device,
    login,
    openid,
    profiles,
    server,
    spaces,
    tags,
    third_party,
    user_directory,
)
from privity.api.paths import UNSTABLE, USER, V1, V3
from privity.api.router import Needs, Route

TAGS = f"{USER}/rooms/{{roomId}}/tags"
DEHYDRATED = f"{UNSTABLE}/org.matrix.msc3814.v1/dehydrated_device"
USERINFO = "/_matrix/federation/v1/openid/userinfo"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/.well-known/matrix/support", server.support, Needs.NOTHING),
    Route("POST", f"{V1}/login/get_token", login.post_login_token),
    Route("POST", f"{V3}/user_directory/search", user_directory.post_search),
    # Profiles
    *(
        route
        for root in (V3, f"{UNSTABLE}/uk.tcpip.msc4133")
        for whole in (f"{root}/profile/{{userId}}",)
        for field in (f"{whole}/{{keyName}}",)
        for route in (
            Route("GET", whole, profiles.get_profile, Needs.NOTHING_IF_OPEN),
            Route("GET", field, profiles.get_field, Needs.NOTHING_IF_OPEN),
            Route("PUT", field, profiles.put_field),
            Route("DELETE", field, profiles.delete_field),
        )
    ),
    # Tags
    Route("GET", TAGS, tags.get_tags),
    Route("PUT", f"{TAGS}/{{tag}}", tags.put_tag),
    Route("DELETE", f"{TAGS}/{{tag}}", tags.delete_tag),
    # Calls, and who one is to others
    Route("GET", f"{V3}/voip/turnServer", calls.get_turn),
    Route("GET", f"{UNSTABLE}/org.matrix.msc4143/rtc/transports", calls.get_transports),
    Route("POST", f"{USER}/openid/request_token", openid.post_token),
    Route("GET", USERINFO, openid.get_userinfo, Needs.NOTHING),
    # Administration
    Route("GET", f"{V3}/admin/whois/{{userId}}", administration.whois),
    Route("GET", f"{V1}/admin/lock/{{userId}}", administration.get_lock),
    Route("PUT", f"{V1}/admin/lock/{{userId}}", administration.put_lock),
    Route("GET", f"{V1}/admin/suspend/{{userId}}", administration.get_suspension),
    Route("PUT", f"{V1}/admin/suspend/{{userId}}", administration.put_suspension),
    # By the name that today's clients know it by
    Route(
        "GET",
        f"{UNSTABLE}/uk.half-shot.msc2666/user/mutual_rooms",
        spaces.get_mutual_rooms,
    ),
    # The device that sleeps
    Route("PUT", DEHYDRATED, dehydrated_device.put_device),
    Route("GET", DEHYDRATED, dehydrated_device.get_device),
    Route("DELETE", DEHYDRATED, dehydrated_device.delete_device),
    Route("GET", f"{DEHYDRATED}/{{deviceId}}/events", dehydrated_device.get_events),
    Route("POST", f"{DEHYDRATED}/{{deviceId}}/events", dehydrated_device.post_events),
    # Third-party identifiers
    Route("GET", f"{V3}/account/3pid", third_party.get_all),
    Route("POST", f"{V3}/account/3pid", third_party.add),
    Route("POST", f"{V3}/account/3pid/add", third_party.add),
    Route("POST", f"{V3}/account/3pid/bind", third_party.add),
    Route("POST", f"{V3}/account/3pid/delete", third_party.take_away),
    Route("POST", f"{V3}/account/3pid/unbind", third_party.take_away),
    *(
        Route(
            "POST", f"{V3}/{road}/{medium}/requestToken", third_party.request_token, Needs.NOTHING
        )
        for road in ("register", "account/password", "account/3pid")
        for medium in ("email", "msisdn")
    ),
)
