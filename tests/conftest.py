"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import nats as nats_server
from tests import postgres as postgresql
from tests.homeserver import Homeserver
from tests.world import World

STARTS_A_SERVER = {"homeserver", "postgres", "nats", "visitor"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a real server has the mark `real`, without having to think of it."""
    for item in items:
        if isinstance(item, pytest.Function) and not STARTS_A_SERVER.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.real)


@pytest.fixture
def homeserver(tmp_path: Path) -> Iterator[Homeserver]:
    """A fresh server over a real socket, as it is by default: SQLite, no configuration file."""
    with Homeserver(tmp_path / "homeserver") as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server for this run of the tests. CI has one, or fails."""
    if not postgresql.is_installed() and not os.environ.get("CI"):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql.Cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres(postgres_server: postgresql.Cluster) -> Iterator[postgresql.Cluster]:
    """The same server for every test; what a test asked of it is gone afterwards."""
    yield postgres_server
    postgres_server.take_back()


@pytest.fixture
def nats() -> Iterator[nats_server.NatsServer]:
    """A NATS server for this test. CI has one, or fails."""
    program = nats_server.program()
    if program is None and not os.environ.get("CI"):
        pytest.skip("NATS is not installed: apt-get install nats-server")
    assert program is not None, "nats-server is not installed"
    with nats_server.NatsServer(program) as server:
        yield server


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A fresh server without a socket, with a clock that stands still."""
    async with World() as world:
        yield world
