"""Keep a filter for somebody, so that their clients can name it by its number."""

from __future__ import annotations

from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json, filters
from privity.matrix.canonical_json import BadJson
from privity.matrix.errors import Errcode, bad_json, refused
from privity.matrix.filters import BadFilter
from privity.matrix.ids import UserId
from privity.store import filters as kept_filters

LARGEST_BYTES = 64 * 1024


async def keep_filter(house: House, user_id: UserId, raw: dict[str, Any]) -> int:
    """The number of the filter: the one it has if it was kept before.

    Errors: 400 M_BAD_JSON for what is no filter, 413 M_TOO_LARGE, 403 M_FORBIDDEN for one too many.
    """
    try:
        filters.parse(raw)
        text = canonical_json.encode(raw)
    except (BadFilter, BadJson) as error:
        raise bad_json(f"This is no filter: {error}.") from error
    if len(text) > LARGEST_BYTES:
        says = f"A filter has at most {LARGEST_BYTES} bytes."
        raise refused(Errcode.TOO_LARGE, says, status=413)
    known = await house.store.read(lambda tx: kept_filters.number_of(tx, user_id, text))
    if known is not None:
        return known
    house.keep_pace(pace.KEEP_FILTER, user_id)
    number = await house.store.write(lambda tx: kept_filters.keep(tx, user_id, text))
    if number is None:
        raise refused(Errcode.FORBIDDEN, "You keep too many filters.")
    return number
