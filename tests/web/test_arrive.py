"""From the invitation's link to being in, and back by password."""

from __future__ import annotations

from tests.web.conftest import Arrive
from tests.web.visitor import PHONE


async def test_who_opens_the_invitation_and_chooses_a_password_is_in(visitor: Arrive) -> None:
    ann = visitor("ann")
    await ann.register()
    await ann.shoot("home-first")


async def test_a_password_that_is_easy_to_guess_is_not_taken(visitor: Arrive) -> None:
    ann = visitor("ann", viewport=PHONE)
    page = await ann.open(f"#/invite/{ann.server.invite('ann@example.org')}")
    await page.get_by_label("Name").fill("ann")
    await page.get_by_label("Password").fill("password12345")
    await page.get_by_role("button", name="Join").click()
    await ann.sees("That is too easy to guess")
    await ann.shoot("register-too-weak-phone")


async def test_a_wrong_password_is_told_in_plain_words(visitor: Arrive) -> None:
    ann = visitor("ann", color_scheme="dark")
    await ann.log_in("not the password")
    await ann.sees("The name or the password is not right.")
    await ann.shoot("login-wrong-dark")
