"""Conversations are begun, and people are invited to them."""

from __future__ import annotations

from playwright.async_api import expect

from tests.web.conftest import Arrive
from tests.web.visitor import PHONE, Visitor


async def begin(person: Visitor, *names: str, called: str = "") -> None:
    """A new conversation with these people."""
    page = person.page
    await page.get_by_role("button", name="New conversation").click()
    for name in names:
        await page.get_by_label("Who?").fill(name)
        await page.get_by_role("option", name=name).first.click()
    if called:
        await page.get_by_label("Name of the conversation").fill(called)
    await page.get_by_role("button", name="Begin" if len(names) > 1 else "Write").last.click()
    await expect(page.get_by_role("textbox", name="Write to")).to_be_visible()


async def test_from_two_invitations_to_the_first_message_and_its_answer(visitor: Arrive) -> None:
    ann, bob = visitor("ann"), visitor("bob", viewport=PHONE)
    await ann.register()
    await bob.register()
    await begin(ann, "bob")
    await ann.say("Good morning")
    await bob.enter("ann")
    await bob.sees("@ann:privity.test invites you")
    await bob.shoot("invitation-phone")
    await bob.page.get_by_role("button", name="Accept").click()
    await expect(bob.page.get_by_role("textbox", name="Write to")).to_be_visible()
    await ann.sees("bob joined")
    await ann.say("There you are")
    await bob.sees("There you are")
    await bob.say("Here I am")
    await ann.sees("Here I am")


async def test_a_group_has_a_name_roles_and_a_way_out(visitor: Arrive) -> None:
    ann, bob, cleo = visitor("ann"), visitor("bob"), visitor("cleo")
    for person in (ann, bob, cleo):
        await person.register()
    await begin(ann, "bob", "cleo", called="Minutes")
    for person in (bob, cleo):
        await person.enter("ann")  # of a stranger one sees no more than who they are
        await person.page.get_by_role("button", name="Accept").click()
        await ann.sees(f"{person.name} joined")
    await ann.say("Item one")
    await bob.sees("Item one")
    await cleo.sees("Item one")
    await ann.page.get_by_role("button", name="About this conversation").click()
    await ann.page.get_by_role("button", name="About bob").click()
    await ann.page.get_by_role("menuitem", name="Make: Moderator").click()
    await ann.sees("Moderator")
    await ann.shoot("details")
    await ann.page.get_by_role("button", name="About cleo").click()
    await ann.page.get_by_role("menuitem", name="Remove from the conversation").click()
    await cleo.sees("Nobody has written yet.")
    await ann.page.get_by_role("button", name="Close", exact=True).click()
    await ann.say("Item two")
    await bob.sees("Item two")
    await bob.page.get_by_role("button", name="About this conversation").click()
    await bob.page.get_by_role("button", name="Leave").click()
    await bob.sees("Nobody has written yet.")
    await ann.sees("bob left")


async def test_who_is_blocked_is_gone_and_can_be_heard_again(visitor: Arrive) -> None:
    ann, bob = visitor("ann"), visitor("bob", color_scheme="dark")
    await ann.register()
    await bob.register()
    await begin(ann, "bob")
    await bob.enter("ann")
    await bob.page.get_by_role("button", name="hear nothing").click()
    await bob.sees("Nobody has written yet.")
    await bob.page.get_by_role("button", name="settings and log-out").click()
    await bob.page.get_by_role("menuitem", name="Settings").click()
    await bob.page.get_by_role("tab", name="Privacy").click()
    await bob.sees("@ann:privity.test")
    await bob.shoot("settings-privacy-dark")
    await bob.page.get_by_role("button", name="Unblock").click()
    await bob.sees("Nobody.")


async def test_the_page_speaks_chinese_and_is_dark_when_one_chooses_so(visitor: Arrive) -> None:
    ann = visitor("ann")
    await ann.register()
    page = await ann.open("#/settings/appearance")
    await page.get_by_text("简体中文").click()
    await page.get_by_text("深色").click()
    await expect(page.get_by_role("heading", name="设置")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await ann.shoot("settings-chinese-dark")
    await page.reload()
    await ann.sees("文字大小")


async def test_who_logs_out_leaves_nothing_in_the_browser(visitor: Arrive) -> None:
    ann = visitor("ann")
    await ann.register()
    await ann.page.get_by_role("button", name="settings and log-out").click()
    await ann.page.get_by_role("menuitem", name="Log out").click()
    await ann.page.get_by_role("button", name="Log out").click()
    await ann.sees("Welcome back")
    left = await ann.page.evaluate("indexedDB.databases().then(all => all.map(each => each.name))")
    assert left == []
