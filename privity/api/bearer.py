"""The token that a request shows, and the application service that it is of.

Source: client-server API, "Client Authentication"; application service API, "Identity assertion".
"""

from __future__ import annotations

from privity.api.http import Request
from privity.guard import pace
from privity.matrix.app_services import AppService
from privity.matrix.errors import Errcode, invalid_param, not_found, refused
from privity.store.sessions import hash_token

BEARER = b"Bearer "
APPLICATION_SERVICE = "m.login.application_service"


def token_in_query(request: Request, *, or_not_found: bool = False) -> str:
    """The token of a request that has none in its header. 401 M_MISSING_TOKEN."""
    token = request.query("access_token")
    if token is None:
        if or_not_found:
            message = "Not for those without an account."
            raise not_found(message)
        raise refused(Errcode.MISSING_TOKEN, "Missing access token.", status=401)
    if not request.house.config.unsafe_query_tokens:
        says = "An access token goes into the Authorization header, never into the address."
        raise refused(Errcode.MISSING_TOKEN, says, status=401)
    return token


def calling_service(request: Request) -> AppService:
    """The service that calls a road which asks nobody else who they are.

    Errors: 401 M_MISSING_TOKEN, 401 M_UNKNOWN_TOKEN, 429.
    """
    header = request.headers.get(b"authorization")
    if header.startswith(BEARER):
        token = header[len(BEARER) :].decode("latin-1")
    else:
        token = token_in_query(request)
    service = request.house.services.by_token_hash.get(hash_token(token))
    if service is None:
        request.house.keep_pace(pace.UNKNOWN_TOKEN_BY_ADDRESS, request.address)
        raise refused(Errcode.UNKNOWN_TOKEN, "This is no service's token.", status=401)
    return service


def asserted(request: Request) -> tuple[str | None, str | None]:
    """As which user and device an application service says that it acts. 400 M_INVALID_PARAM."""
    user_id = request.query("user_id")
    device_id = request.query("device_id") or request.query("org.matrix.msc3202.device_id")
    return user_id or None, device_id or None


def timestamp(request: Request) -> int | None:
    """When an application service says that an event happened (ms); None for now.

    Source: application service API, "Timestamp massaging".
    """
    if request.session.service_id is None or request.query("ts") is None:
        return None
    ts = request.query_int("ts", 0, most=2**53)
    if ts == 2**53:
        raise invalid_param("'ts' is no time.")
    return ts
