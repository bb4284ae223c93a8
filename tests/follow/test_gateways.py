"""The way to push gateways, over real sockets: where it connects, and what it puts up with."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore
import orjson
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from privity.follow.push import gateways
from privity.follow.push.gateways import HttpGateways, Within
from privity.follow.push.sending import GatewayAway
from privity.guard.reach import Bounds, Gateway, bounds_of, gateway_of
from tests.gateway import LocalGateway

BODY = orjson.dumps({"notification": {"devices": []}})


@asynccontextmanager
async def way(bounds: Bounds) -> AsyncIterator[HttpGateways]:
    """The way within these bounds."""
    opened = HttpGateways(bounds)
    try:
        yield opened
    finally:
        await opened.close()


async def notify(gateway: LocalGateway, bounds: Bounds | None = None) -> list[str]:
    """Tell it; by default the operator has named it."""
    known = gateway_of(gateway.url)
    assert known is not None
    async with way(bounds or bounds_of(gateway.url, anywhere=False)) as opened:
        return await opened.notify(known, BODY)


async def test_a_gateway_that_the_operator_named_is_told_and_may_reject_keys() -> None:
    class Rejecting(LocalGateway):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            del request
            return web.json_response({"rejected": ["a key", 7]})

    async with Rejecting() as gateway:
        assert await notify(gateway) == ["a key"]
    assert gateway.told == [{"devices": []}]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "2130706433"])  # noqa: S104
async def test_nothing_in_a_network_of_our_own_is_connected_to(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(httpcore.ConnectError, match="no address that may be connected to"):
            await Within(Bounds()).connect_tcp(host, port)
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


async def test_a_name_that_resolves_to_our_own_network_is_not_connected_to() -> None:
    async with LocalGateway() as gateway, way(Bounds()) as opened:
        with pytest.raises(GatewayAway, match="ConnectError"):
            await opened.notify(Gateway("https", "localhost", gateway.port), BODY)
    assert gateway.told == []


def redirect() -> web.StreamResponse:
    return web.Response(status=302, headers={"location": "http://127.0.0.1:1/"})


@pytest.mark.parametrize(
    ("respond", "because"),
    [
        (redirect, "it answered 302"),
        (lambda: web.Response(status=500), "it answered 500"),
        (lambda: web.Response(text="thanks"), "not JSON"),
        (lambda: web.json_response([]), "not of its form"),
        (lambda: web.json_response({"rejected": "all"}), "not of its form"),
        (lambda: web.Response(body=b" " * (gateways.MOST_ANSWER_BYTES + 1)), "too long"),
    ],
)
async def test_another_answer_is_as_good_as_none(
    respond: Callable[[], web.StreamResponse], because: str
) -> None:
    class Odd(LocalGateway):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            del request
            return respond()

    async with Odd() as gateway:
        with pytest.raises(GatewayAway, match=because):
            await notify(gateway)


async def test_a_gateway_that_never_ends_its_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateways, "MOST_S", 0.05)
    gone = asyncio.Event()

    class Endless(LocalGateway):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            await gone.wait()
            return response

    async with Endless() as gateway:
        with pytest.raises(GatewayAway, match="took too long"):
            await notify(gateway)
        gone.set()


def tls_of_nobody(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = folder / "gateway.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_who_shows_a_certificate_of_their_own_making_is_told_nothing(tmp_path: Path) -> None:
    async with LocalGateway(tls_of_nobody(tmp_path)) as gateway:
        with pytest.raises(GatewayAway, match="ConnectError"):
            await notify(gateway)
        assert gateway.told == []
        assert await notify(gateway, Bounds(anywhere=True)) == []
    assert len(gateway.told) == 1
