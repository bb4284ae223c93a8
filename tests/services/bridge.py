"""An application service of a test: its registration, and how it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson
import yaml
from aiohttp import web

from privity.matrix.ids import DeviceId, UserId
from tests.world import SERVER_NAME, Person, World

AS_TOKEN = "the token that the service shows"
HS_TOKEN = "the token that the server shows"
BOT = UserId(f"@irc-bot:{SERVER_NAME}")
GHOST = UserId(f"@_irc_zoe:{SERVER_NAME}")
TRANSACTIONS = "/_matrix/app/v1/transactions/"
WITHOUT_LOG_IN = {"type": "m.login.application_service", "inhibit_login": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came to a service. `path` is without its percent signs."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str
    body: Any


def registration(**more: Any) -> dict[str, Any]:
    """That of a bridge to IRC."""
    return {
        "id": "irc",
        "url": None,
        "as_token": AS_TOKEN,
        "hs_token": HS_TOKEN,
        "sender_localpart": "irc-bot",
        "namespaces": {
            "users": [{"exclusive": True, "regex": "@_irc_.*"}],
            "aliases": [{"exclusive": True, "regex": "#_irc_.*"}],
            "rooms": [],
        },
        "rate_limited": False,
        **more,
    }


def written(folder: Path, *registrations: dict[str, Any]) -> tuple[str, ...]:
    """The files of registrations, as `app_services` names them."""
    paths = []
    for number, each in enumerate(registrations):
        path = folder / f"{number}.yaml"
        path.touch(0o600)
        path.write_text(yaml.safe_dump(each), "utf-8")
        paths.append(str(path))
    return tuple(paths)


def bot_of(world: World, token: str = AS_TOKEN) -> Person:
    """The service itself, speaking as its sender or, with `user_id=`, as somebody else."""
    return Person(world, BOT, DeviceId(""), token)


async def bot_with_ghost(world: World) -> Person:
    """The same, after it has made a user of its namespace."""
    bot = bot_of(world)
    made = await bot.post("/register", {**WITHOUT_LOG_IN, "username": "_irc_zoe"})
    assert made.body == {"user_id": GHOST}
    return bot


class LocalService:
    """A service on a loopback port: keeps what it is asked, and answers as the test wants.

    It listens from entering to leaving, on the same port each time. `answers` are the status and
    the body for the paths of its choice; everything else is taken.
    """

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[Asked] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.came = asyncio.Condition()
        self.on_ask: Callable[[Asked], Awaitable[None]] | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """For its registration."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def transactions(self) -> list[Asked]:
        """The transactions that came, repeated ones too."""
        return [asked for asked in self.asked if asked.path.startswith(TRANSACTIONS)]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that it heard, of each transaction once."""
        of_each = {asked.path: asked.body["events"] for asked in self.transactions}
        return [event for events in of_each.values() for event in events]

    @property
    def ephemeral(self) -> list[dict[str, Any]]:
        """What it heard of what is not kept."""
        return [each for asked in self.transactions for each in asked.body.get("ephemeral", ())]

    @property
    def heard(self) -> list[str]:
        """The ids of these events."""
        return [event["event_id"] for event in self.events]

    async def hears_of(self, *event_ids: str) -> None:
        """Done when it heard of all of these."""
        async with self.came:
            await self.came.wait_for(lambda: set(event_ids) <= set(self.heard))

    async def hears_from(self, user_id: str, **event: Any) -> None:
        """Done when it heard somebody do this."""
        wanted = {"sender": user_id, **event}.items()
        async with self.came:
            await self.came.wait_for(
                lambda: any(
                    all(heard.get(name) == value for name, value in wanted) for heard in self.events
                )
            )

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = orjson.loads(raw) if raw else None
        token = request.headers.get("Authorization", "")
        asked = Asked(request.method, request.path, dict(request.query), token, body)
        async with self.came:
            self.asked.append(asked)
            self.came.notify_all()
        if self.on_ask is not None:
            await self.on_ask(asked)
        status, answer = self.answers.get(request.path, self.answers.get("*", (200, {})))
        if isinstance(answer, str):
            return web.Response(text=answer, status=status)
        return web.json_response(answer, status=status)
