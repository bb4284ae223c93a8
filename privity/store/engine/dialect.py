"""Our SQL in PostgreSQL's words. SQLite speaks ours."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def translated(sql: str) -> bytes:
    """Our dialect in PostgreSQL's words: the first `?` is `$1`, the next `$2`."""
    first, *others = sql.split("?")
    return "".join([first, *(f"${n}{text}" for n, text in enumerate(others, 1))]).encode()


def translated_schema(sql: str) -> bytes:
    """Our column types in PostgreSQL's: 64 bits, bytes, and texts that sort by code point."""
    words = {"INTEGER": "BIGINT", "BLOB": "BYTEA", "TEXT": 'TEXT COLLATE "C"'}
    return " ".join(words.get(word, word) for word in _words(sql)).encode()


def _words(sql: str) -> list[str]:
    for mark in ("(", ")", ","):
        sql = sql.replace(mark, f" {mark} ")
    return sql.split()
