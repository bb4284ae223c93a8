"""How commands speak to people: times, tables, and what to do about an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from privity.cli.command import Failed
from privity.matrix.errors import Refused


def day_and_time(ts: int) -> str:
    """A time in milliseconds, to the minute, in UTC."""
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def size(size_bytes: int) -> str:
    """A number of bytes, as people say it."""
    for unit in ("bytes", "KiB", "MiB"):
        if size_bytes < 10 * 1024:
            return f"{size_bytes} {unit}"
        size_bytes //= 1024
    return f"{size_bytes} GiB"


def printable(text: str) -> str:
    """A text that somebody else chose must not move the operator's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@contextmanager
def operator_errors(try_this: str) -> Iterator[None]:
    """A refusal inside becomes `Failed`: its words, and a command that can be pasted."""
    try:
        yield
    except Refused as refusal:
        raise Failed(f"{refusal.refuse.says} Try: {try_this}") from refusal
