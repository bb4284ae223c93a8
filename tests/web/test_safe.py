"""Safe without effort: the recovery key, other sessions, people whose keys change, log-out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx
from playwright.async_api import Response, expect

from tests.homeserver import Homeserver
from tests.web.conftest import Arrive
from tests.web.visitor import PASSWORD, PHONE, Visitor

NOTHING: dict[str, object] = {"databases": [], "local": 0, "session": 0, "caches": []}


async def recovery_key(person: Visitor) -> str:
    """The key, once the person has saved it and shown that they have it."""
    page = person.page
    await page.get_by_role("button", name="Save it now").click()
    key = (await page.get_by_role("textbox", name="Recovery key").inner_text()).split()
    await page.get_by_role("button", name="I have saved it").click()
    await page.get_by_label("The last two groups").fill(" ".join(key[-2:]))
    await page.get_by_role("button", name="Check").click()
    await person.sees("Your recovery key works")
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("button", name="Save it now")).to_have_count(0)
    return " ".join(key)


async def type_key(person: Visitor, key: str) -> None:
    """Confirm a new session with it."""
    await person.page.get_by_role("button", name="Use your recovery key").click()
    await person.page.get_by_role("textbox", name="Recovery key").fill(key)
    await person.page.get_by_role("button", name="Confirm").click()


async def start_anew(person: Visitor) -> None:
    """Log in in a browser that is new, having lost everything."""
    await person.log_in()
    await person.page.get_by_role("button", name="I have lost both").click()
    await person.page.get_by_label("Your password").fill(PASSWORD)
    await person.page.get_by_role("button", name="Start anew").click()
    await person.sees("Save your recovery key")


async def test_a_recovery_key_counts_only_once_it_was_shown_to_be_kept(visitor: Arrive) -> None:
    ann = visitor("ann")
    await ann.register()
    page = ann.page
    await ann.sees("Save your recovery key")
    await ann.shoot("safe-banner")
    await page.get_by_role("button", name="Save it now").click()
    first = await page.get_by_role("textbox", name="Recovery key").inner_text()
    await ann.shoot("safe-key")
    await page.get_by_role("button", name="I have saved it").click()
    await page.get_by_label("The last two groups").fill("abcd efgh")
    await page.get_by_role("button", name="Check").click()
    await ann.sees("That is not the end of your recovery key.")
    await ann.shoot("safe-key-wrong")
    await page.reload()
    await ann.sees_home()
    assert await recovery_key(ann) not in first


async def test_the_file_that_was_saved_proves_that_the_key_was_kept(
    visitor: Arrive, tmp_path: Path
) -> None:
    ann = visitor("ann", viewport=PHONE, color_scheme="dark")
    await ann.register()
    page = ann.page
    await page.get_by_role("button", name="Save it now").click()
    await ann.shoot("safe-key-phone-dark")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save file").click()
    saved = tmp_path / "key.txt"
    await (await download.value).save_as(saved)
    assert ann.user_id in saved.read_text("utf-8")
    await page.get_by_role("button", name="I have saved it").click()
    await page.locator("input[type=file]").set_input_files(saved)
    await ann.sees("Your recovery key works")
    await ann.shoot("safe-key-done-phone-dark")


async def test_a_second_browser_is_confirmed_by_the_recovery_key(visitor: Arrive) -> None:
    ann, again = visitor("ann"), visitor("ann")
    await ann.register()
    key = await recovery_key(ann)
    await again.log_in()
    await again.sees("Is it you?")
    await again.shoot("safe-is-it-you")
    await again.page.get_by_role("button", name="Use your recovery key").click()
    await again.page.get_by_role("textbox", name="Recovery key").fill("EsTc not a key")
    await again.page.get_by_role("button", name="Confirm").click()
    await again.sees("This is not a recovery key.")
    await again.shoot("safe-type-key")
    await again.page.get_by_role("button", name="Back").click()
    await type_key(again, key)
    await again.sees_home()
    await expect(again.page.get_by_text("not confirmed")).to_have_count(0)


async def test_who_has_lost_everything_starts_anew_with_the_password(visitor: Arrive) -> None:
    ann, again = visitor("ann"), visitor("ann")
    await ann.register()
    await again.log_in()
    await again.page.get_by_role("button", name="I have lost both").click()
    await again.shoot("safe-start-anew")
    await again.page.get_by_label("Your password").fill("not the password")
    await again.page.get_by_role("button", name="Start anew").click()
    await again.sees("The password is not right.")
    await again.page.get_by_label("Your password").fill(PASSWORD)
    await again.page.get_by_role("button", name="Start anew").click()
    await again.sees("Save your recovery key")
    await ann.sees("Is it you?")


async def test_a_session_that_was_not_confirmed_says_so(visitor: Arrive) -> None:
    ann, again = visitor("ann"), visitor("ann", viewport=PHONE)
    await ann.register()
    await again.log_in()
    await again.page.get_by_role("button", name="Later").click()
    await again.sees("This session is not confirmed")
    await again.shoot("safe-later-phone")
    await again.page.get_by_role("button", name="Confirm it").click()
    await again.sees("Is it you?")


async def test_log_out_leaves_nothing_in_the_browser_and_one_can_come_back(
    visitor: Arrive,
) -> None:
    ann, again = visitor("ann"), visitor("ann")
    await ann.register()
    await again.log_in()
    await again.page.get_by_role("button", name="Log out").click()
    await again.sees("Welcome back")
    assert await what_is_left(again) == NOTHING
    await again.log_in()
    await again.sees("Is it you?")


async def what_is_left(person: Visitor) -> dict[str, object]:
    """What the browser keeps of this page, shell aside."""
    return dict(
        await person.page.evaluate(
            """async () => ({
              databases: (await indexedDB.databases()).map(({ name }) => name),
              local: localStorage.length,
              session: sessionStorage.length,
              caches: (await caches.keys()).filter((name) => !name.startsWith("shell-")),
            })"""
        )
    )


def direct_room(server: Homeserver, one: Visitor, other: Visitor) -> str:
    """An encrypted conversation of two people who have registered."""
    with httpx.Client(base_url=f"{server.url}/_matrix/client/v3") as client:
        first, second = (log_in(client, person) for person in (one, other))
        wanted = {"preset": "trusted_private_chat", "is_direct": True, "invite": [other.user_id]}
        room_id = str(client.post("/createRoom", json=wanted, headers=first).json()["room_id"])
        assert client.post(f"/join/{room_id}", json={}, headers=second).is_success
        for headers, mine, theirs in ((first, one, other), (second, other, one)):
            direct = f"/user/{mine.user_id}/account_data/m.direct"
            client.put(direct, json={theirs.user_id: [room_id]}, headers=headers)
            client.post("/logout", headers=headers)
    return room_id


def log_in(client: httpx.Client, person: Visitor) -> dict[str, str]:
    """The headers of a session beside the browser's."""
    wanted = {"type": "m.login.password", "user": person.name, "password": PASSWORD}
    return {"authorization": f"Bearer {client.post('/login', json=wanted).json()['access_token']}"}


