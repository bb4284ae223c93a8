"""What is kept of keys and messages, on either database and in the memory of each process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from privity.config import Config
from privity.guard import gates
from privity.guard.plaintext import ToDevice
from privity.matrix.errors import Refuse
from privity.matrix.ids import DeviceId, UserId
from privity.store import device_lists, inbox, one_time_keys
from privity.store.device_facts import KnownDevices
from privity.store.engine import Engine, ReadJob, WriteTx
from privity.store.inbox import Target
from privity.store.one_time_keys import MOST_SPENT, OneTimeKey
from privity.store.store import Store
from privity.store.streams import (
    DeviceListChanged,
    MessageQueued,
    OneTimeKeysChanged,
    entries_between,
)
from tests.store.conftest import OpenEngine

ANN, BOB, CLEO = (UserId(f"@{name}:privity.test") for name in ("ann", "bob", "cleo"))
PHONE, TABLET = DeviceId("PHONE"), DeviceId("TABLET")
ALGORITHM = "signed_curve25519"


def keys(*numbers: int) -> list[OneTimeKey]:
    """One-time keys, each with its number for a name."""
    return [OneTimeKey(ALGORITHM, str(n), n.to_bytes(32, "big"), b"{}") for n in numbers]


def add(tx: WriteTx, *numbers: int) -> None:
    """Give Ann's phone these keys."""
    one_time_keys.add(tx, ANN, PHONE, keys(*numbers))


def claim(tx: WriteTx) -> str | None:
    """Take a key of Ann's phone; its name."""
    wanted = (ANN, PHONE, ALGORITHM)
    claimed = one_time_keys.claim(tx, [wanted]).get(wanted)
    return claimed[0] if claimed else None


def send(tx: WriteTx, number: int, *to: DeviceId) -> None:
    """Send a message to devices of Ann's."""
    message = gates.to_device(ToDevice("m.dummy", {"n": number}), plaintext_allowed=False)
    assert not isinstance(message, Refuse)
    inbox.queue(tx, BOB, message, [Target(ANN, device_id) for device_id in to])


