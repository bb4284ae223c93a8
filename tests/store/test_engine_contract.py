"""What every engine promises (see `privity.store.engine`), tried on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from privity.store.engine import Conflict, DatabaseAway, Engine, Tx, WriteTx
from tests.store.conftest import Heard, OpenEngine

COLUMNS = ("name", "value")


def names(tx: Tx) -> list[str]:
    """What the tests put into the table `server`."""
    return [row[0] for row in tx.all("SELECT name FROM server ORDER BY name")]


def adding(name: str) -> object:
    """A job that adds a row at a position of its own, and tells of it."""

    def job(tx: WriteTx) -> int:
        pos = tx.position()
        tx.add("server", COLUMNS, (name, b"x"))
        tx.tell((name, pos))
        return pos

    return job


async def add(engine: Engine, name: str) -> int:
    """Run such a job."""
    return await engine.write(adding(name))  # type: ignore[arg-type]


async def test_what_was_written_can_be_read(engine: Engine) -> None:
    await add(engine, "a")
    assert await engine.read(names) == ["a"]


async def test_positions_go_up_by_one_and_are_told_in_order(engine: Engine, heard: Heard) -> None:
    positions = await asyncio.gather(*(add(engine, f"{n:03}") for n in range(300)))
    assert positions == list(range(1, 301))
    assert [entry[1] for entry in heard.entries] == positions
    assert heard.pos == 300


async def test_news_are_told_before_the_writer_knows_that_it_is_done(
    engine: Engine, heard: Heard
) -> None:
    pos = await add(engine, "a")
    assert heard.entries == [("a", pos)]


async def test_a_row_that_is_there_already_fails_its_job_and_no_other(engine: Engine) -> None:
    await add(engine, "a")
    jobs = [add(engine, name) for name in ("b", "a", "c")]
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(done[1], Conflict)
    assert sorted(each for each in done if isinstance(each, int)) == [2, 3]
    assert await engine.read(names) == ["a", "b", "c"]


async def test_a_row_that_lacks_a_value_is_a_bug_and_no_conflict(engine: Engine) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each database has its own
        await engine.write(lambda tx: tx.add("server", COLUMNS, ("a", None)))
    assert not isinstance(caught.value, (Conflict, DatabaseAway))


async def test_a_job_that_raises_after_writing_leaves_nothing(engine: Engine, heard: Heard) -> None:
    def failing(tx: WriteTx) -> None:
        tx.add("server", COLUMNS, ("half", b"x"))
        tx.tell("half")
        raise LookupError

    done = await asyncio.gather(
        add(engine, "a"), engine.write(failing), add(engine, "b"), return_exceptions=True
    )
    assert isinstance(done[1], LookupError)
    assert await engine.read(names) == ["a", "b"]
    assert "half" not in heard.entries


async def test_a_failing_job_says_so_before_any_later_job_runs(engine: Engine) -> None:
    order: list[str] = []

    def failing(tx: WriteTx) -> None:
        tx.run("INSERT INTO server (name, value) VALUES ('x', ?)", b"x")
        raise LookupError

    def later(_: WriteTx) -> None:
        order.append("later")

    first = engine.write(failing, lambda: order.append("undone"))
    await asyncio.gather(first, engine.write(later), return_exceptions=True)
    assert order[-1] == "later"
    assert "undone" in order


async def test_rows_that_were_added_are_there_for_the_same_job(engine: Engine) -> None:
    def job(tx: WriteTx) -> list[str]:
        tx.add("server", COLUMNS, ("a", b"x"))
        tx.add("server", COLUMNS, ("b", b"x"))
        return names(tx)

    assert await engine.write(job) == ["a", "b"]


async def test_a_statement_tells_how_many_rows_it_changed_and_may_return_them(
    engine: Engine,
) -> None:
    for name in ("a", "b"):
        await add(engine, name)
    assert await engine.write(lambda tx: tx.run("UPDATE server SET value = ?", b"y")) == 2
    gone = await engine.write(
        lambda tx: tx.all("DELETE FROM server WHERE name = ? RETURNING name, value", "a")
    )
    assert [(name, bytes(value)) for name, value in gone] == [("a", b"y")]


async def test_a_percent_sign_and_bytes_and_big_numbers_are_what_they_are(engine: Engine) -> None:
    raw = bytes(range(256))
    await engine.write(lambda tx: tx.add("server", COLUMNS, ("100 %", raw)))
    row = await engine.read(
        lambda tx: (
            tx.one("SELECT value, ? FROM server WHERE name LIKE '%\\%'", 2**53)
            or tx.one("SELECT value, ? FROM server WHERE name = ?", 2**53, "100 %")
        )
    )
    assert row is not None
    assert (bytes(row[0]), int(row[1])) == (raw, 2**53)


async def test_a_read_sees_one_moment(engine: Engine) -> None:
    def twice(tx: Tx) -> tuple[list[str], list[str]]:
        before = names(tx)
        asyncio.run_coroutine_threadsafe(add(engine, "later"), loop).result()
        return before, names(tx)

    loop = asyncio.get_running_loop()
    assert await engine.read(twice) == ([], [])
    assert await engine.read(names) == ["later"]


async def test_another_process_is_heard_of_before_the_next_job(
    engine: Engine, heard: Heard, open_engine: OpenEngine
) -> None:
    other = open_engine()
    await other.start(Heard())
    await add(engine, "a")
    for name in ("b", "c"):
        await other.write(adding(name))  # type: ignore[arg-type]
    assert await add(engine, "d") == 4
    await other.stop()
    assert heard.foreign == [(3, [])]
    assert heard.entries == [("a", 1), ("foreign", 2), ("foreign", 3), ("d", 4)]


@pytest.mark.usefixtures("engine")
async def test_another_process_is_heard_of_though_nothing_is_written_here(
    heard: Heard, open_engine: OpenEngine
) -> None:
    other = open_engine()
    await other.start(Heard())
    await other.write(adding("b"))  # type: ignore[arg-type]
    await other.stop()
    for _ in range(300):
        if heard.entries:
            break
        await asyncio.sleep(0.01)
    assert heard.entries == [("foreign", 1)]


async def test_two_processes_that_race_take_turns(
    engine: Engine, heard: Heard, open_engine: OpenEngine
) -> None:
    others = Heard()
    other = open_engine()
    await other.start(others)
    positions = await asyncio.gather(
        *(
            add(who, f"{tag}{n:03}")
            for n in range(100)
            for tag, who in (("a", engine), ("b", other))
        )
    )
    await add(engine, "last")
    await other.write(adding("very last"))  # type: ignore[arg-type]
    await other.stop()
    assert sorted(positions) == list(range(1, 201))
    for ears in (heard, others):
        told = [entry[1] for entry in ears.entries if entry[1] <= 200]
        assert told == list(range(1, 201))


async def test_a_second_start_finds_what_the_first_left(
    engine: Engine, open_engine: OpenEngine
) -> None:
    await add(engine, "a")
    again = open_engine()
    assert await again.start(Heard()) == 1
    assert await again.read(names) == ["a"]
    await again.stop()


async def test_processes_that_start_together_make_the_tables_once(
    open_engine: OpenEngine,
) -> None:
    engines = [open_engine() for _ in range(4)]
    assert await asyncio.gather(*(each.start(Heard()) for each in engines)) == [0] * 4
    assert await asyncio.gather(*(add(each, str(n)) for n, each in enumerate(engines)))
    assert await engines[0].read(names) == ["0", "1", "2", "3"]
    await asyncio.gather(*(each.stop() for each in engines))


async def test_what_was_accepted_before_a_stop_is_written(open_engine: OpenEngine) -> None:
    engine = open_engine()
    await engine.start(Heard())
    accepted = [asyncio.ensure_future(add(engine, f"{n:03}")) for n in range(50)]
    await asyncio.sleep(0)
    await engine.stop()
    assert len(await asyncio.gather(*accepted)) == 50


async def test_a_job_that_only_looks_moves_nothing(engine: Engine, heard: Heard) -> None:
    await engine.write(names)
    assert heard.pos == 0


async def test_a_refusal_before_any_write_does_not_disturb_its_group(engine: Engine) -> None:
    runs: list[str] = []

    def counted(tx: WriteTx) -> None:
        runs.append("ran")
        tx.add("server", COLUMNS, ("a", b"x"))

    def refusing(_: WriteTx) -> None:
        raise LookupError

    done = await asyncio.gather(
        engine.write(counted), engine.write(refusing), return_exceptions=True
    )
    assert isinstance(done[1], LookupError)
    with pytest.raises(Conflict):
        await engine.write(counted)
    assert runs == ["ran", "ran"]
