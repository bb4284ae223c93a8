"""The words by which people are found: of their ids and display names.

1. A word is what stands between spaces, and each run of letters and digits in it, folded: no
   difference of case, width or composed accents. The whole id is one too.
2. An account's words are written when somebody is next looked for, not when its name changes: names
   change more often than anybody searches, and accounts of before this table need no care.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from privity.matrix.ids import UserId, localpart_of
from privity.store.engine import Tx, WriteTx
from privity.store.engine.lists import in_parts

MOST_WORDS = 24
LONGEST_WORD_BYTES = 64
INDEXED_AT_ONCE = 1000
_ALNUM = re.compile(r"[^\W_]+")
_AFTER = b"\xff"  # no byte of UTF-8 is as large

SHARES_A_ROOM = (
    "EXISTS (SELECT 1 FROM memberships mine JOIN memberships other"
    " ON other.room_id = mine.room_id AND other.user_id = a.user_id AND other.membership = 'join'"
    " WHERE mine.user_id = ? AND mine.membership = 'join')"
)


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who was found."""

    user_id: UserId
    display_name: str | None
    avatar_url: str | None


def folded(text: str) -> str:
    """The text as it is compared (rule 1)."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> list[bytes]:
    """The words of a text, each cut to a length."""
    words = folded(text).split()
    parts = [part for word in words for part in _ALNUM.findall(word)]
    return [word.encode()[:LONGEST_WORD_BYTES] for word in dict.fromkeys((*words, *parts))]


def terms_of(text: str) -> list[bytes]:
    """What a person types, as beginnings of words that all have to be there."""
    return [word.encode()[:LONGEST_WORD_BYTES] for word in folded(text).split()][:MOST_WORDS]


def index(tx: WriteTx) -> bool:
    """Write the words of accounts that are not indexed (rule 2). True if there may be more."""
    rows = tx.all(
        "SELECT user_id, display_name FROM accounts WHERE is_indexed = 0"
        f" ORDER BY user_id LIMIT {INDEXED_AT_ONCE}"
    )
    for user_id, display_name in rows:
        tx.run("DELETE FROM user_words WHERE user_id = ?", user_id)
        tx.run("UPDATE accounts SET is_indexed = 1 WHERE user_id = ?", user_id)
        of_id = (*words_of(user_id), *words_of(localpart_of(user_id)))
        words = dict.fromkeys((*of_id, *words_of(display_name or "")))
        for word in list(words)[:MOST_WORDS]:
            tx.add("user_words", ("word", "user_id"), (word, user_id))
    return len(rows) == INDEXED_AT_ONCE


def is_indexed(tx: Tx) -> bool:
    """Whether every account is."""
    return tx.one("SELECT 1 FROM accounts WHERE is_indexed = 0 LIMIT 1") is None


def sharing(tx: Tx, viewer: UserId, terms: Sequence[bytes], limit: int) -> list[Match]:
    """Who is in a room with `viewer` and has words that begin with every term, by id."""
    where, params = _having(terms)
    rows = tx.all(
        f"SELECT a.user_id, a.display_name, a.avatar_url FROM accounts a WHERE {where}"
        f" AND a.user_id <> ? AND {SHARES_A_ROOM} ORDER BY a.user_id LIMIT ?",
        *params,
        viewer,
        viewer,
        limit,
    )
    return [Match(*row) for row in rows]


def in_rooms(tx: Tx, terms: Sequence[bytes], limit: int) -> list[Match]:
    """Who is in any room and has words that begin with every term, by id."""
    where, params = _having(terms)
    rows = tx.all(
        f"SELECT a.user_id, a.display_name, a.avatar_url FROM accounts a WHERE {where}"
        " AND EXISTS (SELECT 1 FROM memberships m"
        " WHERE m.user_id = a.user_id AND m.membership = 'join') ORDER BY a.user_id LIMIT ?",
        *params,
        limit,
    )
    return [Match(*row) for row in rows]


def in_open_rooms(tx: Tx, user_ids: Sequence[UserId]) -> set[UserId]:
    """Those of `user_ids` who are in a room that everybody may join or read."""
    found: set[UserId] = set()
    for part, marks in in_parts(user_ids):
        for user_id, pdu in tx.all(
            "SELECT m.user_id, e.pdu FROM memberships m JOIN state s ON s.room_id = m.room_id"
            " AND s.type IN ('m.room.join_rules', 'm.room.history_visibility') AND s.state_key = ''"
            " AND s.pos = (SELECT MAX(n.pos) FROM state n WHERE n.room_id = s.room_id"
            " AND n.type = s.type AND n.state_key = '') JOIN events e ON e.event_id = s.event_id"
            f" WHERE m.membership = 'join' AND m.user_id IN ({marks})",
            *part,
        ):
            content = orjson.loads(pdu)["content"]
            is_open = content.get("join_rule") == "public"
            if is_open or content.get("history_visibility") == "world_readable":
                found.add(user_id)
    return found


def _having(terms: Sequence[bytes]) -> tuple[str, list[bytes]]:
    """The clause for accounts that live and have a word for each term, and its parameters."""
    one = "a.user_id IN (SELECT w.user_id FROM user_words w WHERE w.word >= ? AND w.word < ?)"
    params = [bound for term in terms for bound in (term, term + _AFTER)]
    return " AND ".join(["a.standing <> 'deactivated'", *[one] * len(terms)]), params
