"""The road to application services over HTTP, to where their registrations say.

1. No redirect is followed, no proxy asked, no cookie kept.
2. A service has so long for everything together, and 1 MiB for its answer.
3. Certificates are checked against the system's authorities, but by an open server: the services of
   a suite of conformance sign their own.
"""

from __future__ import annotations

import asyncio
import ssl
from time import perf_counter

import httpcore

from privity.matrix.app_services import AppService
from privity.service_road import Reply, ServiceAway

MOST_ANSWER_BYTES = 1024 * 1024
MOST_CONNECTIONS = 100
MOST_IDLE_CONNECTIONS = 20
IDLE_S = 60.0


class HttpRoad:
    """Connections to services, which stay open for a while."""

    def __init__(self, *, takes_any_certificate: bool = False) -> None:
        context = ssl.create_default_context()  # 3
        if takes_any_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_S,
        )

    async def call(
        self, service: AppService, method: str, path: str, body: bytes, within_s: float
    ) -> Reply:
        """One request, with our token. Raises `ServiceAway`."""
        started_s = perf_counter()
        try:
            async with asyncio.timeout(within_s):  # 2
                status, answer = await self._call(service, method, path, body)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise ServiceAway("it took too long", is_late=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise ServiceAway(type(error).__name__) from error
        return Reply(status, answer, round((perf_counter() - started_s) * 1000))

    async def close(self) -> None:
        """Let the connections go."""
        await self._pool.aclose()

    async def _call(
        self, service: AppService, method: str, path: str, body: bytes
    ) -> tuple[int, bytes]:
        headers = (
            (b"authorization", b"Bearer " + service.hs_token.encode()),
            (b"content-type", b"application/json"),
            (b"user-agent", b"privity"),
        )
        url = f"{service.url}{path}"
        async with self._pool.stream(method, url, headers=headers, content=body) as response:
            answer = bytearray()
            async for part in response.aiter_stream():
                answer += part
                if len(answer) > MOST_ANSWER_BYTES:  # 2
                    raise ServiceAway("its answer is too long")
            return response.status, bytes(answer)
