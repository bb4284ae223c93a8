"""Transactions: what a service hears, each thing once, in order, whatever is killed meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from privity.follow.services.crypto import DEVICE_LISTS, FALLBACK_TYPES, KEY_COUNTS, TO_DEVICE
from privity.follow.services.interest import Interest
from privity.matrix.ids import DeviceId
from tests.keys.clients import with_keys
from tests.rooms.talking import create, room_of, say
from tests.services.bridge import (
    BOT,
    GHOST,
    HS_TOKEN,
    TRANSACTIONS,
    LocalService,
    bot_of,
    bot_with_ghost,
    registration,
    written,
)
from tests.world import SERVER_NAME, START_MS, Person, World


@asynccontextmanager
async def bridged(folder: Path, **more: Any) -> AsyncIterator[tuple[World, LocalService]]:
    """A world with a service that listens, and has heard that there is nothing."""
    async with LocalService() as service:
        files = written(folder, registration(**{"url": service.url, **more}))
        async with World(app_services=files) as world:
            assert await world.feed() == [True]
            yield world, service


async def with_ghost(world: World, *people: Person) -> str:
    """A room of these people and the ghost; its id."""
    bot = await bot_with_ghost(world)
    room_id = await room_of(*people)
    await people[0].post(f"/rooms/{room_id}/invite", {"user_id": GHOST})
    assert (await bot.post(f"/rooms/{room_id}/join", user_id=GHOST)).status == 200
    return room_id


async def test_a_service_hears_what_is_said_where_its_people_are(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id, other = await with_ghost(world, ann), await create(ann)
        said = [await say(ann, room_id), await say(ann, room_id)]
        await say(ann, other)
        assert await world.feed() == [True]
        (asked,) = service.transactions
        assert asked.method == "PUT"
        assert asked.authorization == f"Bearer {HS_TOKEN}"
        assert [event.get("state_key") for event in service.events[:2]] == [GHOST, GHOST]
        assert service.heard[2:] == said
        assert service.events[2]["room_id"] == room_id
        assert "ephemeral" not in asked.body


async def test_words_come_to_a_service_as_they_were_sent(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        await say(ann, room_id, "tea")
        await world.feed()
        assert service.events[-1]["type"] == "m.room.encrypted"
        assert service.events[-1]["content"]["ciphertext"].endswith("tea")


async def test_words_in_clear_come_only_where_they_are_allowed(tmp_path: Path) -> None:
    async with LocalService() as service:
        files = written(tmp_path, registration(url=service.url))
        async with World(app_services=files, unsafe_allow_plaintext=True) as world:
            await world.feed()
            ann, bot = await world.person("ann"), bot_of(world)
            room_id = await create(ann, invite=[BOT])
            await bot.post(f"/rooms/{room_id}/join")
            words = {"msgtype": "m.text", "body": "tea?"}
            await ann.put(f"/rooms/{room_id}/send/m.room.message/1", words)
            await world.feed()
            assert service.events[-1]["content"] == words


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_service_hears_nothing_after_its_people_left(
    tmp_path: Path, *, is_restarted: bool
) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        before = await say(ann, room_id)
        left = await bot_of(world).post(f"/rooms/{room_id}/leave", user_id=GHOST)
        assert left.status == 200
        await say(ann, room_id)
        if is_restarted:
            await world.restart()
        await world.feed()  # though it looks only now: as of then
        assert service.heard[2] == before
        assert [event["type"] for event in service.events[3:]] == ["m.room.member"]


async def test_a_service_hears_everything_in_the_rooms_of_its_namespaces(tmp_path: Path) -> None:
    spaces = {
        "users": [],
        "rooms": [{"exclusive": False, "regex": "!.*"}],
        "aliases": [],
    }
    async with bridged(tmp_path, namespaces=spaces) as (world, service):
        ann = await world.person("ann")
        event_id = await say(ann, await create(ann))
        await world.feed()
        assert service.heard[-1] == event_id
        assert service.events[0]["type"] == "m.room.create"


async def test_a_service_hears_everything_in_a_room_of_its_aliases(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id = await create(ann)
        unheard = await say(ann, room_id)
        await world.feed()
        alias = f"/directory/room/%23_irc_tea:{SERVER_NAME}"
        assert (await bot_of(world).put(alias, {"room_id": room_id})).status == 200
        event_id = await say(ann, room_id)
        await world.feed()
        assert event_id in service.heard
        assert unheard not in service.heard


async def test_a_service_that_keeps_up_is_fed_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces = {"users": [{"exclusive": True, "regex": "@_irc_.*"}]}
    async with bridged(tmp_path, namespaces=spaces) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        await world.feed()
        event_id = await say(ann, room_id)

        def read(*_: object) -> None:
            raise AssertionError("the database was asked")

        monkeypatch.setattr(Interest, "_read", read)
        assert await world.feed() == [True]
        assert service.heard[-1] == event_id


async def test_a_new_service_hears_nothing_of_the_past(tmp_path: Path) -> None:
    spaces = {"rooms": [{"exclusive": False, "regex": "!.*"}]}
    async with LocalService() as service:
        files = written(tmp_path, registration(url=service.url, namespaces=spaces))
        async with World(app_services=files) as world:
            ann = await world.person("ann")
            room_id = await create(ann)
            await world.feed()
            event_id = await say(ann, room_id)
            await world.feed()
            assert service.heard == [event_id]


async def test_what_a_service_did_not_take_comes_again_as_it_was(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        service.answers["*"] = (500, {})
        assert await world.feed() == [False]
        await say(ann, room_id)
        world.clock.advance(1000)
        await world.restart()
        assert await world.feed() == [False]
        service.answers.clear()
        assert await world.feed() == [True]
        first, again, taken, later = service.transactions
        assert first == again == taken
        numbers = [int(each.path.removeprefix(TRANSACTIONS)) for each in (first, later)]
        assert numbers == [START_MS + 1, world.clock.ms]
        assert len(service.heard) == len(set(service.heard)) == 3


async def test_a_service_that_was_away_hears_all_in_order_a_hundred_at_a_time(
    tmp_path: Path,
) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        await service.__aexit__()
        assert await world.feed() == [False]
        said = [await say(ann, room_id) for _ in range(150)]
        await service.__aenter__()
        assert await world.feed() == [True]
        assert service.heard[2:] == said
        assert [len(asked.body["events"]) for asked in service.transactions] == [2, 100, 50]


async def test_the_old_path_is_taken_where_the_new_one_is_not_known(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        service.answers["*"] = (404, {"errcode": "M_UNRECOGNIZED"})

        await with_ghost(world, await world.person("ann"))
        assert await world.feed() == [False]
        new, old = service.asked
        assert old.path == new.path.removeprefix("/_matrix/app/v1")
        assert old.path.startswith("/transactions/")


async def test_a_service_that_wants_nothing_is_sent_nothing(tmp_path: Path) -> None:
    async with World(app_services=written(tmp_path, registration())) as world:
        assert await world.feed() == []


# -- What is not kept


async def test_receipts_and_typing_come_to_who_asked_for_them(tmp_path: Path) -> None:
    async with bridged(tmp_path, receive_ephemeral=True) as (world, service):
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await with_ghost(world, ann, bob)
        event_id = await say(ann, room_id)
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{event_id}")
        await ann.post(f"/rooms/{room_id}/receipt/m.read.private/{event_id}")
        typing = {"typing": True, "timeout": 30_000}
        await ann.put(f"/rooms/{room_id}/typing/{ann.user_id}", typing)
        await world.feed()
        receipt, typed = service.ephemeral
        assert (receipt["type"], receipt["room_id"]) == ("m.receipt", room_id)
        assert receipt["content"][event_id].keys() == {"m.read"}
        assert receipt["content"][event_id]["m.read"].keys() == {bob.user_id}
        content = {"user_ids": [ann.user_id]}
        assert typed == {"type": "m.typing", "room_id": room_id, "content": content}


async def test_a_private_receipt_comes_to_whose_it_is(tmp_path: Path) -> None:
    async with bridged(tmp_path, receive_ephemeral=True) as (world, service):
        ann = await world.person("ann")
        room_id = await with_ghost(world, ann)
        event_id = await say(ann, room_id)
        path = f"/rooms/{room_id}/receipt/m.read.private/{event_id}"
        assert (await bot_of(world).post(path, user_id=GHOST)).status == 200
        await world.feed()
        (receipt,) = service.ephemeral
        assert receipt["content"][event_id]["m.read.private"].keys() == {GHOST}


async def test_nobody_elses_rooms_are_heard_of_by_their_receipts_and_typing(
    tmp_path: Path,
) -> None:
    async with bridged(tmp_path, receive_ephemeral=True) as (world, service):
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        event_id = await say(ann, room_id)
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{event_id}")
        await ann.put(f"/rooms/{room_id}/typing/{ann.user_id}", {"typing": True, "timeout": 9000})
        await world.feed()
        assert service.transactions == []


async def test_the_presence_of_who_shares_a_room_is_heard(tmp_path: Path) -> None:
    async with LocalService() as service:
        files = written(tmp_path, registration(url=service.url, receive_ephemeral=True))
        async with World(app_services=files, presence=True) as world:
            await world.feed()
            ann, bob = await world.person("ann"), await world.person("bob")
            await with_ghost(world, ann)
            await world.feed()
            for person in (ann, bob):
                path = f"/presence/{person.user_id}/status"
                assert (await person.put(path, {"presence": "unavailable"})).status == 200
            await world.feed()
            told = [each for each in service.ephemeral if each["type"] == "m.presence"]
            assert {each["sender"] for each in told} == {ann.user_id}


# -- Keys


async def log_in_ghost(world: World) -> Person:
    """The ghost, with a device and a token of its own."""
    bot = await bot_with_ghost(world)
    identifier = {"type": "m.id.user", "user": GHOST}
    body = {"type": "m.login.application_service", "identifier": identifier, "device_id": "BRIDGE"}
    begun = await bot.post("/login", body)
    return Person(world, GHOST, DeviceId("BRIDGE"), begun["access_token"])


async def test_messages_to_devices_come_to_who_keeps_their_keys(tmp_path: Path) -> None:
    async with bridged(tmp_path, **{"org.matrix.msc3202": True}) as (world, service):
        ann, ghost = await world.person("ann"), await log_in_ghost(world)
        await with_keys(ghost, "one", "two")
        content: dict[str, Any] = {}
        messages = {GHOST: {"BRIDGE": content}, ann.user_id: {ann.device_id: content}}
        path = "/sendToDevice/m.dummy/1"
        assert (await ann.put(path, {"messages": messages})).status == 200
        assert await world.feed() == [True]
        (asked,) = service.transactions
        (message,) = asked.body[TO_DEVICE]
        assert (message["to_user_id"], message["to_device_id"]) == (GHOST, "BRIDGE")
        assert (message["sender"], message["content"]) == (ann.user_id, content)
        assert asked.body[KEY_COUNTS] == {GHOST: {"BRIDGE": {"signed_curve25519": 2}}}
        assert asked.body[FALLBACK_TYPES] == {GHOST: {"BRIDGE": []}}
        assert asked.body[DEVICE_LISTS] == {"changed": [GHOST], "left": []}
        assert "to_device" not in (await ghost.get("/sync")).body


async def test_a_message_that_a_service_did_not_take_stays(tmp_path: Path) -> None:
    async with bridged(tmp_path, **{"org.matrix.msc3202": True}) as (world, service):
        ann, _ = await world.person("ann"), await log_in_ghost(world)
        path = "/sendToDevice/m.dummy/1"
        await ann.put(path, {"messages": {GHOST: {"BRIDGE": {}}}})
        service.answers["*"] = (500, {})
        assert await world.feed() == [False]
        await world.restart()
        service.answers.clear()
        assert await world.feed() == [True]
        first, again = service.transactions
        assert first.body[TO_DEVICE] == again.body[TO_DEVICE] != []


async def test_the_devices_of_who_shares_a_room_are_heard_of(tmp_path: Path) -> None:
    async with bridged(tmp_path, **{"org.matrix.msc3202": True}) as (world, service):
        ann, eve = await world.person("ann"), await world.person("eve")
        await with_ghost(world, ann)
        await world.feed()
        await with_keys(ann)
        await with_keys(eve)
        await world.feed()
        assert service.transactions[-1].body[DEVICE_LISTS]["changed"] == [ann.user_id]


async def test_keys_are_not_heard_of_by_who_did_not_ask(tmp_path: Path) -> None:
    async with bridged(tmp_path, receive_ephemeral=True) as (world, service):
        ann, ghost = await world.person("ann"), await log_in_ghost(world)
        await ann.put("/sendToDevice/m.dummy/1", {"messages": {GHOST: {"BRIDGE": {}}}})
        await world.feed()
        assert service.transactions == []
        assert (await ghost.get("/sync"))["to_device"]["events"] != []


async def test_the_sender_of_a_service_hears_too(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann, bot = await world.person("ann"), bot_of(world)
        room_id = await create(ann, invite=[BOT])
        await bot.post(f"/rooms/{room_id}/join")
        event_id = await say(ann, room_id)
        await world.feed()
        assert service.heard[-1] == event_id
