"""Both databases, and somebody who listens to their news."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from privity.store.engine import Engine, Row, Tx
from privity.store.engine.postgres import PostgresEngine
from privity.store.engine.sqlite import SqliteEngine

OpenEngine = Callable[[], Engine]


class Heard:
    """The news that an engine told, in order."""

    def __init__(self) -> None:
        self.pos = self.own = 0
        self.entries: list[Any] = []
        self.foreign: list[tuple[int, list[Row]]] = []

    def others_wrote(self, upto: int, changes: list[Row]) -> None:
        """Another process wrote: say where."""
        self.foreign.append((upto, changes))

    def read_news(self, tx: Tx, since: int, upto: int) -> list[Any]:
        """What it wrote."""
        del tx
        return [("foreign", pos) for pos in range(since + 1, upto + 1)]

    def committed(self, pos: int) -> None:
        """This process wrote."""
        self.own = pos

    def publish(self, pos: int, entries: list[Any]) -> None:
        """A commit is there."""
        assert pos >= self.pos
        self.pos = pos
        self.entries += entries


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> OpenEngine:
    """Opens the same database, each time by another engine: as processes do."""
    if request.param == "sqlite":
        return lambda: SqliteEngine(tmp_path / "contract.db")
    url = request.getfixturevalue("postgres").database()
    return lambda: PostgresEngine(url)


@pytest.fixture
async def heard() -> Heard:
    """Who listens to the first engine."""
    return Heard()


@pytest.fixture
async def engine(open_engine: OpenEngine, heard: Heard) -> AsyncIterator[Engine]:
    """A started engine on an empty database."""
    engine = open_engine()
    await engine.start(heard)
    yield engine
    await engine.stop()
