"""What one process commits wakes those who wait at another; what it shouts is heard there."""

from __future__ import annotations

import asyncio

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from privity.store.bus import MOST_ASIDE_BYTES
from privity.store.bus.nats import NatsBus
from privity.store.bus.postgres import PostgresBus
from privity.store.engine import writer
from tests.cluster.conftest import Pair, at, until
from tests.follow.test_sync import sync, waiting
from tests.homeserver import free_port
from tests.nats import NatsServer
from tests.postgres import Cluster
from tests.rooms.talking import room_of, say, timeline
from tests.store.test_postgres import hang_up_on_everybody
from tests.world import World

SOON_S = 5


async def test_a_message_at_one_process_wakes_who_waits_at_the_other(pair: Pair) -> None:
    ann, ben = await pair.one.person("ann"), await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    ben = at(pair.other, ben)
    task = await waiting(ben, await sync(ben))
    sent = await say(ann, room_id)
    assert timeline(await asyncio.wait_for(task, SOON_S), room_id) == [sent]


async def test_who_types_at_one_process_is_shown_at_the_other(pair: Pair) -> None:
    ann, ben = await pair.one.person("ann"), await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    ben = at(pair.other, ben)
    task = await waiting(ben, await sync(ben))
    path = f"/rooms/{room_id}/typing/{ann.user_id}"
    assert (await ann.put(path, {"typing": True, "timeout": 5000})).status == 200
    room = (await asyncio.wait_for(task, SOON_S))["rooms"]["join"][room_id]
    assert room["ephemeral"]["events"][0]["content"] == {"user_ids": [ann.user_id]}


