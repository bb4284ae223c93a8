"""The world of a story: a whole server on a temporary database, a clock that stands still, people.

Requests go through the real door as ASGI, without a socket; every answer is held against the
OpenAPI description of its endpoint. The password hash is the fast one: nobody's secrets are here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlencode

import orjson

from privity.accounts.invite import invite
from privity.api.app import router
from privity.api.door import Door
from privity.config import Config
from privity.follow.cleaning import forget_what_went
from privity.follow.expiry import expire
from privity.follow.followers import follow
from privity.follow.push.pushing import Pushing
from privity.follow.push.sending import Gateways
from privity.house import House
from privity.main import road_to, services_of, store_of
from privity.matrix.ids import DeviceId, UserId
from privity.matrix.signing import SigningKey
from privity.store import identity
from privity.store.store import Store
from tests import validate_openapi

SERVER_NAME = "privity.test"
PASSWORD = "correct horse battery staple"
V3 = "/_matrix/client/v3"
ROOTS = ("/_matrix", "/.well-known")
UNSTABLE_DELAY = "org.matrix.msc4140.delay"
OPEN = {
    name: True
    for name, kept in Config.__annotations__.items()
    if name.startswith("unsafe_") and kept == "bool"
}
"""Every switch that weakens: `World(**OPEN)` does as open servers do."""
START_MS = 1_800_000_000_000
_MEMORY = Path("/dev/shm")  # noqa: S108 - faster than a disk, if it is there
_FOLDER = _MEMORY if _MEMORY.is_dir() else None
_UNQUOTED = "/%!$&'()*+,;=:@~"

Json = Any


@dataclass(slots=True)
class FakeClock:
    """A clock that a test moves by hand."""

    ms: int = START_MS

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self.ms

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.ms += ms


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is the parsed JSON, or None where it is none."""

    status: int
    body: Json
    raw: bytes
    headers: dict[str, str]

    def __getitem__(self, name: str) -> Json:
        return self.body[name]

    @property
    def errcode(self) -> str | None:
        """The errcode, or None."""
        return self.body.get("errcode") if isinstance(self.body, dict) else None

    @property
    def refusal(self) -> tuple[int, str | None]:
        """Status and errcode, to compare in one go."""
        return self.status, self.errcode


@dataclass(slots=True)
class Person:
    """Somebody at one of their devices.

    Paths are below `/_matrix/client/v3` unless they begin with one of `ROOTS`; ids may stand in
    them as they are, as long as they hold no slash.
    """

    world: World
    user_id: UserId
    device_id: DeviceId
    token: str
    refresh_token: str | None = None
    password: str = PASSWORD

    async def get(self, path: str, **query: Json) -> Answer:
        """GET."""
        return await self.world.request("GET", path, token=self.token, query=query)

    async def put(self, path: str, body: Json = None, **query: Json) -> Answer:
        """PUT. `body` is a JSON value, or bytes."""
        return await self.world.request("PUT", path, body, token=self.token, query=query)

    async def post(self, path: str, body: Json = None, **query: Json) -> Answer:
        """POST. `body` is a JSON value, or bytes."""
        return await self.world.request("POST", path, body, token=self.token, query=query)

    async def delete(self, path: str, body: Json = None, **query: Json) -> Answer:
        """DELETE. `body` is a JSON value, or bytes."""
        return await self.world.request("DELETE", path, body, token=self.token, query=query)

    async def another_device(self, device_id: str | None = None) -> Person:
        """The same person, logged in on a further device."""
        more = {} if device_id is None else {"device_id": device_id}
        return await self.world.log_in(self.user_id, self.password, **more)

    def auth(self) -> dict[str, Any]:
        """What confirms a request by password (user-interactive authentication)."""
        identifier = {"type": "m.id.user", "user": self.user_id}
        return {"type": "m.login.password", "identifier": identifier, "password": self.password}


