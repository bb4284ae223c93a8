"""A person in front of the client: what they do, and what they see, by its names on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.homeserver import Homeserver

PASSWORD = "quite unguessable otter parade"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
MOST_WAIT_MS = 20_000
EXPECTED = ("Failed to load resource",)
"""The browser says so of every 4xx, and a 404 for what nobody set yet is no error."""


class Visitor:
    """One person, one browser profile, one page."""

    def __init__(
        self,
        server: Homeserver,
        browser: Browser,
        name: str,
        shots: Path,
        options: dict[str, Any],
    ) -> None:
        self.server = server
        self.name = name
        self.user_id = f"@{name}:privity.test"
        self.complaints: list[str] = []
        self.minds_nothing = False
        """Set by a story in which the server is away: the browser says so of each request."""
        self.page: Page
        self._browser = browser
        self._shots = shots
        self._options = {"viewport": DESKTOP, "locale": "en", **options}
        self._context: BrowserContext | None = None

    async def open(self, hash_: str = "") -> Page:
        """The client at this place of it, in this person's browser."""
        if self._context is None:
            self._context = await self._browser.new_context(**self._options)
            self._context.set_default_timeout(MOST_WAIT_MS)
            self._context.on("request", self._heard)
            self.page = await self._context.new_page()
            self.page.on("console", self._said)
            self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await self.page.goto(f"{self.server.url}/{hash_}")
        return self.page

    async def register(self, *, admin: bool = False) -> None:
        """From the invitation's link to being in."""
        token = self.server.invite(f"{self.name}@example.org", admin=admin)
        page = await self.open(f"#/invite/{token}")
        await page.get_by_label("Name").fill(self.name)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Join").click()
        await self.sees_home()

    async def log_in(self, password: str = PASSWORD) -> None:
        """With name and password."""
        page = await self.open()
        await page.get_by_label("Name").fill(self.name)
        await page.get_by_label("Password").fill(password)
        await page.get_by_role("button", name="Log in").click()

    async def sees_home(self) -> None:
        """The conversations are there."""
        conversations = self.page.get_by_role("navigation", name="Conversations")
        await expect(conversations).to_be_visible(timeout=MOST_WAIT_MS)

    async def enter(self, room: str) -> None:
        """Open a conversation of the list."""
        await self.page.get_by_role("row", name=room).first.click()

    async def say(self, text: str) -> None:
        """Write it, and send it."""
        field = self.page.get_by_role("textbox", name="Write to")
        await field.fill(text)
        await field.press("Enter")

    async def sees(self, text: str) -> None:
        """This text stands somewhere on the page."""
        shown = self.page.get_by_text(text).filter(visible=True).first
        await expect(shown).to_be_visible(timeout=MOST_WAIT_MS)

    async def shoot(self, name: str) -> None:
        """Keep a picture of the page, to be looked at."""
        self._shots.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=self._shots / f"{name}.png")

    async def leave(self) -> None:
        """Close the browser."""
        if self._context is not None:
            await self._context.close()

    def _said(self, message: ConsoleMessage) -> None:
        is_bad = message.type in {"error", "warning"}
        if is_bad and not self.minds_nothing and not message.text.startswith(EXPECTED):
            self.complaints.append(f"{self.name}: {message.text}")

    def _heard(self, request: Request) -> None:
        is_own = request.url.startswith((self.server.url, "blob:", "data:"))
        if not is_own:
            self.complaints.append(f"{self.name}: asked a third party: {request.url}")
