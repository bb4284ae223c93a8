"""Requests in a cluster: what another process did a moment ago counts here already.

What this process keeps in memory follows the others by a few milliseconds. So, in company:

1. Who asks to be shown something is shown all that any process had committed by then, and whoever
   was logged out by then is not let in: one look at the clock, shared by all who ask at that time.
   Those who wait for news (sync) bring a token, which says how far they must be shown.
2. Who is refused something while there was news is judged again, once: they may have been invited a
   moment ago. A request that streams its body, or whose body breaks off, is not.

Alone, and on SQLite, none of it costs anything.
"""

from __future__ import annotations

from typing import Any

from privity.api.http import Receive, Request, Response
from privity.api.router import Match, Route
from privity.matrix.errors import Refused
from privity.store.store import Store

JUDGED_AGAIN = frozenset({400, 403, 404, 409})
_BRING_A_TOKEN = ("/sync",)


async def show_the_newest(store: Store, route: Route) -> None:
    """Rule 1."""
    if route.method == "GET" and not route.path.endswith(_BRING_A_TOKEN):
        await store.catch_up()


async def judge_twice(store: Store, match: Match, request: Request) -> Response:
    """Rule 2."""
    kept = request.receive = _Kept(request.receive)
    before = store.pos
    try:
        return await match.route.door(request)
    except Refused as refusal:
        if refusal.refuse.status not in JUDGED_AGAIN or not kept.is_whole:
            raise
        await store.catch_up()
        if store.pos == before:
            raise
    kept.rewind()
    return await match.route.door(request)


class _Kept:
    """A body that can be read again, if it came in one piece."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._first: Any = None
        self._is_again = False
        self.is_whole = True

    async def __call__(self) -> Any:  # noqa: ANN401 - a message of ASGI
        if self._is_again:
            self._is_again = False
            return self._first
        message = await self._receive()
        if self._first is None and not message.get("more_body", False):
            self._first = message
        else:
            self.is_whole = False
        return message

    def rewind(self) -> None:
        """Give the body once more."""
        self._is_again = self._first is not None
