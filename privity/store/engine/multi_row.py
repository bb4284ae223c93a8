"""Many rows in one statement: on either database the cheapest way to insert them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from privity.store.engine import Param

MOST_PARAMETERS = 30_000


def insert_statements(
    table: str, columns: tuple[str, ...], rows: list[Sequence[Param]]
) -> Iterator[tuple[str, list[Param]]]:
    """INSERTs of 1, 2, 4, ... rows: few shapes, so that prepared statements are met again."""
    values = f"({', '.join(['?'] * len(columns))})"
    most = MOST_PARAMETERS // len(columns)
    start = 0
    while start < len(rows):
        count = 1 << (min(len(rows) - start, most).bit_length() - 1)
        params = [value for row in rows[start : start + count] for value in row]
        names = ", ".join(columns)
        yield f"INSERT INTO {table} ({names}) VALUES {', '.join([values] * count)}", params
        start += count
