"""A push gateway on a loopback port: keeps what it is told, and answers as the test wants."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Self

from aiohttp import web

from privity.guard.reach import NOTIFY_PATH


class LocalGateway:
    """Listens from entering to leaving; on the same port each time it is entered.

    `answer` makes each response.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._tls = tls
        self.told: list[dict[str, Any]] = []
        self.came = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The address that a client names."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{NOTIFY_PATH}"

    @property
    def events(self) -> list[str]:
        """The ids of the events that it was told of."""
        return [one["event_id"] for one in self.told if "event_id" in one]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take it, reject nothing."""
        del request
        return web.json_response({"rejected": []})

    async def hears_of(self, event_id: str) -> None:
        """Done when it was told of this event."""
        async with self.came:
            await self.came.wait_for(lambda: event_id in self.events)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post(NOTIFY_PATH, self._notify)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _notify(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        async with self.came:
            self.told.append(body["notification"])
            self.came.notify_all()
        return await self.answer(request)
