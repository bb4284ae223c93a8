"""Who looks after a cluster sees its processes, and what is wrong with them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from privity.cli.ailments import Finding
from privity.cli.cluster import of_cluster
from privity.follow.company import note, this_process
from privity.store import processes
from privity.store.processes import Process
from tests.cli.commands import Operator
from tests.cluster.conftest import Pair
from tests.homeserver import Homeserver
from tests.postgres import Cluster
from tests.world import World


async def told(world: World) -> list[Finding]:
    """What the doctor says of the cluster now."""
    config, now_ms = world.house.config, world.clock.now_ms()
    return await world.store.read(lambda tx: list(of_cluster(tx, config, now_ms)))


async def both(pair: Pair) -> list[Process]:
    """Both have said that they are there."""
    found = [
        replace(this_process(world.house), listen=f"127.0.0.1:{port}")
        for port, world in enumerate(pair, 8008)
    ]
    for world, process in zip(pair, found, strict=True):
        await note(world.house, process)
    return found


def wrong(findings: list[Finding]) -> list[str]:
    """What is to be mended."""
    return [each.says for each in findings if not each.is_well]


async def test_each_process_is_told_with_what_it_is_woken_by(pair: Pair) -> None:
    await both(pair)
    findings = await told(pair.one)
    assert [each.about for each in findings] == ["process", "process"]
    assert wrong(findings) == []
    assert all(pair.one.store.bus.describe() in each.says for each in findings)


async def test_one_that_was_killed_is_missed_and_forgotten_after_a_day(pair: Pair) -> None:
    one, _ = await both(pair)
    pair.one.clock.advance(31_000)
    await note(pair.one.house, one)
    (missed,) = wrong(await told(pair.one))
    assert missed.endswith("was not stopped, and not seen for 31 s")
    pair.one.clock.advance(24 * 3600 * 1000)
    await note(pair.one.house, one)
    assert len(await told(pair.one)) == 1


async def test_one_that_was_killed_is_not_missed_once_another_is_in_its_place(pair: Pair) -> None:
    one, other = await both(pair)
    pair.one.clock.advance(31_000)
    await note(pair.one.house, one)
    await note(pair.one.house, replace(other, process_id="its successor"))
    findings = await told(pair.one)
    assert (wrong(findings), len(findings)) == ([], 2)


async def test_one_of_another_version_is_told(pair: Pair) -> None:
    one, _ = await both(pair)
    await note(pair.one.house, replace(one, process_id="x", version="0.0.1"))
    assert f"0.0.1, {one.version}" in wrong(await told(pair.one))[0]


async def test_one_that_wakes_the_others_by_another_bus_is_told(pair: Pair) -> None:
    one, _ = await both(pair)
    await note(pair.one.house, replace(one, process_id="x", bus="smoke signals"))
    assert "smoke signals" in wrong(await told(pair.one))[0]


async def test_one_whose_bus_is_away_is_told(pair: Pair) -> None:
    await pair.one.store.bus.stop()
    one, _ = await both(pair)
    (away,) = wrong(await told(pair.one))
    assert f"cannot reach its bus, {one.bus}" in away


async def test_one_that_was_told_something_else_is_told(pair: Pair) -> None:
    await both(pair)
    config = replace(pair.one.house.config, presence=True, listen="0.0.0.0:1")
    house = replace(pair.one.house, config=config)
    await note(house, this_process(house))
    (differs,) = wrong(await told(pair.one))
    assert differs == "processes were told different things: presence"


async def test_what_a_process_says_of_itself_holds_no_secret(pair: Pair) -> None:
    config = replace(pair.one.house.config, turn_shared_secret="hush", nats_url="nats://a:hush@b")
    assert "hush" not in str(this_process(replace(pair.one.house, config=config)))


async def test_one_that_does_not_hear_what_the_others_write_is_told(pair: Pair) -> None:
    one, _ = await both(pair)
    await pair.one.store.write(lambda tx: processes.note(tx, one, -5000))
    (behind,) = wrong(await told(pair.one))
    assert behind.endswith("positions behind")


async def test_one_whose_clock_is_ahead_is_told(pair: Pair) -> None:
    _, other = await both(pair)
    pair.other.clock.advance(60_000)
    await note(pair.other.house, other)
    (ahead,) = wrong(await told(pair.one))
    assert "its clock is 60 s ahead" in ahead


def test_the_doctor_sees_two_processes_and_not_one_that_was_stopped(
    tmp_path: Path, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    database = postgres.migrated()
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Homeserver(tmp_path / name, database=database)) for name in "ab"
        ]
        listen = [f"127.0.0.1:{server.port}" for server in servers]
        operator = Operator(servers[0].data_dir, capsys)
        words = ("doctor", "--json", "--database", database, "--listen", listen[0])
        for there in (listen, listen[:1]):
            findings = operator.types(*words).json["findings"]
            found = [each for each in findings if each["about"] == "process"]
            assert all(each["is_well"] for each in found)
            where = [each["says"].split(": ")[0].split(", ")[1] for each in found]
            assert sorted(where) == sorted(there)
            servers[1].stop()
