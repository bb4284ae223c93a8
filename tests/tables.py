"""Every table of the schema, as the migrations write it: for tests that look at all of them."""

from __future__ import annotations

import re

from privity.store.engine.migrate import migrations, statements

_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*)\)", re.DOTALL)
_COLUMN = re.compile(r"(?:^|, ?)\s*([a-z_]+) (INTEGER|TEXT|BLOB)\b")


def tables() -> dict[str, dict[str, str]]:
    """By name: the columns, and the type of each."""
    found = {}
    for migration in migrations():
        for statement in statements(migration.sql):
            match = _TABLE.match(statement)
            if match:
                found[match[1]] = dict(_COLUMN.findall(match[2]))
    return found
