"""Canonical JSON, and reading JSON so strictly that two readers cannot see two different things.

Threat removed: a text that our checks read one way and another server or client reads another way
(duplicate keys, numbers that lose digits, broken UTF-8), and texts that exhaust the reader (depth).

Source: appendices, "Canonical JSON"; room version 6, "Canonical JSON".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson

MAX_DEPTH = 100
MAX_INTEGER = 2**53 - 1

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


class NotJson(ValueError):  # noqa: N818 - named for what is wrong
    """The text is not JSON: answer `M_NOT_JSON`."""


class BadJson(ValueError):  # noqa: N818 - named for what is wrong
    """JSON, but not of a kind that is taken: answer `M_BAD_JSON`."""


def encode(value: object) -> bytes:
    """Canonical JSON of `value`: keys sorted by code point, no white space, UTF-8.

    Raises `BadJson` for what JSON cannot hold and for integers outside ±(2^53-1). Floats are the
    business of `check_event_json`.
    """
    try:
        return orjson.dumps(value, option=_CANONICAL)
    except orjson.JSONEncodeError as error:
        raise BadJson(f"cannot be canonical JSON: {error}") from None


def encode_to_keep(value: object) -> bytes:
    """The same, in no more memory than its length: what `orjson.dumps` gives takes 4 KiB."""
    return memoryview(encode(value)).tobytes()


def decode_strict(body: bytes, *, max_depth: int = MAX_DEPTH) -> Any:  # noqa: ANN401 - it is JSON
    """The value of a JSON text.

    Raises `NotJson` for what is no JSON (NaN, Infinity, broken UTF-8 and lone surrogates too) and
    `BadJson` for a key that stands twice in one object and for more than `max_depth` levels (250
    are the most that can be asked for). Integers beyond 64 bits come back as floats, which
    `check_event_json` refuses.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):
            raise BadJson("nested too deep") from None
        raise NotJson(f"not JSON: {error.msg}") from None
    # As many levels as opening brackets: few brackets need no walk.
    if body.count(b"{") + body.count(b"[") > max_depth:
        _check_depth(value, max_depth)
    # A text that is its own dump holds each key once, since a dict does.
    if orjson.dumps(value) != body:
        json.loads(body, object_pairs_hook=_refuse_duplicates, parse_int=len, parse_float=len)
    return value


def check_event_json(value: object, *, max_depth: int = MAX_DEPTH) -> None:
    """Raise `BadJson` where a value read from JSON may not stand in an event.

    That is: a float (1.0 and 1e3 too), an integer outside ±(2^53-1), more than `max_depth` levels.

    SPEC: a test vector of the appendices turns 1e10 into an integer. Servers in use refuse it, and
    so do we: what is refused cannot be read in two ways.
    """
    if isinstance(value, dict | list) and max_depth == 0:
        raise BadJson("nested too deep")
    children: Iterable[Any] = (value,)
    if isinstance(value, dict):
        children = value.values()
    elif isinstance(value, list):
        children = value
    for child in children:
        kind = type(child)
        if kind is str or kind is bool or child is None:
            continue
        if kind is int:
            if not -MAX_INTEGER <= child <= MAX_INTEGER:
                raise BadJson("an integer is out of range")
        elif kind is dict or kind is list:
            check_event_json(child, max_depth=max_depth - 1)
        else:
            raise BadJson("a number is not an integer")


def _check_depth(value: object, max_depth: int) -> None:
    level: list[Any] = [value]
    for _ in range(max_depth):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise BadJson("nested too deep")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise BadJson("a key stands twice in one object")
