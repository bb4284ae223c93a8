"""Positions as clients carry them: the tokens of /sync, /messages and /keys/changes.

`s{pos}_{typing}` is everything up to a position of the stream, with the serial of typing;
`t{pos}` is the place in a room's history just after the event at that position. Both are opaque
to clients, and either is taken where the specification lets one stand for the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"(?:s(\d{1,18})(?:_(\d{1,18}))?|t(\d{1,18}))")


class BadToken(ValueError):  # noqa: N818 - named for what is wrong
    """This token is none of ours."""


@dataclass(frozen=True, slots=True)
class SyncToken:
    """Everything up to `pos`, and typing up to its serial."""

    pos: int
    typing: int = 0

    def __str__(self) -> str:
        return f"s{self.pos}_{self.typing}"


def parse_sync(text: str) -> SyncToken:
    """A `since`. Raises `BadToken`."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise BadToken(text)
    return SyncToken(int(match[1] or match[3]), int(match[2] or 0))


def parse_pos(text: str) -> int:
    """The position of either token. Raises `BadToken`."""
    return parse_sync(text).pos


def history_token(pos: int) -> str:
    """The place just after the event at `pos`."""
    return f"t{pos}"
