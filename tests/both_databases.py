"""Stories that are to be told on both databases: `from tests.both_databases import on_both`.

In a folder's conftest this fixture makes every `World` of its tests stand on SQLite once, and once
on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture(autouse=True, params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def on_both(request: pytest.FixtureRequest) -> Iterator[None]:
    """The worlds of this test stand on this database."""
    if request.param == "postgres":
        World.new_database = request.getfixturevalue("postgres").migrated
    yield
    World.new_database = None
