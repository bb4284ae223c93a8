"""`GET /health` and `GET /ready`: for a balancer, a container's runtime, a person with curl."""

from __future__ import annotations

from privity.api.http import Request, Response, json
from privity.store import identity


async def health(_: Request) -> Response:
    """`GET /health`: 200 as long as the process answers at all. If it does not: restart it."""
    return json({"status": "up"})


async def ready(request: Request) -> Response:
    """`GET /ready`: 200 while requests may come. 503 while it stops, or the database is away."""
    if request.followers.waiting.is_draining:
        return json({"status": "stopping"}, 503)
    await request.house.store.read(identity.known)
    return json({"status": "ready"})