async def test_a_bus_that_was_away_is_come_back_to_and_nothing_is_missed(
    pair: Pair, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    ann, ben = await pair.one.person("ann"), await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    ben = at(pair.other, ben)
    task = await waiting(ben, await sync(ben))
    if request.node.callspec.params["pair"] == "nats":
        nats: NatsServer = request.getfixturevalue("nats")
        await asyncio.to_thread(nats.stop)
        await until(lambda: not pair.other.store.bus.is_up)
    else:
        await asyncio.to_thread(hang_up_on_everybody, pair.one.house.config.database)
    sent = await say(ann, room_id)
    if request.node.callspec.params["pair"] == "nats":
        await asyncio.to_thread(nats.start)
    assert timeline(await asyncio.wait_for(task, SOON_S), room_id) == [sent]
    assert "bus.away" in caplog.text


class Heard:
    """Ears that remember."""

    def __init__(self) -> None:
        self.hints: list[int | None] = []
        self.asides: list[bytes] = []
        self.is_heard = asyncio.Event()

    def hint(self, pos: int | None) -> None:
        self.hints.append(pos)

    def hear(self, aside: bytes) -> None:
        self.asides.append(aside)
        self.is_heard.set()


async def test_what_is_too_long_to_be_shouted_is_dropped_and_the_rest_is_heard(
    postgres: Cluster,
) -> None:
    url, mine, theirs = postgres.migrated(), Heard(), Heard()
    one, other = PostgresBus(url, "a"), PostgresBus(url, "b")
    await one.start(mine, b"")
    await other.start(theirs, b"")
    for aside in (b"x" * (MOST_ASIDE_BYTES + 1), 'it\'s \\ "é"'.encode()):
        one.tell_aside(aside)
    await asyncio.wait_for(theirs.is_heard.wait(), SOON_S)
    assert theirs.asides == ['it\'s \\ "é"'.encode()]
    assert mine.asides == []
    await one.stop()
    await other.stop()


class Wire:
    """Between a bus and PostgreSQL: cut the first time that somebody says LISTEN."""

    def __init__(self, url: str) -> None:
        self._parts = conninfo_to_dict(url)
        self._carrying: list[asyncio.Task[None]] = []
        self.cuts = 0

    async def __aenter__(self) -> str:
        def began(*ends: *tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
            self._carrying.append(asyncio.create_task(self._carry(*ends)))

        self._server = await asyncio.start_server(began, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return make_conninfo(**{**self._parts, "host": host, "port": port})

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await asyncio.wait(self._carrying, timeout=SOON_S)

    async def _carry(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        path = f"{self._parts['host']}/.s.PGSQL.5432"
        far, to_far = await asyncio.open_unix_connection(path)
        await asyncio.gather(self._copy(near, to_far), self._copy(far, to_near))
        await to_near.wait_closed()
        await to_far.wait_closed()

    async def _copy(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while words := await source.read(65536):
            if b"LISTEN" in words and not self.cuts:
                self.cuts += 1
                break
            to.write(words)
        to.close()


async def test_a_bus_that_is_lost_as_it_begins_to_listen_is_come_back_to(
    postgres: Cluster,
) -> None:
    heard, wire = Heard(), Wire(postgres.migrated())
    async with wire as url:
        bus = PostgresBus(url, "a")
        await bus.start(heard, b"")
        assert not bus.is_up
        await until(lambda: bus.is_up)
        await bus.stop()
    assert (wire.cuts, heard.hints) == (1, [None])


@pytest.mark.parametrize(
    "aside",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"kind":"typing"}',
        b'{"kind":"typing","said":7}',
        b'{"kind":"typing","said":{"room_id":1,"user_id":"@a:b","until_ms":2}}',
        b'{"kind":"typing","said":{"room_id":"!r","user_id":"@a:b","until_ms":"soon"}}',
        b'{"kind":["typing"],"said":{}}',
        b'{"kind":"unknown","said":{}}',
    ],
)
async def test_garbled_asides_change_nothing(pair: Pair, aside: bytes) -> None:
    before = pair.one.store.typing.serial
    pair.one.store.hear(aside)
    assert pair.one.store.typing.serial == before


async def test_a_false_hint_costs_one_look(pair: Pair) -> None:
    ann = await pair.one.person("ann")
    before = pair.one.store.pos
    pair.one.store.hint(1 << 60)
    await pair.one.store.catch_up()
    assert pair.one.store.pos == before
    assert (await ann.get("/account/whoami")).status == 200


async def test_what_others_say_on_nats_is_not_even_read(nats: NatsServer) -> None:
    heard = [Heard(), Heard()]
    buses = [NatsBus(nats.url, origin) for origin in "ab"]
    for bus, ears in zip(buses, heard, strict=True):
        await bus.start(ears, b"the secret of the cluster")
    await until(lambda: all(bus.is_up for bus in buses))
    stranger = NatsBus(nats.url, "c")
    await stranger.start(Heard(), b"another secret")
    await until(lambda: stranger.is_up)
    stranger._topic = buses[0]._topic
    stranger.tell_news(1 << 60)
    for aside in (b"", b"x" * 5000):
        stranger.tell_aside(aside)
    await stranger.stop()
    buses[0].tell_news(7)
    buses[0].tell_aside(b"ours")
    await asyncio.wait_for(heard[1].is_heard.wait(), SOON_S)
    assert [heard[1].hints, heard[1].asides] == [[None, 7], [b"ours"]]
    assert [heard[0].hints, heard[0].asides] == [[None], []]
    for bus in buses:
        await bus.stop()


async def test_that_nats_is_away_is_said_once_however_often_it_is_tried(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.store.bus.nats.COME_BACK_AFTER_S", 0.01)
    tries = asyncio.Semaphore(0)

    async def hang_up(_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        tries.release()
        to.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bus = NatsBus(f"nats://127.0.0.1:{port}", "a")
    await bus.start(Heard(), b"")
    for _ in range(5):
        await asyncio.wait_for(tries.acquire(), SOON_S)
    await asyncio.wait_for(bus.stop(), SOON_S)
    server.close()
    assert [record.message for record in caplog.records] == ["bus.away"]


@pytest.mark.parametrize(
    "url", ["", "nats://", "http://a:1", "nats://hush:hush/hush@a", "nats://a,b"]
)
def test_an_address_of_nats_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^an address of NATS is nats://HOST:PORT"):
        NatsBus(url, "a")


async def test_without_nats_everybody_looks_for_themselves(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOOK_FOR_NEWS_EVERY_S", 0.02)
    shared = {"database": postgres.migrated(), "nats_url": f"nats://127.0.0.1:{free_port()}"}
    async with World(**shared) as one, World(**shared) as other:
        ann, ben = await one.person("ann"), await one.person("ben")
        room_id = await room_of(ann, ben)
        ben = at(other, ben)
        task = await waiting(ben, await sync(ben))
        sent = await say(ann, room_id)
        assert timeline(await asyncio.wait_for(task, SOON_S), room_id) == [sent]
