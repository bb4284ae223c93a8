"""Questions that name many things at once: `IN (...)` takes only so many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

MOST_IN_A_LIST = 500
T = TypeVar("T")


def in_parts(wanted: Iterable[T]) -> Iterator[tuple[Sequence[T], str]]:
    """So many that one question can name them, and the marks for them."""
    listed = list(wanted)
    for start in range(0, len(listed), MOST_IN_A_LIST):
        part = listed[start : start + MOST_IN_A_LIST]
        yield part, ", ".join("?" * len(part))
