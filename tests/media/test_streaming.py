"""Large files pass through the real server without staying in its memory, and survive its death."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore

import httpx
import pytest

from tests.homeserver import Account, Homeserver

pytestmark = pytest.mark.real

PART = b"0123456789abcdef" * 4096
PARTS = 800  # 50 MiB
GROWTH_KB = 8 * 1024
KILLS = 3


def client_of(server: Homeserver, account: Account) -> httpx.Client:
    token = {"authorization": f"Bearer {account.access_token}"}
    return httpx.Client(base_url=server.url, headers=token, timeout=60)


def parts() -> Iterator[bytes]:
    for _ in range(PARTS):
        yield PART


def status_kb(server: Homeserver, name: str) -> int:
    """A figure of the process: `VmRSS` is its memory now, `VmHWM` the most that it was."""
    lines = Path(f"/proc/{server.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def forget_most_kb(server: Homeserver) -> int:
    """Have the most counted from now on. What it is now."""
    Path(f"/proc/{server.pid}/clear_refs").write_text("5", "ascii")
    return status_kb(server, "VmRSS")


def test_fifty_megabytes_pass_without_staying_in_memory(homeserver: Homeserver) -> None:
    ann = homeserver.register("ann", "correct horse battery staple")
    with client_of(homeserver, ann) as client:
        before_kb = forget_most_kb(homeserver)
        uploaded = client.post("/_matrix/media/v3/upload", content=parts())
        assert uploaded.status_code == 200, uploaded.text
        path = uploaded.json()["content_uri"].removeprefix("mxc://")
        digest = hashlib.sha256()
        whole = f"/_matrix/client/v1/media/download/{path}"
        with client.stream("GET", whole) as answer:
            for part in answer.iter_bytes():
                digest.update(part)
        assert digest.digest() == hashlib.sha256(PART * PARTS).digest()
        assert status_kb(homeserver, "VmHWM") - before_kb < GROWTH_KB


def test_a_client_that_does_not_read_on_is_not_sent_into_memory(homeserver: Homeserver) -> None:
    ann = homeserver.register("ann", "correct horse battery staple")
    with client_of(homeserver, ann) as client:
        uploaded = client.post("/_matrix/media/v3/upload", content=parts())
        path = uploaded.json()["content_uri"].removeprefix("mxc://")
        before_kb = forget_most_kb(homeserver)
        with client.stream("GET", f"/_matrix/client/v1/media/download/{path}") as answer:
            assert next(answer.iter_raw())
            for _ in range(5):  # the server has all the time it wants
                assert client.get("/_matrix/client/versions").status_code == 200
            assert status_kb(homeserver, "VmHWM") - before_kb < GROWTH_KB


def test_an_upload_is_there_after_a_kill(homeserver: Homeserver) -> None:
    ann = homeserver.register("ann", "correct horse battery staple")
    with client_of(homeserver, ann) as client:
        uploaded = client.post("/_matrix/media/v3/upload", content=PART)
        path = uploaded.json()["content_uri"].removeprefix("mxc://")
        half = socket.create_connection(("127.0.0.1", homeserver.port))
        head = f"POST /_matrix/media/v3/upload HTTP/1.1\r\nAuthorization: Bearer {ann.access_token}"
        half.sendall(f"{head}\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode() + PART * 4)
        incoming = homeserver.data_dir / "media" / "incoming"
        while not any(incoming.iterdir()):
            assert client.get("/_matrix/client/versions").status_code == 200
        homeserver.kill()
        half.close()
        assert any(incoming.iterdir())
        homeserver.start()
        assert not any(incoming.iterdir())
        downloaded = client.get(f"/_matrix/client/v1/media/download/{path}")
        assert downloaded.content == PART


def test_no_kill_takes_an_upload_that_was_acknowledged(homeserver: Homeserver) -> None:
    ann = homeserver.register("ann", "correct horse battery staple")
    kept: dict[str, bytes] = {}
    acknowledged = Semaphore(0)

    def upload_until_it_dies(name: str) -> None:
        with client_of(homeserver, ann) as client:
            for number in range(1000):
                content = f"{name} {number} ".encode() * 10_000
                try:
                    answer = client.post("/_matrix/media/v3/upload", content=content)
                except httpx.TransportError:
                    return
                kept[answer.json()["content_uri"].removeprefix("mxc://")] = content
                acknowledged.release()

    with ThreadPoolExecutor() as threads:
        for kill in range(KILLS):
            uploading = [threads.submit(upload_until_it_dies, f"{kill}{n}") for n in range(3)]
            for _ in range(10 * (kill + 1)):
                assert acknowledged.acquire(timeout=10)
            homeserver.kill()
            for each in uploading:
                each.result()
            homeserver.start()
    with client_of(homeserver, ann) as client:
        for path, content in kept.items():
            assert client.get(f"/_matrix/client/v1/media/download/{path}").content == content
