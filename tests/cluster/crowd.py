"""People who talk in the same rooms while the balancer sends each of their requests anywhere.

Each request goes to a process drawn at random; one that broke off is sent again, as it was, to
another. So what is answered twice must have been done once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.homeserver import Homeserver
from tests.keys.clients import Signer, new_public_key
from tests.rooms.talking import encrypted

V3 = "/_matrix/client/v3"
PASSWORD = "a password of the crowd's"
FILTER = '{"room":{"timeline":{"limit":1000}}}'
MOST_TRIES = 200
ONE_TIME_KEYS = 200

Json = Any


@dataclass(slots=True)
class Member:
    """Somebody of the crowd, and what they were told."""

    user_id: str
    device_id: str
    token: str
    since: str = ""
    timelines: dict[str, list[str]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    gaps: int = 0

    def heard(self, answer: Json) -> None:
        """A sync was answered."""
        self.since = answer["next_batch"]
        for room_id, room in answer.get("rooms", {}).get("join", {}).items():
            timeline = room.get("timeline", {})
            told = [event["event_id"] for event in timeline.get("events", [])]
            is_first = room_id not in self.timelines
            self.gaps += bool(timeline.get("limited")) and not is_first
            self.timelines.setdefault(room_id, []).extend(told)
        for event in answer.get("to_device", {}).get("events", []):
            self.messages.append(event["content"]["request_id"])


class Crowd:
    """The people, and what they were answered. `servers` may be killed and started meanwhile."""

    def __init__(self, servers: Sequence[Homeserver], seed: int) -> None:
        self.servers = servers
        self.members: list[Member] = []
        self.rooms: list[str] = []
        self.sent: dict[str, str] = {}
        self.passed: list[str] = []
        self.claimed: list[str] = []
        self.is_over = False
        self._chance = random.Random(seed)
        self._client = httpx.AsyncClient(timeout=20)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def ask(
        self, who: Member | None, method: str, path: str, body: Json = None, **query: str
    ) -> Json:
        """One request, until some process answers it. It must be answered well."""
        headers = {"Authorization": f"Bearer {who.token}"} if who else {}
        for _ in range(MOST_TRIES):
            url = self._chance.choice(self.servers).url
            sent = None if method == "GET" else body or {}
            try:
                answer = await self._client.request(
                    method, f"{url}{V3}{path}", headers=headers, params=query, json=sent
                )
            except httpx.TransportError:
                await asyncio.sleep(0.02)
                continue
            assert answer.status_code == httpx.codes.OK, f"{method} {path}: {answer.text}"
            return answer.json()
        raise AssertionError(f"{method} {path}: nobody answers")

    async def gather(self, people: int, rooms: int) -> None:
        """Everybody registers, and comes into every room; each through any process."""
        for number in range(people):
            body = {
                "username": f"p{number}",
                "password": PASSWORD,
                "auth": {"type": "m.login.dummy"},
            }
            made = await self.ask(None, "POST", "/register", body)
            self.members.append(Member(made["user_id"], made["device_id"], made["access_token"]))
        first, *others = self.members
        for _ in range(rooms):
            made = await self.ask(first, "POST", "/createRoom", {"preset": "public_chat"})
            self.rooms.append(made["room_id"])
            joining = (self.ask(who, "POST", f"/rooms/{made['room_id']}/join") for who in others)
            await asyncio.gather(*joining)
        await self._upload_keys(first)
        for who in self.members:
            who.heard(await self.ask(who, "GET", "/sync", filter=FILTER))

    async def _upload_keys(self, who: Member) -> None:
        signer = Signer(who.user_id, device_id=who.device_id)  # type: ignore[arg-type]
        bare = {
            "user_id": who.user_id,
            "device_id": who.device_id,
            "algorithms": [],
            "keys": {
                f"curve25519:{who.device_id}": new_public_key(),
                f"ed25519:{who.device_id}": signer.public,
            },
        }
        keys = {
            f"signed_curve25519:k{n}": signer.sign({"key": new_public_key()})
            for n in range(ONE_TIME_KEYS)
        }
        body = {"device_keys": signer.sign(bare), "one_time_keys": keys}
        await self.ask(who, "POST", "/keys/upload", body)

    # -- what each of them does until it is over

    async def talk(self, number: int) -> None:
        """Say something in one room after another."""
        who, count = self.members[number], 0
        while not self.is_over:
            count += 1
            txn = f"{number}-{count}"
            path = f"/rooms/{self.rooms[count % len(self.rooms)]}/send/m.room.encrypted/{txn}"
            self.sent[txn] = (await self.ask(who, "PUT", path, encrypted(txn)))["event_id"]

    async def pass_notes(self, number: int) -> None:
        """Send messages to the first one's device."""
        who, to, count = self.members[number], self.members[0], 0
        while not self.is_over:
            count += 1
            note = f"n{number}-{count}"
            content = {
                "action": "request_cancellation",
                "request_id": note,
                "requesting_device_id": "AAAA",
            }
            path = f"/sendToDevice/m.room_key_request/{note}"
            body = {"messages": {to.user_id: {to.device_id: content}}}
            await self.ask(who, "PUT", path, body)
            self.passed.append(note)
            await asyncio.sleep(0.01)

    async def claim(self, number: int) -> None:
        """Claim keys of the first one's device. One whose answer broke off is gone for good."""
        who, of = self.members[number], self.members[0]
        wanted = {of.user_id: {of.device_id: "signed_curve25519"}}
        while not self.is_over:
            answer = await self.ask(who, "POST", "/keys/claim", {"one_time_keys": wanted})
            of_device = answer["one_time_keys"].get(of.user_id, {}).get(of.device_id, {})
            self.claimed += of_device
            await asyncio.sleep(0.03)

    async def listen(self, number: int) -> None:
        """Sync, again and again, until it is over and nothing more comes."""
        who, quiet = self.members[number], 0
        while quiet < 2:
            before, timeout = who.since, "100" if self.is_over else "3000"
            answer = await self.ask(
                who, "GET", "/sync", since=who.since, timeout=timeout, filter=FILTER
            )
            who.heard(answer)
            quiet = quiet + 1 if self.is_over and who.since == before else 0

    async def history(self, server: Homeserver, room_id: str) -> list[str]:
        """Every event of a room, oldest first, as one process tells it."""
        told: list[str] = []
        query = {"dir": "b", "limit": "1000"}
        headers = {"Authorization": f"Bearer {self.members[0].token}"}
        while True:
            url = f"{server.url}{V3}/rooms/{room_id}/messages"
            page = (await self._client.get(url, headers=headers, params=query)).json()
            told += [event["event_id"] for event in page["chunk"]]
            if "end" not in page:
                return told[::-1]
            query["from"] = page["end"]
