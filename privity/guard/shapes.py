"""Threat `plaintext`: the shapes of what may pass in clear, in which no sentence fits.

Identifiers, keys and numbers have no blanks; an emoji is short. What is longer, or of another
shape, could be words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

LONGEST_KEY = 32
"""Of a reaction: an emoji of many parts."""
_LONGEST_REASON = 80
_TOKEN = re.compile(r"[A-Za-z0-9_.\-/+=:@$!]{1,255}")


def is_relation(relates_to: object) -> bool:
    """A relation as the specification knows them; the key of an annotation may be an emoji."""
    return isinstance(relates_to, dict) and all(
        name in _RELATION and _RELATION[name](value) for name, value in relates_to.items()
    )


def is_event_id(value: object) -> bool:
    """The id of an event, or what has its form."""
    return isinstance(value, str) and value.startswith("$") and holds_only_tokens(value)


def _is_reply(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"event_id"} and is_event_id(*value.values())


def _is_key(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_KEY


def _is_kind(value: object) -> bool:
    return isinstance(value, str) and holds_only_tokens(value)


_RELATION: Mapping[str, Callable[[object], bool]] = {
    "rel_type": _is_kind,
    "event_id": is_event_id,
    "key": _is_key,
    "is_falling_back": lambda value: isinstance(value, bool),
    "m.in_reply_to": _is_reply,
}


def holds_only_tokens(value: object, *, spoken: Collection[str] = ("reason",)) -> bool:
    """Identifiers, keys and numbers only, however nested: no blanks, so no sentences.

    The members of `spoken` are the exception: SDKs write a sentence of their own as the `reason`
    when a verification ends.
    """
    if isinstance(value, dict):
        return all(
            _is_short(member)
            if name in spoken
            else _TOKEN.fullmatch(name) is not None and holds_only_tokens(member, spoken=spoken)
            for name, member in value.items()
        )
    if isinstance(value, list):
        return all(holds_only_tokens(member, spoken=spoken) for member in value)
    if isinstance(value, str):
        return value == "" or _TOKEN.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int)


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST_REASON
