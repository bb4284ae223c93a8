"""Every main screen, looked at by axe: nothing that it knows to be in somebody's way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Arrive
from tests.web.rooms import direct_room
from tests.web.visitor import PHONE, Visitor

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
ANNOUNCED = "[data-live-announcer]"
"""What a library has read out, for a moment: it may name a button that is gone by then."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


async def in_the_way(person: Visitor) -> list[Any]:
    """What axe finds on the page: the rule, and where."""
    await person.page.evaluate(await asyncio.to_thread(AXE.read_text, "utf-8"))
    found = await person.page.evaluate(
        "([rules, without]) => axe.run("
        "{ exclude: [[without]] }, { runOnly: { type: 'tag', values: rules } })",
        [RULES, ANNOUNCED],
    )
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_in_anybodys_way(visitor: Arrive, scheme: str) -> None:
    ann = visitor("ann", color_scheme=scheme)
    bob = visitor("bob", color_scheme=scheme, viewport=PHONE)
    await ann.open()
    await ann.sees("Welcome back")
    assert await in_the_way(ann) == []
    await ann.open(f"#/invite/{ann.server.invite('cleo@example.org')}")
    await ann.sees("Join privity.test")
    assert await in_the_way(ann) == []
    await ann.register()
    await bob.register()
    assert await in_the_way(ann) == []
    await asyncio.to_thread(direct_room, ann, bob)
    await ann.enter("bob")
    await bob.enter("ann")
    await ann.say("hello **there** https://example.org/")
    await bob.sees("hello")
    assert await in_the_way(ann) == []
    assert await in_the_way(bob) == []
    await ann.page.get_by_role("button", name="About this conversation").click()
    await ann.sees("Keep it at the top")
    assert await in_the_way(ann) == []
    for page in ("profile", "appearance", "privacy", "sessions", "about"):
        await bob.open(f"#/settings/{page}")
        await bob.sees("Settings")
        assert await in_the_way(bob) == []
