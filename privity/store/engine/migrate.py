"""Numbered forward migrations: `privity/store/schema/NNNN_noun.sql`, each run once, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

MIGRATIONS_TABLE = (
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"
)
_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


class TooNew(Exception):  # noqa: N818 - named for what is wrong
    """A newer release wrote this database: what it added is not known here."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """Every migration that this version knows, in order."""
    found = [
        Migration(int(match[1]), match[2], file.read_text("utf-8"))
        for file in resources.files("privity.store").joinpath("schema").iterdir()
        if (match := _FILE_NAME.fullmatch(file.name))
    ]
    return sorted(found, key=lambda migration: migration.number)


def missing(done: Iterable[int]) -> list[Migration]:
    """What is still to be done to a database to which these were. Raises `TooNew`."""
    before, known = set(done), migrations()
    if before - {migration.number for migration in known}:
        raise TooNew(
            f"a newer release of privity wrote this database (schema {max(before)}, this release"
            f" knows {known[-1].number}). Try: python3 -m pip install --upgrade privity"
        )
    return [migration for migration in known if migration.number not in before]


def statements(sql: str) -> Iterator[str]:
    """The statements of a migration, without comments. None of ours holds a `;` in a text."""
    bare = re.sub(r"--[^\n]*", "", sql)
    return (statement.strip() for statement in bare.split(";") if statement.strip())
