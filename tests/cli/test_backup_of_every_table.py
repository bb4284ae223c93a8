"""A backup knows no table by name: each comes back as it was, from either database."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from privity.cli.backup import LEFT_OUT
from privity.config import Config
from privity.main import whole_of
from privity.store.engine import Param
from privity.store.engine.migrate import migrations
from privity.store.whole import Filling, Tables
from tests.cli.commands import SERVER_NAME, Operator
from tests.postgres import Cluster
from tests.store import test_upgrade as upgrade
from tests.world import World

pytestmark = pytest.mark.real

NUMBERS = {each.number for each in migrations()}
OF_TYPE: dict[str, list[Param]] = {
    "INTEGER": [2**53 - 1, -1],
    "TEXT": ["\u00fc\n\u2028\U0001f414", ""],
    "BLOB": [b"\x00\xff'", b""],
}
ROWS = 2


def columns_of(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Every table of the schema: its columns, and the type of each."""
    config = Config(data_dir=tmp_path / "schema")
    whole_of(config).make(NUMBERS, lambda _: None)
    with sqlite3.connect(config.data_dir / "privity.db") as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: {row[1]: row[2] for row in database.execute(f"PRAGMA table_info({name})")}
            for (name,) in names
            if not name.startswith("sqlite_")
        }


def fill(filling: Filling, tables: dict[str, dict[str, str]]) -> None:
    """Two rows in every table, with whatever is hard to carry."""
    for name, columns in tables.items():
        if name == "server":
            filling.add(name, ("name", "value"), [("server_name", SERVER_NAME.encode())])
        elif name != "migrations":
            rows: list[Sequence[Param]] = [
                [OF_TYPE[kind][number] for kind in columns.values()] for number in range(ROWS)
            ]
            filling.add(name, tuple(columns), rows)


def everything(config: Config) -> dict[str, list[dict[str, Any]]]:
    """Every row of a database, by the names of its columns."""

    def read(tables: Tables) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for name in tables.names():
            columns, rows = tables.rows(name)
            told = [dict(zip(columns, map(plain, row), strict=True)) for row in rows]
            found[name] = sorted(told, key=str)
        return found

    return whole_of(config).read(read)


def plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_every_table_comes_back(
    tmp_path: Path, operator: Operator, postgres: Cluster, source: str, target: str
) -> None:
    tables = columns_of(tmp_path)
    here, there = (
        Config(
            data_dir=tmp_path / name,
            database=postgres.database() if engine == "postgres" else "",
        )
        for name, engine in (("here", source), ("there", target))
    )
    whole_of(here).make(NUMBERS, lambda filling: fill(filling, tables))
    file = str(tmp_path / "backup.tar")
    for config, *words in ((here, "backup", file), (there, "restore", file)):
        at = Operator(config.data_dir, operator.terminal)
        said = at.types(*words, *(["--database", config.database] if config.database else []))
        assert (said.status, said.err) == (0, "")
    before = everything(here)
    assert before.keys() == tables.keys()
    assert all(before.values())
    assert everything(there) == {
        name: [] if name in LEFT_OUT else rows for name, rows in before.items()
    }


def test_a_restore_to_postgresql_that_is_killed_leaves_nothing_or_all(
    tmp_path: Path, operator: Operator, postgres: Cluster
) -> None:
    tables = columns_of(tmp_path)
    here = Operator(tmp_path / "here", operator.terminal)
    whole_of(Config(data_dir=here.data_dir)).make(NUMBERS, lambda filling: fill(filling, tables))
    assert here.types("backup", str(tmp_path / "b.tar")).status == 0
    url = postgres.database()
    words = ["restore", str(tmp_path / "b.tar"), "--database", url]
    there = Operator(tmp_path / "there", operator.terminal)
    command = [sys.executable, "-m", "privity", *words, "--data-dir", str(there.data_dir)]
    with psycopg.connect(url, autocommit=True) as watching:
        query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not watching.execute(query).fetchone():
                pass
            process.send_signal(signal.SIGKILL)
        found = watching.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert len(found) in {0, len(tables)}  # or it was too late to be killed
    assert there.types(*words).status == (1 if found else 0)
    assert there.types(*words).status == 1  # nothing is ever overwritten


async def test_a_backup_of_an_older_release_is_brought_up_to_date_by_the_next_start(
    tmp_path: Path, operator: Operator, postgres: Cluster
) -> None:
    here = Operator(tmp_path / "here", operator.terminal)
    whole_of(Config(data_dir=here.data_dir)).make({1, 2, 3, 4}, upgrade._fill)
    assert here.types("backup", str(tmp_path / "b.tar"), "--without-media").status == 0
    url = postgres.database()
    there = Operator(tmp_path / "there", operator.terminal)
    assert there.types("restore", str(tmp_path / "b.tar"), "--database", url).status == 0
    async with World(data_dir=there.data_dir, database=url) as world:
        numbers = await world.store.read(lambda tx: tx.all("SELECT number FROM migrations"))
        assert {number for (number,) in numbers} == NUMBERS
