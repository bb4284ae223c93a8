"""The door: an ASGI application that finds the route, asks who it is, and renders what comes back.

1. `OPTIONS` on any path is answered for browsers; every answer carries the CORS headers.
2. An unknown path is 404 M_UNRECOGNIZED, a known one with another method 405 M_UNRECOGNIZED.
3. Who knocks is known by the `Authorization` header alone, never by the query string, which stands
   in the logs of proxies (but where the operator said `unsafe_query_tokens`). An application
   service speaks for others with a token of its own.
4. A refusal is rendered as it was decided; a bug is caught here, once: 500, its place in the log,
   never its words, which could be somebody's.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from time import perf_counter
from typing import Any

from privity.accounts.check_session import session_of
from privity.accounts.speak_as import speak_as
from privity.api.admittance import check_admittance
from privity.api.bearer import BEARER, asserted, token_in_query
from privity.api.company import judge_twice, show_the_newest
from privity.api.http import CORS_HEADERS, Gone, Headers, Receive, Request, Response, json
from privity.api.router import BadPath, Match, Needs, Router
from privity.api.traffic import Traffic
from privity.follow.followers import Followers
from privity.house import IS_UNPACED, House
from privity.log import log
from privity.matrix.errors import Errcode, Refuse, Refused, invalid_param, refused
from privity.store.engine import DatabaseAway
from privity.store.files import DiskAway
from privity.store.sessions import Session, hash_token

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WITHOUT_BODY = (204, 304)


class Door:
    """The ASGI application."""

    def __init__(self, house: House, followers: Followers, router: Router) -> None:
        self._house = house
        self._services = house.services
        self.followers = followers
        self._router = router
        self.traffic = Traffic()

    def drain(self) -> None:
        """Answer every request that waits for something to happen: the server stops."""
        self.followers.drain()
        self._house.store.arrivals.drain()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        started_s = perf_counter()
        match: Match | None = None
        try:
            if scope["method"] == "OPTIONS":  # 1
                response = Response(b"", 204, CORS_HEADERS)
            else:
                match = self._match(scope)
                response = await self._answer(match, scope, receive)
        except Refused as refusal:
            self.traffic.refused(refusal.refuse.errcode)
            response = render(refusal.refuse)
        except Gone:
            return
        except DatabaseAway as error:
            log.error("database.away", because=str(error))
            response = render(Refuse(Errcode.UNKNOWN, "The database is away.", status=503))
        except Exception as error:  # noqa: BLE001 - rule 4
            log_bug(error, scope["method"])
            response = render(Refuse(Errcode.UNKNOWN, "Internal server error.", status=500))
        await _send(response, receive, send, is_head=scope["method"] == "HEAD")
        took_s = perf_counter() - started_s
        route = None if match is None else match.route
        self.traffic.answered(route, response.status, took_s)

    async def _answer(self, match: Match, scope: Scope, receive: Receive) -> Response:
        headers = Headers(scope["headers"])
        request = Request(
            self._house,
            scope["method"],
            match.params,
            headers,
            scope["query_string"],
            scope["client"][0] if scope.get("client") else "",
            receive,
            self.followers,
        )
        store = self._house.store
        if not self._asks_who(match.route.needs):
            return await match.route.door(request)
        if store.has_company:
            await show_the_newest(store, match.route)
        session = request.authenticated = await self._who(request, match.route.needs)
        if session.is_guest or session.is_suspended:
            check_admittance(self._house, match.route, session)
        now_ms = self._house.clock.now_ms()
        store.last_seen.note(session.user_id, session.device_id, now_ms, request.address)
        if store.has_company:
            return await judge_twice(store, match, request)
        return await match.route.door(request)

    def _asks_who(self, needs: Needs) -> bool:
        if needs is Needs.NOTHING_IF_OPEN:
            return not self._house.config.unsafe_open_directory
        return needs is not Needs.NOTHING

    def _match(self, scope: Scope) -> Match:
        method: str = scope["method"]
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        try:
            match = self._router.find(
                "GET" if method == "HEAD" else method, raw_path.decode("ascii")
            )
        except (BadPath, UnicodeDecodeError) as error:
            message = "The path is not UTF-8."
            raise invalid_param(message) from error
        if isinstance(match, Match):
            return match
        status = 405 if match else 404  # 2
        raise refused(Errcode.UNRECOGNIZED, "Unrecognized request.", status=status)

    async def _who(self, request: Request, needs: Needs) -> Session:  # 3
        authorization = request.headers.get(b"authorization", b"")
        if authorization.startswith(BEARER):
            token = authorization[len(BEARER) :].decode("latin-1")
        else:
            token = token_in_query(request, or_not_found=needs is Needs.OR_NOT_FOUND)
        token_hash = hash_token(token)
        if self._services.all:
            service = self._services.by_token_hash.get(token_hash)
            IS_UNPACED.set(False)
            if service is not None:
                session = await speak_as(self._house, service, *asserted(request))
                IS_UNPACED.set(not self._services.is_paced(service.id, session.user_id))
                return session
        even_locked = needs is Needs.TOKEN_EVEN_LOCKED
        return await session_of(
            self._house, token_hash, even_locked=even_locked, address=request.address
        )


def render(refuse: Refuse) -> Response:
    """A refusal as the standard error response."""
    if refuse.because:
        log.info("refused", errcode=refuse.errcode, because=refuse.because)
    named = {"errcode": refuse.errcode, "error": refuse.says} if refuse.errcode else {}
    response = json({**named, **refuse.more}, refuse.status)
    retry_after_ms = refuse.more.get("retry_after_ms")
    if retry_after_ms is None:
        return response
    seconds = str(-(-retry_after_ms // 1000)).encode()
    headers = (*response.headers, (b"retry-after", seconds))
    return Response(response.body, response.status, headers)


def log_bug(error: BaseException, road: str) -> None:
    """Where it happened and what kind it is, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    log.error("bug", kind=type(error).__name__, road=road, places=places[-12:])


async def _send(response: Response, receive: Receive, send: Send, *, is_head: bool) -> None:
    headers = response.headers
    if response.status not in WITHOUT_BODY:
        length = len(response.body) if response.length_bytes is None else response.length_bytes
        headers = (*headers, (b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.chunks is None or is_head:
        await send({"type": "http.response.body", "body": b"" if is_head else response.body})
        return
    gone = asyncio.ensure_future(_gone(receive))
    try:
        async with aclosing(response.chunks) as chunks:
            async for chunk in chunks:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except DiskAway as error:
        log.error("media.away", because=str(error))  # the connection breaks off: it was not all
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    """Done when the client is gone: nobody reads what is still to be sent."""
    while (await receive())["type"] != "http.disconnect":
        pass
