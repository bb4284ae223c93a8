"""What a service asks of the server for itself, and what the server asks of a service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.rooms.talking import create
from tests.services.bridge import (
    GHOST,
    HS_TOKEN,
    WITHOUT_LOG_IN,
    Asked,
    LocalService,
    bot_of,
    bot_with_ghost,
    registration,
    written,
)
from tests.world import SERVER_NAME, World

PING = "/_matrix/client/v1/appservice/irc/ping"
ALIAS = f"#_irc_tea:{SERVER_NAME}"
OTHER = {"id": "xmpp", "as_token": "another", "sender_localpart": "xmpp-bot", "namespaces": {}}
IRC: dict[str, Any] = {
    "user_fields": ["nickname"],
    "location_fields": ["channel"],
    "icon": "mxc://example.org/irc",
    "field_types": {"nickname": {"regexp": ".*", "placeholder": "nick"}},
    "instances": [{"desc": "Libera", "network_id": "libera", "fields": {}}],
}


@asynccontextmanager
async def bridged(
    folder: Path, *others: dict[str, Any], **more: Any
) -> AsyncIterator[tuple[World, LocalService]]:
    """A world with a service that listens."""
    async with LocalService() as service:
        ours = registration(**{"url": service.url, "protocols": ["irc"], **more})
        async with World(app_services=written(folder, ours, *others)) as world:
            yield world, service


# -- Ping


async def test_a_ping_says_how_long_it_took(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        answer = await bot_of(world).post(PING, {"transaction_id": "meow"})
        assert answer.status == 200
        assert answer["duration_ms"] >= 0
        (asked,) = service.asked
        expected = ("POST", "/_matrix/app/v1/ping", f"Bearer {HS_TOKEN}")
        assert (asked.method, asked.path, asked.authorization) == expected
        assert asked.body == {"transaction_id": "meow"}


async def test_a_ping_says_what_a_service_answered_instead(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        service.answers["*"] = (403, {"errcode": "M_FORBIDDEN"})
        answer = await bot_of(world).post(PING, {})
        assert answer.refusal == (502, "M_BAD_STATUS")
        assert (answer["status"], answer["body"]) == (403, '{"errcode": "M_FORBIDDEN"}')


async def test_a_ping_says_that_a_service_is_not_there(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        await service.__aexit__()
        assert (await bot_of(world).post(PING)).refusal == (502, "M_CONNECTION_FAILED")


async def test_a_ping_says_that_a_service_is_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.accounts.ping_service.ASK_WITHIN_S", 0.05)
    async with bridged(tmp_path) as (world, service):
        is_over = asyncio.Event()

        async def think(_: Asked) -> None:
            await is_over.wait()

        service.on_ask = think
        answer = await bot_of(world).post(PING)
        is_over.set()
        assert answer.refusal == (504, "M_CONNECTION_TIMEOUT")


async def test_a_service_pings_only_itself(tmp_path: Path) -> None:
    async with bridged(tmp_path, registration(**OTHER)) as (world, _):
        for person in (await world.person("ann"), bot_of(world, "another")):
            assert (await person.post(PING)).refusal == (403, "M_FORBIDDEN")
        path = PING.replace("irc", "xmpp")
        assert (await bot_of(world, "another").post(path)).refusal == (400, "M_URL_NOT_SET")


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        service.answers["/_matrix/app/v1/ping"] = (307, "")
        answer = await bot_of(world).post(PING)
        assert answer.refusal == (502, "M_BAD_STATUS")
        assert len(service.asked) == 1


# -- Whom and what a service is to make


async def test_an_unknown_user_of_a_namespace_is_asked_for(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann, bot = await world.person("ann"), bot_of(world)

        async def make(asked: Asked) -> None:
            assert asked.path == f"/_matrix/app/v1/users/{GHOST}"
            await bot.post("/register", {**WITHOUT_LOG_IN, "username": "_irc_zoe"})

        service.on_ask = make
        assert (await ann.get(f"/profile/{GHOST}"))["displayname"] == "_irc_zoe"
        await ann.get(f"/profile/{GHOST}")
        assert len(service.asked) == 1


async def test_a_user_that_a_service_does_not_make_is_not_there(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        service.answers["*"] = (404, {"errcode": "M_NOT_FOUND"})
        assert (await ann.get(f"/profile/{GHOST}")).refusal == (404, "M_NOT_FOUND")
        assert len(service.asked) == 1
        assert (await ann.get(f"/profile/@nobody:{SERVER_NAME}")).status == 404
        assert len(service.asked) == 1


async def test_nobody_has_a_service_asked_without_end(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        service.answers["*"] = (404, {"errcode": "M_NOT_FOUND"})
        answers = [await ann.get(f"/profile/@_irc_{n}:{SERVER_NAME}") for n in range(51)]
        assert [answer.status for answer in answers] == [404] * 50 + [429]
        assert len(service.asked) == 50


async def test_who_is_invited_is_made_first(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann, bot = await world.person("ann"), bot_of(world)

        async def make(_: Asked) -> None:
            await bot.post("/register", {**WITHOUT_LOG_IN, "username": "_irc_zoe"})

        service.on_ask = make
        room_id = await create(ann, invite=[GHOST])
        assert (await bot.post(f"/rooms/{room_id}/join", user_id=GHOST)).status == 200


async def test_an_unknown_alias_of_a_namespace_is_asked_for(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann, bot = await world.person("ann"), bot_of(world)
        made: list[str] = []

        async def make(asked: Asked) -> None:
            assert asked.path == f"/_matrix/app/v1/rooms/{ALIAS}"
            made.append(await create(bot, room_alias_name="_irc_tea", preset="public_chat"))

        service.on_ask = make
        assert (await ann.post(f"/join/{ALIAS.replace('#', '%23')}")).body == {"room_id": made[0]}


async def test_a_service_that_is_away_makes_nothing(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        await service.__aexit__()
        path = f"/directory/room/{ALIAS.replace('#', '%23')}"
        assert (await ann.get(path)).refusal == (404, "M_NOT_FOUND")


# -- Networks


async def test_the_networks_that_services_bridge_are_told_of(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        service.answers["/_matrix/app/v1/thirdparty/protocol/irc"] = (200, IRC)
        instance = {**IRC["instances"][0], "instance_id": "irc|libera"}
        told = {**IRC, "instances": [instance]}
        assert (await ann.get("/thirdparty/protocols")).body == {"irc": told}
        assert (await ann.get("/thirdparty/protocol/irc")).body == told
        assert (await ann.get("/thirdparty/protocol/xmpp")).refusal == (404, "M_NOT_FOUND")


async def test_without_services_there_are_no_networks() -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await ann.get("/thirdparty/protocols")).body == {}
        for path in ("protocol/irc", "user/irc", "location/irc", "user?userid=", "location?alias="):
            name, _, query = path.partition("?")
            more = {query.rstrip("="): f"@ann:{SERVER_NAME}"} if query else {}
            answer = await ann.get(f"/thirdparty/{name}", **more)
            assert answer.refusal == (404, "M_NOT_FOUND")
        assert (await ann.get("/thirdparty/user")).refusal == (400, "M_MISSING_PARAM")


@pytest.mark.parametrize("told", [{}, [], "words", {**IRC, "icon": 7}, {**IRC, "instances": {}}])
async def test_what_a_service_tells_in_a_wrong_form_is_left_out(tmp_path: Path, told: Any) -> None:
    async with bridged(tmp_path) as (world, service):
        service.answers["*"] = (200, told)
        ann = await world.person("ann")
        assert (await ann.get("/thirdparty/protocols")).body == {}
        assert (await ann.get("/thirdparty/user/irc")).status == 404


async def test_people_and_places_of_a_network_are_looked_up(tmp_path: Path) -> None:
    async with bridged(tmp_path) as (world, service):
        ann = await world.person("ann")
        person = {"userid": GHOST, "protocol": "irc", "fields": {"nickname": "zoe"}}
        place = {"alias": ALIAS, "protocol": "irc", "fields": {"channel": "#tea"}}
        root = "/_matrix/app/v1/thirdparty"
        service.answers[f"{root}/user/irc"] = (200, [{**person, "more": 1}, {"userid": 7}])
        service.answers[f"{root}/location"] = (200, [place])
        assert (await ann.get("/thirdparty/user/irc", nickname="zoe")).body == [person]
        assert service.asked[-1].query == {"nickname": "zoe"}
        assert (await ann.get("/thirdparty/location", alias=ALIAS)).body == [place]
        assert service.asked[-1].query == {"alias": ALIAS}


async def test_a_service_keeps_the_directory_of_its_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bridged(tmp_path) as (world, _):
        ann, bot = await world.person("ann"), await bot_with_ghost(world)
        room_id = await create(ann, name="tea", preset="public_chat")
        path = f"/directory/list/appservice/libera/{room_id}"

        async def listed(**body: Any) -> list[str]:
            found = await ann.post("/publicRooms", body)
            return [room["room_id"] for room in found["chunk"]]

        assert (await ann.put(path, {"visibility": "public"})).refusal == (403, "M_FORBIDDEN")
        assert (await bot.put(path, {"visibility": "public"})).status == 200
        assert await listed() == []
        assert await listed(third_party_instance_id="irc|libera") == [room_id]
        assert await listed(third_party_instance_id="irc|other") == []
        assert await listed(include_all_networks=True) == [room_id]
        assert (await bot.put(path, {"visibility": "private"})).status == 200
        assert await listed(third_party_instance_id="irc|libera") == []
        assert (await bot.put(path, {"visibility": "public"})).status == 200
        assert (await bot.delete(path)).status == 200
        assert await listed(third_party_instance_id="irc|libera") == []
        monkeypatch.setattr("privity.rooms.directory.MOST_IN_NETWORKS", 0)
        assert (await bot.put(path, {"visibility": "public"})).refusal == (403, "M_FORBIDDEN")
        nowhere = path.replace(room_id, "!nowhere:privity.test")
        assert (await bot.put(nowhere, {"visibility": "public"})).refusal == (404, "M_NOT_FOUND")
