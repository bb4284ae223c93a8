"""Two people talk."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Locator, expect

from tests.web.conftest import Arrive
from tests.web.rooms import direct_room
from tests.web.visitor import PHONE, Visitor

Pair = tuple[Visitor, Visitor]


@pytest.fixture
async def pair(visitor: Arrive) -> Pair:
    """Ann at her desk and Bob on his phone, in a direct chat that both have open."""
    ann, bob = visitor("ann"), visitor("bob", viewport=PHONE, color_scheme="dark", has_touch=True)
    await ann.register()
    await bob.register()
    await asyncio.to_thread(direct_room, ann, bob)
    await ann.enter("bob")
    await bob.enter("ann")
    return ann, bob


def message(person: Visitor, text: str) -> Locator:
    """The message that says this."""
    return person.page.get_by_role("article").filter(has_text=text)


async def test_what_one_says_the_other_reads_and_answers(pair: Pair) -> None:
    ann, bob = pair
    await ann.say("Hello Bob, **this** is https://example.org/")
    await bob.sees("Hello Bob")
    await expect(message(bob, "Hello Bob").locator("strong")).to_have_text("this")
    await bob.say("Hello Ann")
    await ann.sees("Hello Ann")
    await ann.shoot("talk")
    await bob.shoot("talk-phone-dark")


async def test_a_message_is_replied_to_reacted_to_changed_and_removed(pair: Pair) -> None:
    ann, bob = pair
    await ann.say("Shall we meat?")
    await bob.sees("Shall we meat?")
    await bob.page.get_by_role("textbox").focus()
    await message(bob, "Shall we meat?").focus()
    await message(bob, "Shall we meat?").get_by_role("button", name="Reply").click()
    await bob.say("At noon")
    await expect(message(ann, "At noon").get_by_role("button", name="ann")).to_be_visible()
    await message(ann, "At noon").hover()
    await message(ann, "At noon").get_by_role("button", name="React").click()
    await ann.page.get_by_placeholder("Search").fill("thumbs up")
    await ann.page.get_by_role("gridcell", name="thumbs up").first.click()
    await expect(message(bob, "At noon").get_by_role("button", name="👍")).to_be_visible()
    await ann.page.get_by_role("textbox", name="Write to").press("ArrowUp")
    await ann.page.get_by_role("textbox", name="Write to").fill("Shall we meet?")
    await ann.page.keyboard.press("Enter")
    await bob.sees("Shall we meet?")
    await bob.sees("edited")
    await ann.shoot("talk-reply-reaction-edit")
    await message(ann, "Shall we meet?").first.hover()
    await message(ann, "Shall we meet?").get_by_role("button", name="More").first.click()
    await ann.page.get_by_role("menuitem", name="Remove").click()
    await (
        ann.page.get_by_role("alertdialog")
        .or_(ann.page.get_by_role("dialog"))
        .get_by_role("button", name="Remove")
        .click()
    )
    await bob.sees("This message was removed.")


async def test_a_draft_is_there_after_a_reload(pair: Pair) -> None:
    ann, _ = pair
    await ann.page.get_by_role("textbox", name="Write to").fill("not finished")
    await ann.page.wait_for_timeout(600)
    await ann.page.reload()
    await expect(ann.page.get_by_role("textbox", name="Write to")).to_have_value("not finished")


async def test_the_server_dies_in_the_middle_and_nothing_is_lost(pair: Pair) -> None:
    ann, bob = pair
    await ann.say("before")
    await bob.sees("before")
    ann.server.kill()
    ann.minds_nothing = bob.minds_nothing = True
    await ann.say("while nobody was there")
    await ann.sees("Waits for the connection")
    await ann.page.goto("about:blank")
    ann.server.start()
    await ann.open()
    await ann.enter("bob")
    await bob.sees("while nobody was there")
    await expect(message(bob, "while nobody was there")).to_have_count(1)
    await expect(message(ann, "while nobody was there")).to_have_count(1)


async def test_a_link_that_says_another_place_is_asked_about(pair: Pair) -> None:
    ann, bob = pair
    await ann.say("[bank.example](https://evil.example/)")
    await message(bob, "bank.example").get_by_role("link").click()
    await bob.sees("Open evil.example?")
    await bob.shoot("link-asked-phone-dark")
