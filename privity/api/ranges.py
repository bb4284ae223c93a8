"""Parts of a resource and copies of it, as HTTP asks for them (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from typing import Protocol

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


class NoSuchRange(ValueError):  # noqa: N818 - named for what is wrong
    """The range begins beyond the end: 416."""


class Fields(Protocol):
    """Header fields by their names in small letters."""

    def get(self, name: bytes, default: bytes, /) -> bytes:
        """The value of a field, or `default`."""
        ...


def range_asked(headers: Fields, size_bytes: int, etag: bytes) -> tuple[int, int] | None:
    """The range that a request asks for: its first byte and the one beyond its last.

    None for the whole: no range, several of them, one that cannot be read, or one that is asked of
    another copy than ours (`If-Range`). Raises `NoSuchRange`.
    """
    if headers.get(b"if-range", etag).strip() != etag:
        return None
    match = _ONE_RANGE.fullmatch(headers.get(b"range", b"").decode("latin-1"))
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        first, last = max(0, size_bytes - int(match[2])), size_bytes - 1
    else:
        first, last = int(match[1]), int(match[2] or size_bytes - 1)
        if match[2] and last < first:
            return None
    if first >= size_bytes:
        raise NoSuchRange
    return first, min(last + 1, size_bytes)


def has_it_already(headers: Fields, etag: bytes) -> bool:
    """Whether the request comes from somebody who has this very copy (`If-None-Match`)."""
    named = headers.get(b"if-none-match", b"").split(b",")
    return any(each.strip() == b"*" or each.strip().removeprefix(b"W/") == etag for each in named)
