"""The road to application services: what is asked of them, and how it can go wrong.

SPEC: of a user or an alias a service is asked once. One that does not answer within 10 s makes
nobody and nothing: 404 for who asked, where the specification has 408 after several tries.
Source: application service API, "Homeserver -> Application Service API".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

import orjson

from privity.matrix.app_services import AppService, AppServices
from privity.matrix.ids import RoomAlias, UserId

V1 = "/_matrix/app/v1"
UNSTABLE = "/_matrix/app/unstable"
THIRD_PARTY = "/thirdparty"
ASK_WITHIN_S = 10.0
_GOOD = range(200, 300)
_NOT_THERE = (404, 405)


class ServiceAway(Exception):  # noqa: N818 - named for what happened
    """A service cannot be reached. `is_late`: it is there, and does not answer."""

    def __init__(self, because: str, *, is_late: bool = False) -> None:
        super().__init__(because)
        self.is_late = is_late


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered, and how long it took."""

    status: int
    body: bytes
    took_ms: int

    @property
    def is_good(self) -> bool:
        """Whether it says that all went well."""
        return self.status in _GOOD

    @property
    def is_unknown_road(self) -> bool:
        """Whether the service does not know the path: not that it knows of no such thing."""
        if self.status not in _NOT_THERE:
            return False
        try:
            told = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return True
        return not isinstance(told, dict) or told.get("errcode") == "M_UNRECOGNIZED"


class ServiceRoad(Protocol):
    """The way to the services. Only for those that have a `url`."""

    async def call(
        self, service: AppService, method: str, path: str, body: bytes, within_s: float
    ) -> Reply:
        """One request. Raises `ServiceAway`."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


class NoRoad:
    """Of a server without services."""

    async def call(
        self, service: AppService, method: str, path: str, body: bytes, within_s: float
    ) -> Reply:
        """There is nowhere to go."""
        del method, path, body, within_s
        message = f"there is no road to {service.id}"
        raise ServiceAway(message)

    async def close(self) -> None:
        """Nothing is open."""


async def ask(
    road: ServiceRoad,
    service: AppService,
    method: str,
    path: str,
    body: bytes = b"",
    within_s: float = ASK_WITHIN_S,
) -> Reply:
    """One request by the path of today, or by the old one where that is not known.

    `path` begins after the version. Raises `ServiceAway`. Source: "Legacy routes".
    """
    reply = await road.call(service, method, V1 + path, body, within_s)
    if not reply.is_unknown_road:
        return reply
    old = UNSTABLE + path if path.startswith(THIRD_PARTY) else path
    return await road.call(service, method, old, body, within_s)


async def make_user(services: AppServices, road: ServiceRoad, user_id: UserId) -> bool:
    """Ask whose namespace somebody unknown is in to make them. True if a service says it did."""
    return await _make(road, services.of_user(user_id), f"/users/{quote(user_id, safe='')}")


async def make_alias(services: AppServices, road: ServiceRoad, alias: RoomAlias) -> bool:
    """Ask whose namespace an unknown alias is in to make it. True if a service says it did."""
    return await _make(road, services.of_alias(alias), f"/rooms/{quote(alias, safe='')}")


async def _make(road: ServiceRoad, services: list[AppService], path: str) -> bool:
    for service in services:
        if service.url is None:
            continue
        try:
            reply = await ask(road, service, "GET", path)
        except ServiceAway:
            continue
        if reply.is_good:
            return True
    return False
