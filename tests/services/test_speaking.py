"""Whom an application service speaks for, and whom it does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.keys.clients import Identity
from tests.rooms.talking import create, encrypted, room_of, say
from tests.services.bridge import (
    AS_TOKEN,
    BOT,
    GHOST,
    WITHOUT_LOG_IN,
    bot_of,
    bot_with_ghost,
    registration,
    written,
)
from tests.world import SERVER_NAME, START_MS, World

LOG_IN = {"type": "m.login.application_service"}


def world_of(folder: Path, **more: object) -> World:
    """A world with the bridge."""
    return World(app_services=written(folder, registration(**more)))


async def test_a_service_speaks_as_its_sender_from_the_first_time_on(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = bot_of(world)
        assert (await bot.get("/account/whoami")).body == {"user_id": BOT, "is_guest": False}
        assert (await bot.get(f"/profile/{BOT}"))["displayname"] == "irc-bot"
        await world.restart()
        assert (await bot_of(world).get("/account/whoami"))["user_id"] == BOT


async def test_a_service_speaks_for_those_it_made(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, ann = await bot_with_ghost(world), await world.person("ann")
        room_id = await create(ann, invite=[GHOST])
        assert (await bot.post(f"/rooms/{room_id}/join", user_id=GHOST)).status == 200
        path = f"/rooms/{room_id}/send/m.room.encrypted/1"
        event_id = (await bot.put(path, encrypted(), user_id=GHOST))["event_id"]
        assert (await ann.get(f"/rooms/{room_id}/event/{event_id}"))["sender"] == GHOST
        assert (await bot.put(path, encrypted(), user_id=GHOST))["event_id"] == event_id


@pytest.mark.parametrize(
    "user", ["@ann:privity.test", "@_irc_nobody:privity.test", "@_irc_zoe:elsewhere", "nonsense"]
)
async def test_a_service_speaks_for_nobody_else(tmp_path: Path, user: str) -> None:
    async with world_of(tmp_path) as world:
        await world.person("ann")
        bot = await bot_with_ghost(world)
        refused = await bot.get("/account/whoami", user_id=user)
        assert refused.refusal == (403, "M_FORBIDDEN")


async def test_a_person_cannot_speak_as_somebody_else(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        await bot_with_ghost(world)
        ann = await world.person("ann")
        assert (await ann.get("/account/whoami", user_id=GHOST))["user_id"] == ann.user_id


async def test_what_a_service_is_kept_under_is_no_token(tmp_path: Path) -> None:
    async with World(
        app_services=written(tmp_path, registration()), unsafe_query_tokens=True
    ) as world:
        await bot_with_ghost(world)
        for token in (f"irc\0{BOT}\0", f"{BOT}\0", BOT):
            refused = await world.request("GET", "/account/whoami", query={"access_token": token})
            assert refused.refusal == (401, "M_UNKNOWN_TOKEN")


async def test_a_service_speaks_through_a_device_that_is_theirs(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = await bot_with_ghost(world)
        ghostly = {"user_id": GHOST, "device_id": "BRIDGE"}
        unknown = await bot.get("/account/whoami", **ghostly)
        assert unknown.refusal == (400, "M_UNKNOWN_DEVICE")
        assert (await bot.put("/devices/BRIDGE", {}, user_id=GHOST)).status == 201
        assert (await bot.put("/devices/BRIDGE", {"display_name": "x"}, **ghostly)).status == 200
        assert (await bot.get("/account/whoami", **ghostly))["device_id"] == "BRIDGE"
        assert (await bot.delete("/devices/BRIDGE", user_id=GHOST)).status == 200
        unknown = await bot.get("/account/whoami", **ghostly)
        assert unknown.refusal == (400, "M_UNKNOWN_DEVICE")


async def test_a_person_makes_no_device_by_naming_it(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        ann = await world.person("ann")
        assert (await ann.put("/devices/NEW", {})).refusal == (404, "M_NOT_FOUND")


async def test_keys_are_a_devices(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = await bot_with_ghost(world)
        assert (await bot.post("/keys/upload", {}, user_id=GHOST)).refusal == (400, "M_UNKNOWN")


async def test_a_service_replaces_the_identity_of_those_it_speaks_for(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = await bot_with_ghost(world)
        for _ in range(2):
            body = Identity(GHOST).body()
            answer = await bot.post("/keys/device_signing/upload", body, user_id=GHOST)
            assert answer.status == 200, answer.body


async def test_whoever_is_locked_says_nothing_through_a_service(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, boss = await bot_with_ghost(world), await world.person("boss", admin=True)
        assert (await bot.get("/account/whoami", user_id=GHOST)).status == 200
        lock = f"/_matrix/client/v1/admin/lock/{GHOST}"
        assert (await boss.put(lock, {"locked": True})).status == 200
        locked = await bot.get("/account/whoami", user_id=GHOST)
        assert locked.refusal == (401, "M_USER_LOCKED")


async def test_a_service_has_no_administrators_rights(tmp_path: Path) -> None:
    everybody = {"users": [{"exclusive": False, "regex": "@.*"}]}
    async with world_of(tmp_path, namespaces=everybody) as world:
        boss, ann = await world.person("boss", admin=True), await world.person("ann")
        lock = f"/_matrix/client/v1/admin/lock/{ann.user_id}"
        refused = await bot_of(world).put(lock, {"locked": True}, user_id=boss.user_id)
        assert refused.refusal == (403, "M_FORBIDDEN")


async def test_an_event_of_a_service_happened_when_it_says(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, ann = await bot_with_ghost(world), await world.person("ann")
        room_id = await create(bot, invite=[ann.user_id])
        await ann.post(f"/rooms/{room_id}/join")
        path = f"/rooms/{room_id}/send/m.room.encrypted"
        sent = [
            (await bot.put(f"{path}/1", encrypted(), ts=5))["event_id"],
            (await ann.put(f"{path}/2", encrypted(), ts=5))["event_id"],
            (await bot.put(f"/rooms/{room_id}/state/m.room.topic", {"topic": ""}, ts=6)).body.get(
                "event_id"
            ),
        ]
        events = [(await ann.get(f"/rooms/{room_id}/event/{event_id}")).body for event_id in sent]
        assert [event["origin_server_ts"] for event in events] == [5, START_MS, 6]
        refused = await bot.put(f"{path}/3", encrypted(), ts="soon")
        assert refused.refusal == (400, "M_INVALID_PARAM")


# -- Accounts


async def test_a_service_makes_users_of_its_namespace_only(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = await bot_with_ghost(world)
        again = await bot.post("/register", {**WITHOUT_LOG_IN, "username": "_irc_zoe"})
        assert again.refusal == (400, "M_USER_IN_USE")
        other = await bot.post("/register", {**WITHOUT_LOG_IN, "username": "zoe"})
        assert other.refusal == (400, "M_EXCLUSIVE")
        unnamed = await bot.post("/register", WITHOUT_LOG_IN)
        assert unnamed.refusal == (400, "M_MISSING_PARAM")
        begun = await bot.post("/register", {**LOG_IN, "username": "_irc_tom"})
        assert set(begun.body) >= {"user_id", "access_token", "device_id"}


async def test_people_make_no_users_of_an_exclusive_namespace(tmp_path: Path) -> None:
    async with World(
        app_services=written(tmp_path, registration()), unsafe_open_registration=True
    ) as world:
        for name in ("_irc_ann", "irc-bot"):
            body = {"username": name, "password": "long enough", "auth": {"type": "m.login.dummy"}}
            refused = await world.request("POST", "/register", body)
            assert refused.refusal == (400, "M_EXCLUSIVE")
            asked = {"username": name}
            refused = await world.request("GET", "/register/available", query=asked)
            assert refused.refusal == (400, "M_EXCLUSIVE")


@pytest.mark.parametrize("path", ["/register", "/login"])
async def test_only_a_service_goes_the_road_of_services(tmp_path: Path, path: str) -> None:
    async with world_of(tmp_path) as world:
        ann = await world.person("ann")
        identifier = {"type": "m.id.user", "user": "_irc_x"}
        body = {**LOG_IN, "username": "_irc_x", "identifier": identifier}
        missing = await world.request("POST", path, body)
        assert missing.refusal == (401, "M_MISSING_TOKEN")
        for token in ("nobody's", ann.token):
            unknown = await world.request("POST", path, body, token=token)
            assert unknown.refusal == (401, "M_UNKNOWN_TOKEN")


async def test_a_service_logs_in_those_it_speaks_for(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot = await bot_with_ghost(world)
        assert LOG_IN in (await world.request("GET", "/login"))["flows"]
        begun = await bot.post("/login", {**LOG_IN, "identifier": user(GHOST)})
        whoami = await world.request("GET", "/account/whoami", token=begun["access_token"])
        assert whoami["user_id"] == GHOST
        unmade = await bot.post("/login", {**LOG_IN, "identifier": user("_irc_nobody")})
        assert unmade.refusal == (403, "M_FORBIDDEN")
        other = await bot.post("/login", {**LOG_IN, "identifier": user("ann")})
        assert other.refusal == (403, "M_EXCLUSIVE")


def user(name: str) -> dict[str, str]:
    """How a log-in names somebody."""
    return {"type": "m.id.user", "user": name}


async def test_a_service_ends_whom_it_made_and_nobody_else(tmp_path: Path) -> None:
    spaces = {
        "users": [
            {"exclusive": True, "regex": "@_irc_.*"},
            {"exclusive": False, "regex": "@.*"},
        ]
    }
    async with world_of(tmp_path, namespaces=spaces) as world:
        bot, ann = await bot_with_ghost(world), await world.person("ann")
        assert (await bot.post("/account/deactivate", user_id=ann.user_id)).status == 401
        assert (await bot.post("/account/deactivate", user_id=GHOST)).status == 200
        over = await bot.get("/account/whoami", user_id=GHOST)
        assert over.refusal == (403, "M_USER_DEACTIVATED")


async def test_a_ghost_waits_for_news_like_anybody(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, ann = await bot_with_ghost(world), await world.person("ann")
        since = (await bot.get("/sync", user_id=GHOST))["next_batch"]
        waits = asyncio.create_task(bot.get("/sync", since=since, timeout=30_000, user_id=GHOST))
        await asyncio.sleep(0)
        room_id = await create(ann, invite=[GHOST])
        assert room_id in (await waits)["rooms"]["invite"]


# -- Aliases


async def test_aliases_of_a_namespace_are_the_services_alone(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, ann = bot_of(world), await world.person("ann")
        room_id = await create(ann)
        path, body = f"/directory/room/#_irc_tea:{SERVER_NAME}", {"room_id": room_id}
        assert (await ann.put(path, body)).refusal == (400, "M_EXCLUSIVE")
        made = await ann.post("/createRoom", {"room_alias_name": "_irc_tea"})
        assert made.refusal == (400, "M_EXCLUSIVE")
        assert (await bot.put(path, body)).status == 200
        assert (await ann.delete(path)).refusal == (400, "M_EXCLUSIVE")
        assert (await bot.delete(path)).status == 200
        other = await bot.put(f"/directory/room/#tea:{SERVER_NAME}", body)
        assert other.refusal == (400, "M_EXCLUSIVE")


# -- Pace


async def test_requests_of_a_service_are_counted_if_its_registration_says_so(
    tmp_path: Path,
) -> None:
    for is_paced in (False, True):
        async with world_of(tmp_path, rate_limited=is_paced) as world:
            bot, ann = await bot_with_ghost(world), await world.person("ann")
            room_id = await room_of(ann)
            await ann.post(f"/rooms/{room_id}/invite", {"user_id": GHOST})
            await bot.post(f"/rooms/{room_id}/join", user_id=GHOST)
            path = f"/rooms/{room_id}/send/m.room.encrypted"
            answers = [await bot.put(f"{path}/{n}", encrypted(), user_id=GHOST) for n in range(201)]
            assert (answers[-1].status == 429) is is_paced
            await say(ann, room_id)


async def test_nobody_else_is_let_off_because_a_service_was(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        bot, ann = bot_of(world), await world.person("ann")
        room_id = await create(ann)
        statuses = set()
        for n in range(201):
            await bot.get("/account/whoami")
            path = f"/rooms/{room_id}/send/m.room.encrypted/{n}"
            statuses.add((await ann.put(path, encrypted())).status)
        assert statuses == {200, 429}


async def test_a_token_of_a_service_in_the_header_is_what_counts(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        refused = await world.request(
            "GET", "/account/whoami", query={"access_token": AS_TOKEN, "user_id": BOT}
        )
        assert refused.refusal == (401, "M_MISSING_TOKEN")
