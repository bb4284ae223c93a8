"""Patterns of namespaces: regular expressions that are matched within a moment.

Threat removed: `pace`, a pattern that takes a processor for ever over one name.

Namespaces of application services are regular expressions, and the names that they are held
against are chosen by people. Rules:

1. A pattern is short, holds at most three repeats that have no end, and few others.
2. What is repeated holds neither a repeat nor a choice: `(a+)+` takes twice as long with every
   letter.
3. It refers to nothing that it found before.

So the longest name there is (255 bytes) is told from any pattern within a moment.
"""

from __future__ import annotations

import re

LONGEST = 500
MOST_ENDLESS = 3
MOST_REPEATS = 8
_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?[:=!<i])?)"
    r"|(?P<close>\))|(?P<repeat>[*+?]|\{[0-9]*,?[0-9]*\})[?+]?|(?P<choice>\|)|.",
    re.DOTALL,
)


def check_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled. Raises `ValueError`, whose text says what is wrong with it."""
    if len(pattern) > LONGEST:  # 1
        message = f"is longer than {LONGEST} characters"
        raise ValueError(message)
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        message = f"is no regular expression: {error}"
        raise ValueError(message) from error
    if "(?P" in pattern or "(?(" in pattern:  # 3
        message = "names its groups: write ( or (?:"
        raise ValueError(message)
    _check_repeats(pattern)
    return compiled


def _check_repeats(pattern: str) -> None:
    repeats = endless = 0
    open_groups = [False]
    closed = False
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind == "escaped" and token["escaped"].isdigit():  # 3
            message = "refers to a group that it found before"
            raise ValueError(message)
        if kind == "open":
            open_groups.append(False)
        elif kind == "choice":
            open_groups[-1] = True
        elif kind == "repeat":
            repeats += 1
            endless += token["repeat"] not in {"?", "{1}"}
            if closed and token["repeat"] != "?":  # 2
                message = "repeats what holds a repeat or a choice itself"
                raise ValueError(message)
            open_groups[-1] = True
        closed = kind == "close" and open_groups.pop()
        if closed:
            open_groups[-1] = True
    if repeats > MOST_REPEATS or endless > MOST_ENDLESS:  # 1
        message = f"holds more than {MOST_ENDLESS} of * + {{}}, or {MOST_REPEATS} with ?"
        raise ValueError(message)
