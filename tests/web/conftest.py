"""What stories in the browser need: the client's build, and Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from privity.api.pages import FOLDER
from tests.homeserver import Homeserver
from tests.web.visitor import Visitor

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
FAST = "unsafe_fast_password_hash = true\n"
SHOTS = Path(__file__).parents[2] / ".cache" / "screenshots"

Arrive = Callable[..., Visitor]


@pytest.fixture
def web_server(tmp_path: Path) -> Iterator[Homeserver]:
    """A server that carries the client, with its defaults but for how long a password takes."""
    assert (FOLDER / "index.html").is_file(), "the browser client is not built: make web"
    with Homeserver(tmp_path / "homeserver", config=FAST) as server:
        yield server


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window. CI has one, or fails."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        is_root = os.geteuid() == 0
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*SWITCHES, *(["--no-sandbox"] if is_root else [])]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(
    web_server: Homeserver, browser: Browser
) -> AsyncIterator[Callable[..., Visitor]]:
    """Makes people, each in a browser of their own; what any page complained of fails the test."""
    made: list[Visitor] = []

    def make(name: str, **options: object) -> Visitor:
        person = Visitor(web_server, browser, name, SHOTS, options)
        made.append(person)
        return person

    yield make
    for person in made:
        await person.leave()
    assert [complaint for person in made for complaint in person.complaints] == []
