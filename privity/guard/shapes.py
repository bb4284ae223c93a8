"""Threat `plaintext`: the shapes of what may pass in clear, in which no sentence fits.

Identifiers, keys and numbers have no blanks; an emoji is short. What is longer, or of another
shape, could be words.
"""

from __future__ import annotations

import re

LONGEST_KEY = 32
"""Of a reaction: an emoji of many parts."""
_LONGEST_REASON = 80
_TOKEN = re.compile(r"[A-Za-z0-9_.\-/+=:@$!]{1,255}")


def is_relation(relates_to: object) -> bool:
    """A relation of ids; the key of an annotation may be an emoji."""
    if not isinstance(relates_to, dict):
        return False
    key = relates_to.get("key", "")
    bare = {name: value for name, value in relates_to.items() if name != "key"}
    is_short = isinstance(key, str) and len(key) <= LONGEST_KEY
    return is_short and "reason" not in bare and holds_only_tokens(bare)


def holds_only_tokens(value: object) -> bool:
    """Identifiers, keys and numbers only, however nested: no blanks, so no sentences.

    `reason` is the one text: SDKs write a sentence of their own there when a verification ends.
    """
    if isinstance(value, dict):
        return all(
            _is_short(member)
            if name == "reason"
            else _TOKEN.fullmatch(name) is not None and holds_only_tokens(member)
            for name, member in value.items()
        )
    if isinstance(value, list):
        return all(holds_only_tokens(member) for member in value)
    if isinstance(value, str):
        return value == "" or _TOKEN.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int)


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST_REASON
