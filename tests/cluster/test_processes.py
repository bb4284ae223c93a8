"""Two and four real processes, the same rooms, one of them killed in the middle.

Every event once, in one order; no sync that skipped any; no message to a device lost or doubled; no
one-time key given out twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster.crowd import Crowd
from tests.homeserver import Homeserver
from tests.postgres import Cluster

pytestmark = pytest.mark.real

CONFIG = (
    "unsafe_no_rate_limits = true\n"
    "unsafe_open_registration = true\n"
    "unsafe_fast_password_hash = true\n"
)
PEOPLE = 6
ROOMS = 3
BUSY_S = 1.5


def processes(
    stack: ExitStack, count: int, folder: Path, database: str, nats_url: str
) -> list[Homeserver]:
    """So many processes of one cluster, running."""
    config = f'{CONFIG}nats_url = "{nats_url}"\n'
    servers = [Homeserver(folder / f"p{n}", database=database, config=config) for n in range(count)]
    return [stack.enter_context(server) for server in servers]


async def live_through_a_kill(crowd: Crowd, servers: Sequence[Homeserver]) -> None:
    """Everybody is busy; one process dies, and comes back, and they go on."""
    doing = [crowd.listen(number) for number in range(PEOPLE)]
    doing += [crowd.talk(number) for number in range(PEOPLE)]
    doing += [crowd.pass_notes(1), crowd.pass_notes(2), crowd.claim(3), crowd.claim(4)]
    tasks = [asyncio.ensure_future(each) for each in doing]
    await asyncio.sleep(BUSY_S)
    await asyncio.to_thread(servers[-1].kill)
    await asyncio.sleep(BUSY_S / 3)
    await asyncio.to_thread(servers[-1].start)
    await asyncio.sleep(BUSY_S)
    crowd.is_over = True
    await asyncio.gather(*tasks)


def twice(things: Sequence[str]) -> list[str]:
    """What is there more than once."""
    return [thing for thing, count in Counter(things).items() if count > 1]


async def check(crowd: Crowd) -> None:
    """What must be true of whatever came of it."""
    everything: list[str] = []
    for room_id in crowd.rooms:
        told = [await crowd.history(server, room_id) for server in crowd.servers]
        assert told == [told[0]] * len(told), "two processes tell two histories"
        assert twice(told[0]) == []
        everything += told[0]
        for member in crowd.members:
            heard = member.timelines[room_id]
            assert heard == told[0][-len(heard) :], f"{member.user_id} missed or misheard something"
    assert set(crowd.sent.values()) - set(everything) == set(), "what was answered is lost"
    assert [member.gaps for member in crowd.members] == [0] * PEOPLE
    assert twice(crowd.members[0].messages) == []
    assert set(crowd.passed) - set(crowd.members[0].messages) == set()
    assert twice(crowd.claimed) == []


@pytest.mark.parametrize(("count", "bus"), [(2, "notify"), (2, "nats"), (4, "notify")])
async def test_a_crowd_over_several_processes_loses_and_doubles_nothing(
    tmp_path: Path, postgres: Cluster, request: pytest.FixtureRequest, count: int, bus: str
) -> None:
    nats_url = request.getfixturevalue("nats").url if bus == "nats" else ""
    with ExitStack() as stack:
        servers = processes(stack, count, tmp_path, postgres.migrated(), nats_url)
        crowd = Crowd(servers, seed=count)
        try:
            await crowd.gather(PEOPLE, ROOMS)
            await live_through_a_kill(crowd, servers)
            await check(crowd)
        finally:
            await crowd.close()
    assert len(crowd.sent) >= 50
    assert len(crowd.claimed) >= 10
    assert len(crowd.passed) >= 10
