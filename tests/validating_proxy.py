"""A loopback proxy between a real client and the server: it validates what it carries back."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from tests.homeserver import free_port
from tests.validate_openapi import check

# They belong to one connection, or are written anew by the other side of the proxy.
OF_ONE_CONNECTION = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"}
)
MOST_BODY_BYTES = 64 * 1024 * 1024
MOST_START_S = 10


class ValidatingProxy:
    """Carries requests from `url` to `upstream`, from entering the context to leaving it.

    `violations` has what responses broke, each sentence once, in the order of their coming.
    """

    def __init__(self, upstream: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.violations: list[str] = []
        self.carried = 0
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_ready.wait(MOST_START_S), "the validating proxy did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._leave = asyncio.Event()
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._carry)
        # A client that hangs up must be seen to hang up by the server too.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            self._is_ready.set()
            await self._leave.wait()
            await runner.cleanup()

    async def _carry(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in OF_ONE_CONNECTION]
        try:
            async with self._session.request(
                request.method,
                URL(self._upstream + request.raw_path, encoded=True),
                data=body or None,
                headers=headers,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientError as error:
            return web.Response(status=502, text=f"the server did not answer: {error}")
        self.carried += 1
        for violation in check(request.method, request.raw_path, answer.status, content):
            if violation not in self.violations:
                self.violations.append(violation)
        kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in OF_ONE_CONNECTION]
        return web.Response(status=answer.status, body=content, headers=dict(kept))