@pytest.fixture
async def stores(open_engine: OpenEngine, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes on one database."""
    config = Config(data_dir=tmp_path)
    both = Store(open_engine(), config), Store(open_engine(), config)
    for store in both:
        await store.start()
    yield both
    for store in both:
        await store.stop()


async def hear(store: Store) -> None:
    """Have this process hear what others wrote: it does, with its next write at the latest."""
    await store.write(lambda tx: tx.position())


async def test_keys_are_claimed_in_the_order_of_their_uploads(engine: Engine) -> None:
    await engine.write(lambda tx: add(tx, 7, 3))
    await engine.write(lambda tx: add(tx, 1))
    claimed = [await engine.write(claim) for _ in range(4)]
    assert claimed == ["7", "3", "1", None]


async def test_claims_in_one_group_are_claims_of_different_keys(engine: Engine) -> None:
    await engine.write(lambda tx: add(tx, *range(50)))
    claimed = await asyncio.gather(*(engine.write(claim) for _ in range(60)))
    assert claimed == [*(str(n) for n in range(50)), *[None] * 10]


async def test_claims_by_two_processes_are_claims_of_different_keys(
    stores: tuple[Store, Store],
) -> None:
    await stores[0].write(lambda tx: add(tx, *range(40)))
    claims = [store.write(claim) for _ in range(20) for store in stores]
    claimed = await asyncio.gather(*claims)
    assert sorted(map(str, claimed)) == sorted(str(n) for n in range(40))


async def test_keys_that_were_given_out_are_remembered_but_not_without_end(engine: Engine) -> None:
    numbers = range(MOST_SPENT + 5)
    await engine.write(lambda tx: add(tx, *numbers))
    await engine.write(lambda tx: [claim(tx) for _ in numbers])
    public = [key.public_key for key in keys(*numbers)]
    spent = await engine.read(lambda tx: one_time_keys.spent(tx, ANN, PHONE, public))
    assert spent == set(public)
    await engine.write(lambda tx: add(tx, 5000))
    spent = await engine.read(lambda tx: one_time_keys.spent(tx, ANN, PHONE, public))
    assert spent == set(public[5:])


async def test_the_fallback_key_is_unused_until_it_is_claimed_or_replaced(engine: Engine) -> None:
    def unused_after(number: int) -> Callable[[WriteTx], list[str]]:
        def job(tx: WriteTx) -> list[str]:
            public_key = number.to_bytes(32, "big")
            key = OneTimeKey(ALGORITHM, "f", public_key, public_key)
            one_time_keys.set_fallback(tx, ANN, PHONE, key)
            return one_time_keys.unused_fallback_types(tx, ANN, PHONE)

        return job

    assert await engine.write(unused_after(1)) == [ALGORITHM]
    assert [await engine.write(claim) for _ in range(2)] == ["f", "f"]
    assert await engine.write(unused_after(1)) == []
    assert await engine.write(unused_after(2)) == [ALGORITHM]


async def test_messages_wait_in_their_order_until_they_are_deleted(engine: Engine) -> None:
    for number in range(3):
        await engine.write(lambda tx, n=number: send(tx, n, PHONE, TABLET))  # type: ignore[misc]
    waiting = await engine.read(lambda tx: inbox.waiting(tx, ANN, PHONE, 100, 10))
    assert [message for _, message in waiting] == [
        b'{"content":{"n":%d},"sender":"@bob:privity.test","type":"m.dummy"}' % n for n in range(3)
    ]
    second = waiting[1][0]
    some = await engine.read(lambda tx: inbox.waiting(tx, ANN, PHONE, second, 10))
    assert some == waiting[:2]
    assert await engine.read(lambda tx: inbox.waiting(tx, ANN, PHONE, 100, 1)) == waiting[:1]
    await engine.write(lambda tx: inbox.delete_upto(tx, ANN, PHONE, second))
    assert await engine.read(lambda tx: inbox.waiting(tx, ANN, PHONE, 100, 10)) == waiting[2:]
    assert await engine.read(lambda tx: inbox.oldest(tx, ANN, PHONE)) == waiting[2][0]
    assert len(await engine.read(lambda tx: inbox.waiting(tx, ANN, TABLET, 100, 10))) == 3


async def test_a_change_is_seen_by_all_or_by_one(engine: Engine) -> None:
    await engine.write(lambda tx: device_lists.note_change(tx, ANN))
    await engine.write(lambda tx: device_lists.note_change(tx, BOB, seen_by=CLEO))
    for viewer, since, upto, changed in [
        (ANN, 0, 2, [ANN]),
        (CLEO, 0, 2, [ANN, BOB]),
        (CLEO, 1, 2, [BOB]),
        (CLEO, 0, 1, [ANN]),
        (CLEO, 2, 2, []),
    ]:
        found = await engine.read(
            lambda tx, v=viewer, s=since, u=upto: device_lists.changed_between(tx, v, s, u)  # type: ignore[misc]
        )
        assert sorted(found) == changed


async def test_what_one_process_writes_another_can_read_as_entries(engine: Engine) -> None:
    await engine.write(lambda tx: add(tx, 1))
    await engine.write(lambda tx: send(tx, 1, PHONE))
    await engine.write(lambda tx: device_lists.note_change(tx, ANN))
    await engine.write(lambda tx: device_lists.note_change(tx, BOB, seen_by=CLEO))
    assert await engine.read(lambda tx: entries_between(tx, 0, 4)) == [
        OneTimeKeysChanged(1, ANN, PHONE),
        MessageQueued(2, ANN, PHONE),
        DeviceListChanged(3, ANN),
        DeviceListChanged(4, BOB, CLEO),
    ]


async def test_the_facts_of_a_device_are_right_though_another_process_changes_them(
    stores: tuple[Store, Store],
) -> None:
    here, there = stores
    assert (await here.devices.get(ANN, PHONE)).one_time_key_counts == {ALGORITHM: 0}
    await there.write(lambda tx: add(tx, 1, 2))
    await hear(here)
    assert (await here.devices.get(ANN, PHONE)).one_time_key_counts == {ALGORITHM: 2}
    await there.write(claim)
    await there.write(lambda tx: send(tx, 1, PHONE))
    await hear(here)
    facts = await here.devices.get(ANN, PHONE)
    assert facts.one_time_key_counts == {ALGORITHM: 1}
    assert facts.oldest_message is not None


async def test_facts_in_memory_ask_nothing_of_the_database(stores: tuple[Store, Store]) -> None:
    here, _ = stores
    await here.devices.get(ANN, PHONE)
    await here.write(lambda tx: send(tx, 1, PHONE))
    facts = here.devices.peek(ANN, PHONE)
    assert facts is not None
    assert facts.oldest_message is not None
    await here.devices.acknowledge(ANN, PHONE, facts.oldest_message - 1)
    assert here.devices.peek(ANN, PHONE) == facts
    await here.devices.acknowledge(ANN, PHONE, facts.oldest_message)
    assert (await here.devices.get(ANN, PHONE)).oldest_message is None


class HeldUp:
    """An engine whose answers are on their way until they are let go."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.has_read = asyncio.Event()
        self.may_go = asyncio.Event()

    async def read(self, job: ReadJob[object]) -> object:
        """Read, and wait with the answer."""
        found = await self._engine.read(job)
        self.has_read.set()
        await self.may_go.wait()
        return found


async def test_facts_that_changed_while_they_were_read_are_not_kept(engine: Engine) -> None:
    held_up = HeldUp(engine)
    devices = KnownDevices(held_up)  # type: ignore[arg-type]
    reading = asyncio.ensure_future(devices.get(ANN, PHONE))
    elsewhere = asyncio.ensure_future(devices.get(ANN, TABLET))
    await held_up.has_read.wait()
    devices.message_queued(ANN, PHONE, 1)
    held_up.may_go.set()
    assert (await reading).oldest_message is None
    await elsewhere
    assert devices.peek(ANN, PHONE) is None
    assert devices.peek(ANN, TABLET) is not None