def is_backing_up(response: Response) -> bool:
    """A browser keeps the keys of what it was sent, some seconds afterwards."""
    return "/room_keys/keys" in response.url and response.request.method == "PUT" and response.ok


async def write(person: Visitor, room_id: str, text: str) -> None:
    """Open the room and say it there."""
    await person.open(f"#/room/{quote(room_id, safe='')}")
    field = person.page.get_by_placeholder("Write a message")
    await field.fill(text)
    await field.press("Enter")
    await person.sees(text)


async def test_nothing_is_sent_to_who_has_new_keys_until_one_decides(
    visitor: Arrive, web_server: Homeserver
) -> None:
    ann, bob, again = visitor("ann"), visitor("bob"), visitor("bob")
    await ann.register()
    await bob.register()
    room_id = direct_room(web_server, ann, bob)
    await write(ann, room_id, "the first")
    await bob.open(f"#/room/{quote(room_id, safe='')}")
    await bob.sees("the first")
    await start_anew(again)
    await ann.sees("bob's keys are new")
    await ann.shoot("safe-new-keys")
    await expect(ann.page.locator("[inert] textarea")).to_have_count(1)
    await ann.page.get_by_role("button", name="Write all the same").click()
    await expect(ann.page.get_by_text("keys are new")).to_have_count(0)
    await write(ann, room_id, "the second")
    await again.open(f"#/room/{quote(room_id, safe='')}")
    await again.sees("the second")


async def test_a_session_that_is_not_confirmed_cannot_read_until_its_key_is_typed(
    visitor: Arrive, web_server: Homeserver
) -> None:
    ann, bob, again = visitor("ann"), visitor("bob"), visitor("ann")
    await ann.register()
    await bob.register()
    key = await recovery_key(ann)
    room_id = direct_room(web_server, ann, bob)
    async with ann.page.expect_response(is_backing_up):
        await write(bob, room_id, "an otter on the stairs")
    await again.log_in()
    await again.page.get_by_role("button", name="Later").click()
    await again.open(f"#/room/{quote(room_id, safe='')}")
    await again.sees("Confirm it to write here.")
    await expect(again.page.get_by_text("an otter on the stairs")).to_have_count(0)
    await again.shoot("safe-cannot-read")
    await again.page.get_by_role("button", name="Confirm it").first.click()
    await type_key(again, key)
    await again.sees("an otter on the stairs")


async def compares_the_same(one: Visitor, other: Visitor) -> None:
    """Both look at the emoji, which are the same, and say so."""
    await one.page.get_by_role("button", name="Show the emoji").click()
    shown = [person.page.get_by_role("dialog").get_by_role("listitem") for person in (one, other)]
    for emoji in shown:
        await expect(emoji).to_have_count(7)
    first, second = [await emoji.all_inner_texts() for emoji in shown]
    assert first == second
    await one.shoot("safe-emoji")
    await one.page.get_by_role("button", name="They are the same").click()
    await other.page.get_by_role("button", name="They are the same").click()