class World:
    """A server and its people: `async with World() as world`.

    `settings` go over the configuration; `database` is the address of an empty PostgreSQL database.
    """

    new_database: ClassVar[Callable[[], str] | None] = None
    """Makes a database for each new world; None is the embedded one (see `both_databases`)."""

    def __init__(self, **settings: Json) -> None:
        self.clock = FakeClock()
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="privity-", dir=_FOLDER)
        self._house: House | None = None
        self._door: Door | None = None

    @property
    def house(self) -> House:
        """The server's house, for tests that look behind the doors."""
        assert self._house is not None, "enter the world first: async with World() as world"
        return self._house

    @property
    def store(self) -> Store:
        """Its store."""
        return self.house.store

    async def __aenter__(self) -> Self:
        defaults: dict[str, Any] = {
            "server_name": SERVER_NAME,
            "data_dir": Path(self._folder.name),
            "unsafe_fast_password_hash": True,
            "database": World.new_database() if World.new_database else "",
        }
        await self._open(Config(**{**defaults, **self._settings}))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()
        self._folder.cleanup()

    async def restart(self) -> None:
        """Stop the server and start it again on the same database: its memory is gone."""
        config = self.house.config
        await self._close()
        await self._open(config)

    async def _open(self, config: Config) -> None:
        store = store_of(config)
        await store.start()
        new_key = SigningKey.generate()
        known = await store.write(lambda tx: identity.of_server(tx, config.server_name, new_key))
        services = services_of(config, known.server_name)
        name, key, road = known.server_name, known.key, road_to(services, config)
        self._house = House(config, self.clock, store, name, key, services, road)
        self._door = Door(self._house, follow(self._house), router())

    async def _close(self) -> None:
        if self._door is not None:
            self._door.drain()
            for feeding in self._door.followers.feeding:
                await feeding.stop()
        await self.house.road.close()
        await self.store.stop()

    def expire(self) -> None:
        """End what is over by now, as the running server does every second."""
        expire(self.house)

    async def forget_what_went(self) -> None:
        """Forget what was let go of, as every running process does when it was cleaned up."""
        assert self._door is not None, "enter the world first: async with World() as world"
        await forget_what_went(self.house, self._door.followers)

    async def looked(self) -> Pushing:
        """Find what is worth a notification."""
        assert self._door is not None, "enter the world first: async with World() as world"
        pushing = self._door.followers.pushing
        await pushing.look()
        return pushing

    async def push(self, gateways: Gateways) -> None:
        """Find what is worth a notification, and send what is due, as the running server does."""
        pushing = await self.looked()
        pushing.sending.start_due(gateways)
        await pushing.sending.rest()

    async def feed(self) -> list[bool]:
        """Send each application service what it hears. Whether it took all, by service."""
        assert self._door is not None, "enter the world first: async with World() as world"
        return [await feeding.feed() for feeding in self._door.followers.feeding]

    def drain(self) -> None:
        """Let those go who wait, as a stopping server does."""
        assert self._door is not None, "enter the world first: async with World() as world"
        self._door.drain()

    # -- People

    async def person(self, localpart: str, *, admin: bool = False, **more: Json) -> Person:
        """Somebody new, invited and registered. `more` goes into the request."""
        invited = await invite(self.house, f"{localpart}@example.org", is_admin=admin)
        auth = {"type": "m.login.registration_token", "token": invited.token}
        body = {"username": localpart, "password": PASSWORD, "auth": auth, **more}
        return self._person(await self.request("POST", "/register", body))

    async def people(self, *localparts: str) -> list[Person]:
        """Several of them."""
        return [await self.person(each) for each in localparts]

    async def log_in(self, user: str, password: str = PASSWORD, **more: Json) -> Person:
        """Somebody on a new device, or on the one of `device_id`."""
        identifier = {"type": "m.id.user", "user": user}
        body = {"type": "m.login.password", "identifier": identifier, "password": password, **more}
        return self._person(await self.request("POST", "/login", body))

    def _person(self, answer: Answer) -> Person:
        assert answer.status == 200, answer.body
        told = answer.body
        tokens = told["access_token"], told.get("refresh_token")
        return Person(self, told["user_id"], told["device_id"], *tokens)

    # -- Requests

    async def request(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        token: str | None = None,
        query: dict[str, Json] | None = None,
        headers: dict[str, str] | None = None,
        address: str = "192.0.2.1",
        checks: bool = True,
    ) -> Answer:
        """One request through the door. A list in `query` stands for its name several times.

        Unless it `checks`, the answer is not held against its description.
        """
        assert self._door is not None, "enter the world first: async with World() as world"
        whole = quote(path if path.startswith(ROOTS) else V3 + path, safe=_UNQUOTED)
        sent = {name.lower().encode(): value.encode() for name, value in (headers or {}).items()}
        if token is not None:
            sent[b"authorization"] = f"Bearer {token}".encode()
        scope = {
            "type": "http",
            "method": method,
            "path": whole,
            "raw_path": whole.encode(),
            "query_string": _query_string(query or {}),
            "headers": list(sent.items()),
            "client": (address, 50_000),
        }
        answer = await _through(self._door, scope, _as_bytes(body))
        if not checks:
            return answer
        broken = validate_openapi.check(method, whole, answer.status, answer.raw)
        if query and UNSTABLE_DELAY in query:  # answered by a proposal that the files do not know
            broken = []
        assert not broken, "\n".join(broken)
        return answer


def _query_string(query: dict[str, Json]) -> bytes:
    pairs = [
        (name, str(each).lower() if isinstance(each, bool) else each)
        for name, value in query.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs).encode()


def _as_bytes(body: Json) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else orjson.dumps(body)


async def _through(door: Door, scope: dict[str, Any], body: bytes) -> Answer:
    unread = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if unread:
            return unread.pop()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Any) -> None:
        told.append(dict(message))

    await door(scope, receive, send)
    start, *parts = told
    raw = b"".join(part.get("body", b"") for part in parts)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    is_json = headers.get("content-type", "").startswith("application/json")
    return Answer(start["status"], orjson.loads(raw) if is_json and raw else None, raw, headers)
