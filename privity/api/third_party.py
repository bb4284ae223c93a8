"""Third-party identifiers: refused by design (docs/decisions/0011-accounts.md).

An account is bound to the address of its invitation, which is shown to nobody. So there is nothing
to add, to look up or to publish, and no identity server is asked anything. What takes away is
answered as done: there is nothing that could stay.
"""

from __future__ import annotations

from privity.api.http import Request, Response, json
from privity.matrix.errors import Errcode, refused


async def get_all(_: Request) -> Response:
    """`GET /_matrix/client/v3/account/3pid`: addresses are not looked up by, so none is told."""
    return json({"threepids": []})


async def add(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/3pid`, `/3pid/add` and `/3pid/bind`: refused."""
    await request.json()
    raise refused(Errcode.THREEPID_DENIED, "Addresses are not kept here.")


async def take_away(request: Request) -> Response:
    """`POST /_matrix/client/v3/account/3pid/delete` and `/3pid/unbind`: none is there."""
    await request.json()
    return json({"id_server_unbind_result": "no-support"})


async def request_token(request: Request) -> Response:
    """`POST /_matrix/client/v3/.../{email,msisdn}/requestToken`: nothing is sent to addresses."""
    await request.json()
    says = "Addresses prove nothing here: this server writes to none."
    raise refused(Errcode.THREEPID_MEDIUM_NOT_SUPPORTED, says, status=400)
