"""The way to push gateways: HTTPS, to addresses that may be connected to and nowhere else.

1. The address is judged that is connected to, after its name was resolved (`guard/reach.py`).
2. No redirect is followed, no proxy asked, no cookie kept.
3. A gateway has 30 seconds for everything together, and 64 KiB for its answer.
4. Certificates are checked against the system's authorities.

Source: push gateway API, `POST /_matrix/push/v1/notify`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from socket import IPPROTO_TCP, SOCK_STREAM
from typing import Any

import httpcore
import orjson

from privity.follow.push.sending import GatewayAway
from privity.guard.reach import Bounds, Gateway, may_be_connected_to, need_public_addresses

MOST_S = 30.0
CONNECT_S = 10.0
MOST_ANSWER_BYTES = 64 * 1024
MOST_CONNECTIONS = 100
MOST_IDLE_CONNECTIONS = 20
IDLE_S = 60.0
_HEADERS = ((b"content-type", b"application/json"), (b"user-agent", b"privity"))
_GOOD = range(200, 300)


class HttpGateways:
    """The gateways of the internet, or those that the operator named."""

    def __init__(self, bounds: Bounds) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(bounds),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_S,
            network_backend=Within(bounds),
        )

    async def notify(self, gateway: Gateway, body: bytes) -> list[str]:
        """Tell a gateway. The pushkeys that it rejects. Raises `GatewayAway`."""
        try:
            async with asyncio.timeout(MOST_S):  # 3
                return await self._post(gateway, body)
        except TimeoutError as error:
            raise GatewayAway("it took too long") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise GatewayAway(type(error).__name__) from error

    async def close(self) -> None:
        """Let the connections go."""
        await self._pool.aclose()

    async def _post(self, gateway: Gateway, body: bytes) -> list[str]:
        request = self._pool.stream("POST", gateway.url, headers=_HEADERS, content=body)
        async with request as response:
            if response.status not in _GOOD:  # 2
                message = f"it answered {response.status}"
                raise GatewayAway(message)
            answer = bytearray()
            async for part in response.aiter_stream():
                answer += part
                if len(answer) > MOST_ANSWER_BYTES:  # 3
                    raise GatewayAway("its answer is too long")
        return _rejected(bytes(answer))


class Within(httpcore.AsyncNetworkBackend):
    """Connects only to where the bounds let it (rule 1)."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of this host. Raises `httpcore.ConnectError`."""
        del timeout
        addresses = await _resolve(host, port)
        if need_public_addresses(self._bounds):
            addresses = [each for each in addresses if may_be_connected_to(each)]
        error = httpcore.ConnectError("no address that may be connected to")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(
                    address, port, CONNECT_S, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                error = httpcore.ConnectError(str(refused))
        raise error

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host.strip("[]"), port, type=SOCK_STREAM, proto=IPPROTO_TCP
        )
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("its name is not known") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _tls(bounds: Bounds) -> ssl.SSLContext:
    context = ssl.create_default_context()  # 4
    if bounds.anywhere:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _rejected(answer: bytes) -> list[str]:
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise GatewayAway("its answer is not JSON") from error
    rejected = told.get("rejected", []) if isinstance(told, dict) else None
    if not isinstance(rejected, list):
        raise GatewayAway("its answer is not of its form")
    return [each for each in rejected if isinstance(each, str)]
