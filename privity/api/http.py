"""A request and a response as the doors see them, whatever server carries them."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import orjson

from privity.follow.followers import Followers
from privity.house import House
from privity.matrix import canonical_json
from privity.matrix.errors import Errcode, Refused, bad_json, invalid_param, missing_param, refused
from privity.store.sessions import Session

Receive = Callable[[], Awaitable[Any]]

JSON_HEADERS = (
    (b"content-type", b"application/json"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization, Range"),
    (b"access-control-expose-headers", b"Content-Range, Content-Disposition, ETag"),
)
CORS_HEADERS = JSON_HEADERS[1:]
EMPTY = b"{}"
MOST_IDLE_S = 60.0


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out. `chunks`, if there, are streamed, `length_bytes` of them together."""

    body: bytes = EMPTY
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = JSON_HEADERS
    chunks: AsyncGenerator[bytes, None] | None = None
    length_bytes: int | None = None


def json(value: Any, status: int = 200) -> Response:  # noqa: ANN401 - any JSON value
    """A JSON response."""
    return Response(orjson.dumps(value), status)


class Headers:
    """The header fields of a request, looked through when one is wanted: most never are."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Sequence[tuple[bytes, bytes]]) -> None:
        self._fields = fields

    def get(self, name: bytes, default: bytes = b"") -> bytes:
        """The last value of a field, by its name in small letters."""
        for given, value in reversed(self._fields):
            if given == name:
                return value
        return default


class Gone(Exception):  # noqa: N818 - named for what happened
    """The client went away before its request was read to the end."""


@dataclass(slots=True)
class Request:
    """One request. `params` are the parts of the path named in the route, decoded."""

    house: House
    method: str
    params: Mapping[str, str]
    headers: Headers
    query_string: bytes
    address: str
    receive: Receive
    followers: Followers
    authenticated: Session | None = None
    _query: list[tuple[str, str]] | None = field(default=None, repr=False)

    @property
    def session(self) -> Session:
        """Whose request this is. Only for routes that ask for a token."""
        if self.authenticated is None:
            raise refused(Errcode.MISSING_TOKEN, "Missing access token.", status=401)
        return self.authenticated

    # -- the query string

    def query_all(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        if self._query is None:
            try:
                self._query = query_pairs(self.query_string)
            except ValueError as error:
                message = "The query string is not UTF-8."
                raise invalid_param(message) from error
        return [value for given, value in self._query if given == name]

    def query(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        values = self.query_all(name)
        return values[0] if values else default

    def query_int(self, name: str, default: int, *, least: int = 0, most: int = 2**53 - 1) -> int:
        """A whole number. Below `least`: 400 M_INVALID_PARAM. Above `most`: `most`."""
        raw = self.query(name)
        if raw is None:
            return default
        try:
            value = int(raw)
        except ValueError as error:
            message = f"'{name}' is not a whole number."
            raise invalid_param(message) from error
        if value < least:
            message = f"'{name}' is less than {least}."
            raise invalid_param(message)
        return min(value, most)

    def query_bool(self, name: str) -> bool:
        """True for `true`; false for `false` or nothing; anything else is refused."""
        raw = self.query(name, "false")
        if raw not in {"true", "false"}:
            message = f"'{name}' is true or false."
            raise invalid_param(message)
        return raw == "true"

    def query_required(self, name: str) -> str:
        """A query parameter that has to be there (400 M_MISSING_PARAM)."""
        value = self.query(name)
        if value is None:
            raise missing_param(name)
        return value

    def let_go(self) -> None:
        """The query string is read: a request that waits need not hold it."""
        self.query_string, self._query = b"", None

    # -- the body

    async def body(self, most_bytes: int) -> bytes:
        """The whole body. 413 M_TOO_LARGE when it is larger than `most_bytes`."""
        message = await self.receive()
        part: bytes = message.get("body", b"")
        if not message.get("more_body", False) and message["type"] == "http.request":
            if len(part) > most_bytes:
                raise too_large()
            return part
        parts = [part]
        length = len(part)
        while message.get("more_body", False):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if length > most_bytes:
                raise too_large()
        if message["type"] == "http.disconnect":
            raise Gone
        return b"".join(parts)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes. `Gone` if it breaks off, 408 if nothing comes for a minute."""
        more = True
        while more:
            try:
                async with asyncio.timeout(MOST_IDLE_S):
                    message = await self.receive()
            except TimeoutError as error:
                says = "The body does not come any more."
                raise refused(Errcode.UNKNOWN, says, status=408) from error
            if message["type"] == "http.disconnect":
                raise Gone
            if part := message.get("body", b""):
                yield part
            more = message.get("more_body", False)

    async def json(self, *, times_larger: int = 1, is_required: bool = False) -> dict[str, Any]:
        """The body as a JSON object, read strictly; an empty one is `{}` unless it is required.

        Errors: 400 M_NOT_JSON, 400 M_BAD_JSON (no object, a key twice, too deep), 413 M_TOO_LARGE.
        """
        raw = await self.body(self.house.config.max_json_bytes * times_larger)
        if not raw and not is_required:
            return {}
        try:
            value = canonical_json.decode_strict(raw)
        except canonical_json.NotJson as error:
            raise refused(Errcode.NOT_JSON, "The body is not JSON.", status=400) from error
        except canonical_json.BadJson as error:
            raise bad_json(str(error)) from error
        if not isinstance(value, dict):
            message = "The body is not a JSON object."
            raise bad_json(message)
        return value

    async def event_content(self, *, is_required: bool = True) -> dict[str, Any]:
        """The body as an event's content: no floats, no numbers beyond 53 bits.

        Where a body is required, an empty one is not JSON.
        """
        content = await self.json(is_required=is_required)
        try:
            canonical_json.check_event_json(content)
        except canonical_json.BadJson as error:
            raise bad_json(str(error)) from error
        return content


def query_pairs(query_string: bytes) -> list[tuple[str, str]]:
    """The names and values of a query string, in order. Raises ValueError unless it is UTF-8."""
    named = (pair.partition("=") for pair in query_string.decode().split("&") if pair)
    return [(_unquoted(name), _unquoted(value)) for name, _, value in named]


def _unquoted(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return unquote_plus(text, errors="strict")


def too_large() -> Refused:
    """413 M_TOO_LARGE."""
    return refused(Errcode.TOO_LARGE, "The request is too large.", status=413)
