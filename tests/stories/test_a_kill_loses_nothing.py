"""A kill -9 at any moment loses nothing that was answered, and needs no repair.

Done under load, again and again, on the same database: each round some people send messages, move
receipts, upload keys and set account data as fast as they can; the server is killed in the middle
at a moment that nobody chose; after the restart all that had been answered is there, once, in one
line, and the round's last requests, repeated, change nothing.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.homeserver import Account, Homeserver
from tests.postgres import Cluster
from tests.rooms.talking import encrypted

pytestmark = pytest.mark.real

V3 = "/_matrix/client/v3"
ROUNDS = 6
PEOPLE = 8
LONGEST_ROUND_S = 1.2
CONFIG = "unsafe_no_rate_limits = true\nunsafe_fast_password_hash = true\n"


@dataclass(slots=True)
class Answered:
    """What the server has said is done."""

    events: dict[str, str] = field(default_factory=dict)
    """By transaction id."""
    notes: dict[str, int] = field(default_factory=dict)
    """By person: the highest number that they noted."""
    messages: set[str] = field(default_factory=set)
    """Request ids of the messages that were sent to the listener's device."""


@asynccontextmanager
async def client_of(server: Homeserver, account: Account) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's client."""
    headers = {"Authorization": f"Bearer {account.access_token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as client:
        yield client


async def ask(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    """One request that must be answered well."""
    answer = await client.request(method, f"{V3}{path}", json={} if body is None else body)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


async def be_busy(
    server: Homeserver, who: Account, to: Account, room_id: str, tag: str, done: Answered
) -> None:
    """Do as much as can be done until the server dies."""
    async with client_of(server, who) as client:
        number = 0
        with suppress(httpx.TransportError):
            while True:
                number += 1
                txn = f"{tag}-{number}"
                path = f"/rooms/{room_id}/send/m.room.encrypted/{txn}"
                sent = await ask(client, "PUT", path, encrypted(txn))
                done.events[txn] = sent["event_id"]
                count = done.notes.get(who.user_id, 0) + 1
                note = f"/user/{who.user_id}/account_data/org.note"
                await ask(client, "PUT", note, {"number": count})
                done.notes[who.user_id] = count
                message = {
                    "action": "request_cancellation",
                    "request_id": txn,
                    "requesting_device_id": "AAAA",
                }
                body = {"messages": {to.user_id: {to.device_id: message}}}
                await ask(client, "PUT", f"/sendToDevice/m.room_key_request/{txn}", body)
                done.messages.add(txn)


async def history(client: httpx.AsyncClient, room_id: str) -> list[str]:
    """Every event of a room, newest first."""
    ids: list[str] = []
    query = "dir=b&limit=1000"
    while True:
        page = await client.get(f"{V3}/rooms/{room_id}/messages?{query}")
        ids += [event["event_id"] for event in page.json()["chunk"]]
        if "end" not in page.json():
            return ids
        query = f"dir=b&limit=1000&from={page.json()['end']}"


async def check(
    server: Homeserver, people: list[Account], listener: Account, room_id: str, done: Answered
) -> None:
    """Everything that was answered is there, once."""
    async with client_of(server, people[0]) as client:
        ids = await history(client, room_id)
        assert len(ids) == len(set(ids))
        lost = set(done.events.values()) - set(ids)
        assert not lost, f"{len(lost)} of {len(done.events)} answered messages are lost"
        for txn in list(done.events)[-3:]:
            owner = people[int(txn.split("-")[1])]
            async with client_of(server, owner) as again:
                path = f"/rooms/{room_id}/send/m.room.encrypted/{txn}"
                repeated = await ask(again, "PUT", path, encrypted(txn))
                assert repeated["event_id"] == done.events[txn]
    for person in people:
        async with client_of(server, person) as client:
            note = await client.get(f"{V3}/user/{person.user_id}/account_data/org.note")
            kept = note.json().get("number", 0)
            assert kept - done.notes.get(person.user_id, 0) in (0, 1)
            done.notes[person.user_id] = kept
    async with client_of(server, listener) as client:
        got: list[str] = []
        query = ""
        while True:
            answer = (await client.get(f"{V3}/sync{query}")).json()
            events = answer.get("to_device", {}).get("events", [])
            if not events:
                break
            got += [event["content"]["request_id"] for event in events]
            query = f"?since={answer['next_batch']}"
        assert len(got) == len(set(got)), "a message to a device came twice"
        missing = done.messages - set(got)
        assert not missing, f"{len(missing)} messages to a device are lost"
        done.messages.clear()


async def rounds(server: Homeserver) -> int:
    """Kill it again and again; how many messages were answered."""
    server.start()
    people = [server.register(f"person{number}", "password") for number in range(PEOPLE)]
    listener = server.register("listener", "password")
    async with client_of(server, people[0]) as client:
        room_id = (await ask(client, "POST", "/createRoom", {"preset": "public_chat"}))["room_id"]
    for person in people[1:]:
        async with client_of(server, person) as client:
            await ask(client, "POST", f"/rooms/{room_id}/join")
    done = Answered()
    chance = random.Random(2005)
    for number in range(ROUNDS):
        busy = [
            asyncio.ensure_future(
                be_busy(server, person, listener, room_id, f"{number}-{index}", done)
            )
            for index, person in enumerate(people)
        ]
        await asyncio.sleep(chance.uniform(0.1, LONGEST_ROUND_S))
        server.kill()
        await asyncio.gather(*busy)
        server.start()
        await check(server, people, listener, room_id, done)
    server.stop()
    return len(done.events)


async def test_a_kill_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    server = Homeserver(tmp_path / "data", config=CONFIG)
    assert await rounds(server) >= ROUNDS, "too little was answered to try anything"
    database = sqlite3.connect(tmp_path / "data" / "privity.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


async def test_a_kill_loses_nothing_on_postgresql(tmp_path: Path, postgres: Cluster) -> None:
    server = Homeserver(tmp_path / "data", config=CONFIG, database=postgres.database())
    assert await rounds(server) >= ROUNDS, "too little was answered to try anything"
