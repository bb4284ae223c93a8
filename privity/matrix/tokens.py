"""Positions as clients carry them: the tokens of /sync, /messages and /keys/changes.

`s{pos}_{typing}` is everything up to a position of the stream, with the serial of typing, and
`s{pos}_{typing}_{messages}` the same, but messages to the device only up to an earlier position;
`t{pos}` is the place in a room's history just after the event at that position. Sliding sync's
`pos` is `{version}/` with the first of them. All are opaque to clients, and any is taken where
the specification lets one stand for the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"(?:s(\d{1,18})(?:_(\d{1,18}))?(?:_(\d{1,18}))?|t(\d{1,18}))")


class BadToken(ValueError):  # noqa: N818 - named for what is wrong
    """This token is none of ours."""


@dataclass(frozen=True, slots=True)
class SyncToken:
    """Everything up to `pos`, typing up to its serial, messages up to `messages` (None: `pos`)."""

    pos: int
    typing: int = 0
    messages: int | None = None

    @property
    def messages_pos(self) -> int:
        """Up to where the device has its messages."""
        return self.pos if self.messages is None else self.messages

    def __str__(self) -> str:
        token = f"s{self.pos}_{self.typing}"
        return token if self.messages is None else f"{token}_{self.messages}"


def parse_sync(text: str) -> SyncToken:
    """A `since`. Raises `BadToken`."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise BadToken(text)
    messages = int(match[3]) if match[3] else None
    return SyncToken(int(match[1] or match[4]), int(match[2] or 0), messages)


def parse_pos(text: str) -> int:
    """The position of any token, of sliding sync's too. Raises `BadToken`."""
    return parse_sync(text.partition("/")[2] if "/" in text else text).pos


def history_token(pos: int) -> str:
    """The place just after the event at `pos`."""
    return f"t{pos}"
