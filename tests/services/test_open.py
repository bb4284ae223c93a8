"""With every unsafe_ switch on, services find what they know from open servers."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from privity.config import Config
from tests.rooms.talking import create
from tests.services.bridge import AS_TOKEN, BOT, GHOST, LocalService, registration, written
from tests.world import SERVER_NAME, World

SWITCHES: dict[str, Any] = {
    key.name: True for key in fields(Config) if key.name.startswith("unsafe_") and not key.default
} | {"unsafe_default_room_version": "10"}


async def test_a_token_in_the_address_speaks_for_whom_the_address_names(tmp_path: Path) -> None:
    async with LocalService() as service:
        files = written(tmp_path, registration(url=service.url))
        async with World(app_services=files, **SWITCHES) as world:
            await world.feed()
            token = {"access_token": AS_TOKEN}
            body = {"type": "m.login.application_service", "username": "_irc_zoe"}
            begun = await world.request("POST", "/register", body, query=token)
            assert begun["user_id"] == GHOST
            ann = await world.person("ann")
            room_id = await create(ann, preset="public_chat")
            for user_id in (BOT, GHOST):
                path, query = f"/rooms/{room_id}/join", {**token, "user_id": user_id}
                assert (await world.request("POST", path, {}, query=query)).status == 200
            path = f"/rooms/{room_id}/send/m.room.message/1"
            words = {"msgtype": "m.text", "body": "tea?"}
            sent = await world.request("PUT", path, words, query={**token, "ts": 5})
            await world.feed()
            assert service.heard[-1] == sent["event_id"]
            assert service.events[-1]["origin_server_ts"] == 5


async def test_a_name_and_an_avatar_are_set_for_a_ghost_and_for_nobody_else(tmp_path: Path) -> None:
    async with World(app_services=written(tmp_path, registration()), **SWITCHES) as world:
        await world.person("ann")
        body = {"type": "m.login.application_service", "username": "_irc_zoe"}
        await world.request("POST", "/register", body, token=AS_TOKEN)
        for name, value in (("displayname", "Zoë"), ("avatar_url", "mxc://example.org/zoe")):
            path, query = f"/profile/{GHOST}/{name}", {"user_id": GHOST}
            put = await world.request("PUT", path, {name: value}, token=AS_TOKEN, query=query)
            assert put.status == 200
            assert (await world.request("GET", path)).body == {name: value}
            other = f"/profile/@ann:{SERVER_NAME}/{name}"
            refused = await world.request("PUT", other, {name: value}, token=AS_TOKEN)
            assert refused.refusal == (403, "M_FORBIDDEN")


async def test_a_ghost_must_be_made_before_it_joins(tmp_path: Path) -> None:
    async with World(app_services=written(tmp_path, registration()), **SWITCHES) as world:
        room_id = await create(await world.person("ann"), preset="public_chat")
        path, query = f"/rooms/{room_id}/join", {"user_id": GHOST}
        refused = await world.request("POST", path, {}, token=AS_TOKEN, query=query)
        assert refused.refusal == (403, "M_FORBIDDEN")
