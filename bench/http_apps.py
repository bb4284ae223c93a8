"""The smallest server on each HTTP layer that bench/http_layers.py compares.

`python -m bench.http_apps NAME PORT`. All of them answer `PUT /send` with the same headers and
small JSON body, and never answer `GET /wait`: its coroutine awaits a future.
"""

# ruff: noqa: ANN401 - the layers are imported by name, for only one of them may be installed
from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, cast

HEADERS = [
    (b"content-type", b"application/json"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization, Range"),
    (b"access-control-expose-headers", b"Content-Range, Content-Disposition, ETag"),
]
BODY = b'{"event_id":"$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg"}'
MOST_BACKLOG = 4096

Message = dict[str, Any]


async def asgi_app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """The bare ASGI application."""
    if scope["path"] == "/wait":
        await asyncio.get_running_loop().create_future()
    while (await receive()).get("more_body", False):
        pass
    headers = [*HEADERS, (b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


async def rsgi_app(scope: Any, protocol: Any) -> None:
    """The same for granian's own interface."""
    if scope.path == "/wait":
        await asyncio.get_running_loop().create_future()
    await protocol()
    headers = [(name.decode(), value.decode()) for name, value in HEADERS]
    protocol.response_bytes(200, headers, BODY)


def starlette_app() -> Any:
    """The same on Starlette's routes and responses."""
    responses = import_module("starlette.responses")
    headers = {name.decode(): value.decode() for name, value in HEADERS}

    async def put(request: Any) -> Any:
        await request.body()
        return responses.Response(BODY, headers=headers)

    async def wait(_: Any) -> Any:
        return await asyncio.get_running_loop().create_future()

    route = import_module("starlette.routing").Route
    routes = [route("/{verb}", put, methods=["PUT"]), route("/wait", wait)]
    return import_module("starlette.applications").Starlette(routes=routes)


def fastapi_app() -> Any:
    """The same on FastAPI, its models and its dependencies not even used."""
    fastapi = import_module("fastapi")
    app = fastapi.FastAPI()
    headers = {name.decode(): value.decode() for name, value in HEADERS}

    async def put(verb: str, body: dict[str, Any]) -> Any:
        assert verb and body  # noqa: PT018 - both are read
        return fastapi.Response(BODY, headers=headers)

    async def wait() -> Any:
        return await asyncio.get_running_loop().create_future()

    put.__annotations__ = {"verb": str, "body": dict[str, Any]}
    wait.__annotations__ = {}
    app.put("/{verb}")(put)
    app.get("/wait")(wait)
    return app


class Bare(asyncio.Protocol):
    """httptools on a transport, and nothing between: no keep-alive timer, no flow control."""

    in_tasks = False
    _parser_type: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._parser = self._parser_type(self)
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """The parser's."""
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        """The parser's."""
        self._url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser's."""
        self._headers[name.lower()] = value

    def on_body(self, part: bytes) -> None:
        """The parser's."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """The parser's."""
        if self.in_tasks or self._url == b"/wait":
            self._task = self._loop.create_task(self._handle())
        else:
            self._transport.write(_ANSWER)

    async def _handle(self) -> None:
        if self._url == b"/wait":
            await self._loop.create_future()
        self._transport.write(_ANSWER)


class BareInTasks(Bare):
    """The same with a task for every request, as a handler that may wait needs one."""

    in_tasks = True


_LINES = [name + b": " + value for name, value in HEADERS]
_LINES.append(f"content-length: {len(BODY)}".encode())
_ANSWER = b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(_LINES) + b"\r\n\r\n" + BODY


async def serve_bare(protocol: type[Bare], port: int) -> None:
    """Serve until killed."""
    Bare._parser_type = import_module("httptools").HttpRequestParser  # noqa: SLF001 - ours
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port, backlog=MOST_BACKLOG)
    await server.serve_forever()


def serve_uvicorn(app: Any, port: int, *, access_log: bool) -> None:
    """Serve until killed, with httptools and uvloop."""
    import_module("uvicorn").run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=access_log,
        date_header=access_log,
        server_header=access_log,
        backlog=MOST_BACKLOG,
    )


def serve_granian(interface: str, port: int) -> None:
    """Serve until killed, with one worker."""
    granian = import_module("granian")
    constants = import_module("granian.constants")
    granian.Granian(
        f"bench.http_apps:{interface}_app",
        address="127.0.0.1",
        port=port,
        interface=constants.Interfaces(interface),
        workers=1,
        runtime_threads=1,
        loop=constants.Loops.uvloop,
        websockets=False,
        backlog=MOST_BACKLOG,
        backpressure=4 * MOST_BACKLOG,  # else it stops taking requests while so many wait
        log_access=False,
    ).serve()


SERVERS: dict[str, Callable[[int], None]] = {
    "bare protocol": lambda port: import_module("uvloop").run(serve_bare(Bare, port)),
    "bare protocol, a task a request": lambda port: import_module("uvloop").run(
        serve_bare(BareInTasks, port)
    ),
    "granian rsgi": lambda port: serve_granian("rsgi", port),
    "granian asgi": lambda port: serve_granian("asgi", port),
    "uvicorn, logs off": lambda port: serve_uvicorn(asgi_app, port, access_log=False),
    "uvicorn, as it comes": lambda port: serve_uvicorn(asgi_app, port, access_log=True),
    "starlette on uvicorn, logs off": lambda port: serve_uvicorn(
        starlette_app(), port, access_log=False
    ),
    "fastapi on uvicorn, logs off": lambda port: serve_uvicorn(
        fastapi_app(), port, access_log=False
    ),
}

if __name__ == "__main__":
    SERVERS[sys.argv[1]](int(sys.argv[2]))
