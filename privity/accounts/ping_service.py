"""Ping an application service, for it to learn whether this server reaches it.

Source: application service API, "Pinging".
"""

from __future__ import annotations

from typing import Any

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import Errcode, Refuse, Refused, forbidden, refused
from privity.service_road import ASK_WITHIN_S, V1, ServiceAway
from privity.store.sessions import Session

MOST_SHOWN = 10_000


async def ping_service(
    house: House, session: Session, service_id: str, transaction_id: str | None
) -> int:
    """How long it took the service to answer, in milliseconds.

    Errors: 400 M_URL_NOT_SET; 403 M_FORBIDDEN for who is not that service; 502
    M_CONNECTION_FAILED, M_BAD_STATUS; 504 M_CONNECTION_TIMEOUT.
    """
    if session.service_id is None or session.service_id != service_id:
        raise forbidden("This is not your service.", because="ping of another's service")
    house.keep_pace(pace.ASK_SERVICE, service_id)
    service = house.services.by_id[service_id]
    if service.url is None:
        raise refused(Errcode.URL_NOT_SET, "This service has no URL.", status=400)
    told: dict[str, Any] = {} if transaction_id is None else {"transaction_id": transaction_id}
    try:
        reply = await house.road.call(
            service, "POST", f"{V1}/ping", orjson.dumps(told), ASK_WITHIN_S
        )
    except ServiceAway as error:
        if error.is_late:
            says = "The service does not answer."
            raise refused(Errcode.CONNECTION_TIMEOUT, says, status=504) from error
        says = "The service cannot be reached."
        raise refused(Errcode.CONNECTION_FAILED, says, status=502) from error
    if not reply.is_good:
        shown = reply.body.decode(errors="replace")[:MOST_SHOWN]
        says = f"The service answered {reply.status}."
        more = {"status": reply.status, "body": shown}
        raise Refused(Refuse(Errcode.BAD_STATUS, says, "", 502, more))
    return reply.took_ms
