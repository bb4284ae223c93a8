"""An application service of a test: its registration, and how it speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from privity.matrix.ids import DeviceId, UserId
from tests.world import SERVER_NAME, Person, World

AS_TOKEN = "the token that the service shows"
HS_TOKEN = "the token that the server shows"
BOT = UserId(f"@irc-bot:{SERVER_NAME}")
GHOST = UserId(f"@_irc_zoe:{SERVER_NAME}")
WITHOUT_LOG_IN = {"type": "m.login.application_service", "inhibit_login": True}


def registration(**more: Any) -> dict[str, Any]:
    """That of a bridge to IRC."""
    return {
        "id": "irc",
        "url": None,
        "as_token": AS_TOKEN,
        "hs_token": HS_TOKEN,
        "sender_localpart": "irc-bot",
        "namespaces": {
            "users": [{"exclusive": True, "regex": "@_irc_.*"}],
            "aliases": [{"exclusive": True, "regex": "#_irc_.*"}],
            "rooms": [],
        },
        "rate_limited": False,
        **more,
    }


def written(folder: Path, *registrations: dict[str, Any]) -> tuple[str, ...]:
    """The files of registrations, as `app_services` names them."""
    paths = []
    for number, each in enumerate(registrations):
        path = folder / f"{number}.yaml"
        path.write_text(yaml.safe_dump(each), "utf-8")
        paths.append(str(path))
    return tuple(paths)


def bot_of(world: World, token: str = AS_TOKEN) -> Person:
    """The service itself, speaking as its sender or, with `user_id=`, as somebody else."""
    return Person(world, BOT, DeviceId(""), token)


async def bot_with_ghost(world: World) -> Person:
    """The same, after it has made a user of its namespace."""
    bot = bot_of(world)
    made = await bot.post("/register", {**WITHOUT_LOG_IN, "username": "_irc_zoe"})
    assert made.body == {"user_id": GHOST}
    return bot
