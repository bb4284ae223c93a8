"""A bot over a real socket: it answers what it hears, and a kill of the server costs it nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.homeserver import Account, Homeserver
from tests.postgres import Cluster
from tests.rooms.talking import encrypted
from tests.services.bridge import AS_TOKEN, BOT, Asked, LocalService, registration, written

pytestmark = pytest.mark.real

V3 = "/_matrix/client/v3"
MOST_S = 60
"""Longer than the lease of a process that died."""
MESSAGES = 40


@asynccontextmanager
async def client_of(server: Homeserver, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's client, or a bot's."""
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{server.url}{V3}"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        yield client


async def asked(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    """One request that must be answered well."""
    answer = await client.request(method, path, json=body or {})
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


async def say(client: httpx.AsyncClient, room_id: str, words: str) -> str:
    path = f"/rooms/{room_id}/send/m.room.encrypted/{words}"
    return str((await asked(client, "PUT", path, encrypted(words)))["event_id"])


async def echo(server: Homeserver, service: LocalService) -> None:
    """A bot that comes where it is invited, and says something whenever somebody else does."""

    async def answer(heard: Asked) -> None:
        async with client_of(server, AS_TOKEN) as bot:
            for event in heard.body["events"]:
                room_id = event["room_id"]
                if event.get("state_key") == BOT and event["content"]["membership"] == "invite":
                    await asked(bot, "POST", f"/rooms/{room_id}/join")
                elif event["type"] == "m.room.encrypted" and event["sender"] != BOT:
                    await say(bot, room_id, f"to{event['event_id'][1:]}")

    service.on_ask = answer


async def talk_across_a_kill(server: Homeserver, service: LocalService, ann: Account) -> None:
    async with client_of(server, ann.access_token) as client:
        room_id = (await asked(client, "POST", "/createRoom", {"invite": [BOT]}))["room_id"]
        await service.hears_from(BOT, type="m.room.member", state_key=BOT)
        await say(client, room_id, "first")
        await service.hears_from(BOT, type="m.room.encrypted")  # its answer
        service.on_ask = None  # from here on it only listens
        said = [await say(client, room_id, f"n{n}") for n in range(MESSAGES // 2)]
        service.answers["*"] = (500, {})  # what it hears now it does not take
        said += [await say(client, room_id, f"n{n}") for n in range(MESSAGES // 2, MESSAGES)]
        await asyncio.to_thread(server.kill)
        service.answers.clear()
        await asyncio.to_thread(server.start)
        await service.hears_of(*said)
    of_ann = [each["event_id"] for each in service.events if each["sender"] == ann.user_id]
    assert of_ann[-MESSAGES:] == said
    assert len(service.heard) == len(set(service.heard))
    bodies: dict[str, Any] = {}
    for transaction in service.transactions:
        assert bodies.setdefault(transaction.path, transaction.body) == transaction.body


async def run(folder: Path, database: str = "") -> None:
    async with LocalService() as service:
        (file,) = written(folder, registration(url=service.url))
        config = f'app_services = ["{file}"]\nunsafe_fast_password_hash = true\n'
        server = Homeserver(folder / "data", database=database, config=config)
        await echo(server, service)
        with server:
            ann = await asyncio.to_thread(server.register, "ann", "long password")
            async with asyncio.timeout(MOST_S):
                await talk_across_a_kill(server, service, ann)
    assert AS_TOKEN not in server.log_file.read_text("utf-8")


async def test_on_the_embedded_database(tmp_path: Path) -> None:
    await run(tmp_path)


async def test_on_postgresql(tmp_path: Path, postgres: Cluster) -> None:
    await run(tmp_path, postgres.database())