async def test_a_second_browser_is_confirmed_by_the_first_and_reads_what_was_said(
    visitor: Arrive, web_server: Homeserver
) -> None:
    ann, bob, again = visitor("ann"), visitor("bob"), visitor("ann", viewport=PHONE)
    await ann.register()
    await bob.register()
    room_id = direct_room(web_server, ann, bob)
    async with ann.page.expect_response(is_backing_up):
        await write(bob, room_id, "an otter on the stairs")
    await again.log_in()
    await again.page.get_by_role("button", name="Use another device").click()
    await ann.sees("Another session of yours wants to be confirmed.")
    await ann.shoot("safe-asked")
    await again.shoot("safe-waiting-phone")
    await ann.page.get_by_role("button", name="Compare", exact=True).click()
    await compares_the_same(again, ann)
    for person in (ann, again):
        await person.sees("The session is confirmed.")
        await person.page.get_by_role("button", name="Done").click()
    await again.open(f"#/room/{quote(room_id, safe='')}")
    said = again.page.get_by_role("log", name="Messages")
    await expect(said.get_by_text("an otter on the stairs")).to_be_visible()


async def test_two_people_compare_emoji_when_ones_keys_are_new(
    visitor: Arrive, web_server: Homeserver
) -> None:
    ann, bob, again = visitor("ann"), visitor("bob"), visitor("bob")
    await ann.register()
    await bob.register()
    room_id = direct_room(web_server, ann, bob)
    await write(ann, room_id, "the first")
    await start_anew(again)
    await ann.page.get_by_role("button", name="Compare emoji").click()
    await again.page.get_by_role("button", name="Compare", exact=True).click()
    await compares_the_same(ann, again)
    await ann.sees("It is bob.")
    await ann.shoot("safe-verified")
    await ann.page.get_by_role("button", name="Done").click()
    await expect(ann.page.get_by_text("keys are new")).to_have_count(0)


async def test_emoji_that_differ_confirm_nothing(visitor: Arrive) -> None:
    ann, again = visitor("ann"), visitor("ann", color_scheme="dark")
    await ann.register()
    await again.log_in()
    await again.page.get_by_role("button", name="Use another device").click()
    await ann.page.get_by_role("button", name="Compare", exact=True).click()
    await again.page.get_by_role("button", name="Show the emoji").click()
    await again.page.get_by_role("button", name="They differ").click()
    for person in (ann, again):
        await person.sees("Nothing was confirmed.")
    await again.shoot("safe-differ-dark")
    await again.page.get_by_role("button", name="Done").click()
    await again.sees("Is it you?")


async def test_somebody_elses_session_is_put_out_and_the_password_changes(visitor: Arrive) -> None:
    ann, stranger = visitor("ann"), visitor("ann")
    await ann.register()
    await stranger.log_in()
    await stranger.sees("Is it you?")
    await ann.open("#/settings/sessions")
    await ann.sees("Not confirmed: it cannot read your messages")
    await ann.shoot("sessions")
    await ann.page.get_by_role("button", name="This is not me").click()
    await ann.page.get_by_label("Your password").fill(PASSWORD)
    await ann.page.get_by_role("textbox", name="Password", exact=True).fill(f"another {PASSWORD}")
    await ann.shoot("sessions-not-me")
    await ann.page.get_by_role("button", name="Put them out").click()
    await stranger.sees("You were logged out.")
    assert await what_is_left(stranger) == NOTHING
    await expect(ann.page.get_by_role("button", name="This is not me")).to_have_count(0)
    await stranger.log_in()
    await stranger.sees("The name or the password is not right.")


async def test_a_session_is_renamed_and_logged_out(visitor: Arrive) -> None:
    ann, again = visitor("ann"), visitor("ann", viewport=PHONE, color_scheme="dark")
    await ann.register()
    await again.log_in()
    await again.page.get_by_role("button", name="Later").click()
    await again.open("#/settings/sessions")
    await again.shoot("sessions-phone-dark")
    await again.page.get_by_role("button", name="Rename").first.click()
    await again.page.get_by_role("textbox", name="Name").fill("The old telephone")
    await again.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    await ann.open("#/settings/sessions")
    telephone = ann.page.get_by_role("listitem", name="The old telephone")
    await telephone.get_by_role("button", name="Log it out").click()
    await ann.page.get_by_label("Your password").fill("not the password")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Log it out").click()
    await ann.sees("The password is not right.")
    await ann.page.get_by_label("Your password").fill(PASSWORD)
    await ann.page.get_by_role("dialog").get_by_role("button", name="Log it out").click()
    await again.sees("You were logged out.")
    await expect(telephone).to_have_count(0)


async def test_log_out_everywhere_says_what_goes_and_leaves_nothing_anywhere(
    visitor: Arrive,
) -> None:
    ann, again = visitor("ann"), visitor("ann")
    await ann.register()
    await again.log_in()
    await ann.open("#/settings/sessions")
    await ann.page.get_by_role("button", name="Log out everywhere").click()
    await ann.sees("You have not saved your recovery key")
    await ann.shoot("sessions-leave-everywhere")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").click()
    await ann.sees("Welcome back")
    await again.sees("You were logged out.")
    assert [await what_is_left(person) for person in (ann, again)] == [NOTHING, NOTHING]
