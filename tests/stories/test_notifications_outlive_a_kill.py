"""A server that is killed tells the gateways afterwards what it had not told before."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway import LocalGateway
from tests.homeserver import Account, Homeserver
from tests.postgres import Cluster
from tests.rooms.talking import encrypted

pytestmark = pytest.mark.real

V3 = "/_matrix/client/v3"
MOST_S = 60
"""Longer than the lease of a process that died."""


async def ask(server: Homeserver, who: Account, method: str, path: str, body: Any) -> Any:
    """One request that must be answered well."""
    headers = {"Authorization": f"Bearer {who.access_token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as client:
        answer = await client.request(method, f"{V3}{path}", json=body)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


async def say(server: Homeserver, who: Account, room_id: str, words: str) -> str:
    path = f"/rooms/{room_id}/send/m.room.encrypted/{words}"
    sent = await ask(server, who, "PUT", path, encrypted(words))
    return str(sent["event_id"])


async def tell_across_a_kill(server: Homeserver, gateway: LocalGateway) -> None:
    """What is said while the gateway is away is told when both are back."""
    ann, bob = [
        await asyncio.to_thread(server.register, n, "long password") for n in ("ann", "bob")
    ]
    pusher = {
        "kind": "http",
        "app_id": "org.example.app",
        "pushkey": "secret-key",
        "app_display_name": "App",
        "device_display_name": "Phone",
        "lang": "en",
        "data": {"url": gateway.url, "format": "event_id_only"},
    }
    await ask(server, bob, "POST", "/pushers/set", pusher)
    made = await ask(server, ann, "POST", "/createRoom", {"invite": [bob.user_id]})
    room_id = made["room_id"]
    await ask(server, bob, "POST", f"/rooms/{room_id}/join", {})
    async with gateway:
        await gateway.hears_of(await say(server, ann, room_id, "one"))
    event_id = await say(server, ann, room_id, "two")
    await asyncio.to_thread(server.kill)
    async with gateway:
        await asyncio.to_thread(server.start)
        await gateway.hears_of(event_id)
    assert gateway.told[-1]["devices"][0]["pushkey"] == "secret-key"


async def run(folder: Path, database: str = "") -> None:
    async with LocalGateway() as gateway:
        config = f'push_gateways = "{gateway.url}"\nunsafe_fast_password_hash = true\n'
    server = Homeserver(folder / "data", database=database, config=config)
    with server:
        async with asyncio.timeout(MOST_S):
            await tell_across_a_kill(server, gateway)
    assert "secret-key" not in server.log_file.read_text("utf-8")


async def test_on_the_embedded_database(tmp_path: Path) -> None:
    await run(tmp_path)


async def test_on_postgresql(tmp_path: Path, postgres: Cluster) -> None:
    await run(tmp_path, postgres.database())
