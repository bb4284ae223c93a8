"""Globs: `*` stands for any characters, `?` for one; matched in linear time, whatever they hold.

Threat removed: a pattern of many stars that keeps the server going over one text for hours. What
stands between two stars is an atomic group: once found at its first place it is not looked for
again, and a later place could not help what follows.

Source: appendices, "Glob-style matching".
"""

from __future__ import annotations

import re

WORD = r"(?-i:[A-Za-z0-9_])"


def any_star(pattern: str) -> str:
    """A glob that knows `*` only (the types of a filter), as a regular expression to fullmatch."""
    return _whole([re.escape(piece) for piece in _between_stars(pattern)])


def whole(pattern: str) -> str:
    """A glob as a regular expression to fullmatch (with `re.DOTALL`)."""
    return _whole([_with_ones(piece) for piece in _between_stars(pattern)])


def words(pattern: str) -> str:
    """A glob as a regular expression to search for: what it finds begins and ends with a word.

    Source: client-server API, "Push rules", conditions, `content.body`.
    """
    first, *others = (_with_ones(piece) for piece in _between_stars(pattern))
    begin, end = f"(?<!{WORD})", f"(?!{WORD})"
    if not others:
        return f"{begin}{first}{end}"
    *middle, last = others
    found = rf"\A(?>.*?{begin}{first})" + "".join(f"(?>.*?{piece})" for piece in middle)
    return f"{found}.*{last}{end}"


def _between_stars(pattern: str) -> list[str]:
    return re.sub(r"\*+", "*", pattern).split("*")


def _with_ones(piece: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in piece)


def _whole(pieces: list[str]) -> str:
    first, *others = pieces
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}"
