"""What PostgreSQL adds to the engine's contract: a server that can go away, and settings."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from privity.matrix.errors import Refused
from privity.store.engine import DatabaseAway, Tx, WriteJob
from privity.store.engine import postgres_connection as module
from privity.store.engine.postgres import PostgresEngine
from privity.store.engine.postgres_connection import PostgresConnection, connect
from tests.postgres import Cluster
from tests.store.conftest import Heard
from tests.store.test_engine_contract import add, names

pytestmark = pytest.mark.real

SOON_S = 10


@pytest.fixture
def url(postgres: Cluster) -> str:
    """The address of a database with our tables."""
    return postgres.migrated()


@pytest.fixture
async def engine(url: str) -> AsyncIterator[PostgresEngine]:
    """A started engine."""
    engine = PostgresEngine(url)
    await engine.start(Heard())
    yield engine
    await engine.stop()


def writing(name: str) -> WriteJob[int]:
    """A job that writes a row at once, without waiting for its neighbours."""
    return lambda tx: tx.run("INSERT INTO server (name, value) VALUES (?, ?)", name, b"x")


def hang_up_on_everybody(url: str) -> int:
    """End every other connection, as a restart of the server would; how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return len(ended.fetchall())


async def test_a_connection_that_died_while_idle_fails_nobody(
    engine: PostgresEngine, url: str
) -> None:
    await add(engine, "a")
    assert await engine.read(names) == ["a"]
    assert await asyncio.to_thread(hang_up_on_everybody, url) >= 2
    assert await add(engine, "b") == 2
    assert await engine.read(names) == ["a", "b"]


async def test_a_connection_to_what_became_a_standby_is_made_anew(
    engine: PostgresEngine, url: str
) -> None:
    await add(engine, "a")
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    await asyncio.to_thread(hang_up_on_everybody, url)
    with pytest.raises(DatabaseAway):
        await add(engine, "lost")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
    assert await add(engine, "b") == 2
    assert await engine.read(names) == ["a", "b"]


async def test_a_machine_that_is_gone_without_a_word_is_missed_unless_the_url_says_otherwise(
    url: str,
) -> None:
    with connect(url) as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "20000"
    with connect(f"{url}{'&' if '?' in url else '?'}tcp_user_timeout=7000") as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "7000"


async def test_a_connection_that_dies_in_a_job_fails_that_job_and_no_later_one(
    engine: PostgresEngine, url: str
) -> None:
    def dying(tx: Tx) -> list[str]:
        hang_up_on_everybody(url)
        return names(tx)

    for run in (engine.write, engine.read):
        with pytest.raises(DatabaseAway):
            await run(dying)
    assert await add(engine, "a") == 1
    assert await engine.read(names) == ["a"]


async def test_nothing_is_acknowledged_of_a_group_whose_connection_died_in_a_read(
    engine: PostgresEngine, url: str
) -> None:
    began, all_queued = threading.Event(), threading.Event()

    def holding_the_writer(_: Tx) -> None:
        began.set()
        all_queued.wait()

    def dying(tx: Tx) -> list[str]:
        hang_up_on_everybody(url)
        return names(tx)

    first = asyncio.ensure_future(engine.write(holding_the_writer))
    await asyncio.to_thread(began.wait)
    group = asyncio.gather(
        engine.write(writing("before")),
        engine.write(dying),
        engine.write(writing("after")),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    all_queued.set()
    await first
    assert [type(each) for each in await group] == [DatabaseAway] * 3
    assert await engine.read(names) == []


def test_a_process_that_froze_in_its_turn_loses_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TURN_MS", 50)
    frozen, next_one = PostgresConnection(url), PostgresConnection(url)
    frozen.begin(0)
    monkeypatch.undo()
    assert next_one.begin(0)[0] == 0
    next_one.commit(1, {})
    with pytest.raises(DatabaseAway):
        frozen.commit(1, {})
    frozen.rollback()
    assert frozen.begin(1)[0] == 1
    for each in (frozen, next_one):
        each.close()


def test_a_commit_waits_for_the_disk_whatever_the_database_is_used_to(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        named = connection.info.dbname
        connection.execute(f"ALTER DATABASE {named} SET synchronous_commit = off".encode())
    writer = PostgresConnection(url)
    writer.begin(0)
    assert writer.rows("SHOW synchronous_commit", ()) == [("on",)]
    writer.close()


async def test_a_text_that_postgresql_cannot_keep_is_refused(engine: PostgresEngine) -> None:
    with pytest.raises(Refused):
        await add(engine, "a\0b")
    assert await add(engine, "a") == 1


class HeardOverALostConnection(Heard):
    """Reads in the database, as the store does; and the first time the connection dies in it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.deaths = 0

    def read_news(self, tx: Tx, since: int, upto: int) -> list[Any]:
        """What the others wrote."""
        if not self.deaths:
            self.deaths = hang_up_on_everybody(self.url)
        names(tx)
        return super().read_news(tx, since, upto)


@pytest.mark.parametrize("is_writing", [True, False])
async def test_a_connection_that_dies_as_news_are_read_holds_up_nobody(
    url: str, engine: PostgresEngine, is_writing: bool
) -> None:
    heard, other = HeardOverALostConnection(url), PostgresEngine(url)
    await other.start(heard)
    await add(engine, "a")
    async with asyncio.timeout(SOON_S):
        await (add(other, "b") if is_writing else other.catch_up())
        assert await add(other, "c") == heard.pos
    assert heard.deaths
    assert [("foreign", 1), ("c", heard.pos)] == [heard.entries[0], heard.entries[-1]]
    await other.stop()


async def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    engine = PostgresEngine("postgresql:///nothing?host=/nowhere")
    with pytest.raises(DatabaseAway):
        await engine.start(Heard())
    await engine.stop()


async def test_its_description_holds_no_password() -> None:
    engine = PostgresEngine("postgresql://ann:secret@db.example.org/privity")
    assert engine.describe() == "PostgreSQL database privity at db.example.org"
    await engine.stop()
