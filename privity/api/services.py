"""What application services ask for themselves, and the networks that they bridge.

Source: application service API, "Client-Server API Extensions"; client-server API, "Third-party
networks".
"""

from __future__ import annotations

from privity.accounts.ping_service import ping_service
from privity.api import fields, ids
from privity.api.http import Request, Response, json, query_pairs
from privity.matrix.errors import invalid_param
from privity.rooms import directory, networks

_NOT_A_FIELD = {"access_token", "user_id", "device_id", "org.matrix.msc3202.device_id"}


async def post_ping(request: Request) -> Response:
    """`POST /_matrix/client/v1/appservice/{appserviceId}/ping`."""
    transaction_id = fields.optional_str(await request.json(), "transaction_id")
    service_id = request.params["appserviceId"]
    took_ms = await ping_service(request.house, request.session, service_id, transaction_id)
    for feeding in request.followers.feeding:
        if feeding.service.id == service_id:
            feeding.pinged()
    return json({"duration_ms": took_ms})


async def put_visibility(request: Request) -> Response:
    """`PUT /_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}`."""
    visibility = fields.required_str(await request.json(), "visibility")
    if visibility not in {"public", "private"}:
        message = "'visibility' is public or private."
        raise invalid_param(message)
    return await _publish(request, is_published=visibility == "public")


async def delete_visibility(request: Request) -> Response:
    """`DELETE /_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}`.

    No specification has it; bridges of before it do.
    """
    return await _publish(request, is_published=False)


async def _publish(request: Request, *, is_published: bool) -> Response:
    await directory.publish_in_network(
        request.house,
        request.session,
        ids.opaque(request.params["networkId"]),
        ids.room_id(request.params["roomId"]),
        is_published=is_published,
    )
    return json({})


async def get_protocols(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/protocols`."""
    return json(await networks.protocols(request.house, request.session.user_id))


async def get_protocol(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/protocol/{protocol}`."""
    name = request.params["protocol"]
    return json(await networks.protocol(request.house, request.session.user_id, name))


async def get_locations_by_fields(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/location/{protocol}`."""
    return await _by_fields(request, networks.LOCATION)


async def get_users_by_fields(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/user/{protocol}`."""
    return await _by_fields(request, networks.USER)


async def get_locations(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/location`."""
    alias = request.query_required("alias")
    asker = request.session.user_id
    return json(await networks.by_id(request.house, asker, networks.LOCATION, alias))


async def get_users(request: Request) -> Response:
    """`GET /_matrix/client/v3/thirdparty/user`."""
    user_id = request.query_required("userid")
    asker = request.session.user_id
    return json(await networks.by_id(request.house, asker, networks.USER, user_id))


async def _by_fields(request: Request, kind: str) -> Response:
    given = [
        (name, value)
        for name, value in query_pairs(request.query_string)
        if name not in _NOT_A_FIELD
    ]
    name, asker = request.params["protocol"], request.session.user_id
    return json(await networks.by_fields(request.house, asker, kind, name, given))
