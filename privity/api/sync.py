"""`GET /_matrix/client/v3/sync` (client-server API, "Syncing")."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import orjson

from privity.api.http import Request, Response
from privity.follow.sync.wanted import SyncWanted
from privity.matrix import filters
from privity.matrix.errors import Errcode, invalid_param, refused
from privity.matrix.filters import Filter
from privity.matrix.tokens import BadToken, SyncToken, parse_sync
from privity.rooms.presence import be_here

LONGEST_WAIT_MS = 120_000
LARGEST_FILTER = 16 * 1024
_PRESENCES = ("online", "offline", "unavailable")
_NOBODY: AbstractContextManager[None] = nullcontext()


async def sync(request: Request) -> Response:
    """`GET /_matrix/client/v3/sync`."""
    after = ("use_state_after", "org.matrix.msc4222.use_state_after")
    wanted = SyncWanted(
        since=await since_of(request, "since"),
        filter=await _filter(request),
        timeout_ms=request.query_int("timeout", 0, most=LONGEST_WAIT_MS),
        full_state=request.query_bool("full_state"),
        use_state_after=any(request.query_bool(name) for name in after),
    )
    wish = request.query("set_presence")
    request.let_go()
    session, syncing = request.session, request.followers.syncing
    with await here(request, wish):
        return Response(await syncing.sync(session, wanted))


async def here(request: Request, wish: object) -> AbstractContextManager[None]:
    """While this is entered the person is present, as they wish (None: online)."""
    wish = "online" if wish is None else wish
    if wish not in _PRESENCES:
        message = "'set_presence' is online, offline or unavailable."
        raise invalid_param(message)
    house, user_id = request.house, request.session.user_id
    if not house.config.presence or wish == "offline":
        return _NOBODY
    await be_here(house, user_id, str(wish))
    return house.store.presence.syncing(user_id)


async def since_of(request: Request, name: str) -> SyncToken | None:
    """The sync token in the query string; None where there is none."""
    raw = request.query(name)
    store = request.house.store
    if not raw:
        if store.has_company:
            await store.catch_up()
        return None
    try:
        token = parse_sync(raw)
    except BadToken as error:
        message = f"'{name}' is none of this server's tokens."
        raise invalid_param(message) from error
    if not await store.reach(token.pos):
        message = f"'{name}' is a token of another database."
        raise invalid_param(message)
    return token


async def _filter(request: Request) -> Filter:
    raw = request.query("filter")
    if not raw:
        return filters.EVERYTHING
    if not raw.startswith("{"):
        return await _kept_filter(request, raw)
    if len(raw) > LARGEST_FILTER:
        raise refused(Errcode.TOO_LARGE, "'filter' is too large.", status=413)
    try:
        return _parsed(raw)
    except orjson.JSONDecodeError as error:
        raise refused(Errcode.NOT_JSON, "'filter' is not JSON.", status=400) from error
    except ValueError as error:
        raise invalid_param(f"'filter': {error}.") from error


@lru_cache(maxsize=500)
def _parsed(raw: str) -> Filter:
    return filters.parse(orjson.loads(raw))


async def _kept_filter(request: Request, filter_id: str) -> Filter:
    kept = await request.house.store.filters.get(request.session.user_id, filter_id)
    if kept is None:
        message = "There is no such filter."
        raise invalid_param(message)
    return kept
