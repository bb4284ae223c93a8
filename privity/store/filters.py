"""Filters that clients keep on the server, numbered from 0 for each person."""

from __future__ import annotations

from collections import OrderedDict

import orjson

from privity.matrix import filters
from privity.matrix.filters import Filter
from privity.matrix.ids import UserId
from privity.store.engine import Engine, Tx, WriteTx

MOST_FILTERS = 500
MOST_IN_MEMORY = 2000
LARGEST_IN_MEMORY_BYTES = 8 * 1024


def keep(tx: WriteTx, user_id: UserId, raw: bytes) -> int | None:
    """Keep a filter, by its canonical JSON; its number, the old one if it is kept already.

    None when the person keeps too many.
    """
    known = number_of(tx, user_id, raw)
    if known is not None:
        return known
    row = tx.one("SELECT COUNT(*) FROM filters WHERE user_id = ?", user_id)
    number = int(row[0]) if row else 0
    if number >= MOST_FILTERS:
        return None
    tx.add("filters", ("user_id", "filter_id", "filter"), (user_id, number, raw))
    return number


def number_of(tx: Tx, user_id: UserId, raw: bytes) -> int | None:
    """The number under which this filter is kept, if it is."""
    row = tx.one("SELECT filter_id FROM filters WHERE user_id = ? AND filter = ?", user_id, raw)
    return int(row[0]) if row else None


def by_id(tx: Tx, user_id: UserId, filter_id: str) -> bytes | None:
    """The JSON of a kept filter; None for a number that is none."""
    if not (filter_id.isascii() and filter_id.isdecimal()):
        return None
    if len(filter_id) > len(str(MOST_FILTERS)):
        return None
    row = tx.one(
        "SELECT filter FROM filters WHERE user_id = ? AND filter_id = ?", user_id, int(filter_id)
    )
    return bytes(row[0]) if row else None


class KeptFilters:
    """The kept filters in use, read and parsed. What is kept never changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._filters: OrderedDict[tuple[UserId, str], Filter] = OrderedDict()

    async def get(self, user_id: UserId, filter_id: str) -> Filter | None:
        """The filter with this number; None if there is none."""
        known = self._filters.get((user_id, filter_id))
        if known is not None:
            self._filters.move_to_end((user_id, filter_id))
            return known
        raw = await self._engine.read(lambda tx: by_id(tx, user_id, filter_id))
        if raw is None:
            return None
        parsed = filters.parse(orjson.loads(raw))
        if len(raw) <= LARGEST_IN_MEMORY_BYTES:
            self._filters[user_id, filter_id] = parsed
            if len(self._filters) > MOST_IN_MEMORY:
                self._filters.popitem(last=False)
        return parsed
