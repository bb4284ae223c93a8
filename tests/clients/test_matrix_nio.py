"""matrix-nio with its end-to-end encryption: with itself, with matrix-js-sdk, and restarted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import nio
import pytest

from tests.clients.conftest import MOST_STORY_S, StartStory
from tests.clients.nio_person import NioPerson
from tests.homeserver import Homeserver
from tests.validating_proxy import ValidatingProxy

pytestmark = pytest.mark.real

LogIn = Callable[[str], Awaitable[NioPerson]]


PASSWORD = "a password for nio"


@pytest.fixture
def log_in(homeserver: Homeserver, proxy: ValidatingProxy, tmp_path: Path) -> LogIn:
    """A new account, and nio logged in to it through the proxy, with a folder for its keys."""

    async def registered(localpart: str) -> NioPerson:
        await asyncio.to_thread(homeserver.register, localpart, PASSWORD)
        person = NioPerson(proxy.url, localpart, tmp_path / localpart)
        await person.log_in(PASSWORD)
        return person

    return registered


async def shared_room(ann: NioPerson, ben: NioPerson) -> str:
    room_id = await ann.create_room(ben.user_id)
    await ben.accept(room_id)
    await ann.sees_members(room_id, 2)
    await ben.sees_members(room_id, 2)
    return room_id


async def test_an_invited_person_registers_with_nio(
    homeserver: Homeserver, proxy: ValidatingProxy, tmp_path: Path
) -> None:
    token = await asyncio.to_thread(homeserver.invite, "ann@example.org")
    ann = NioPerson(proxy.url, "ann", tmp_path)
    try:
        await ann.register(PASSWORD, token)
        assert ann.user_id.startswith("@ann:")
        assert isinstance(await ann.client.whoami(), nio.WhoamiResponse)
    finally:
        await ann.client.close()


async def test_two_people_on_nio_talk_both_ways(log_in: LogIn) -> None:
    ann, ben = await log_in("ann"), await log_in("ben")
    async with ann.online(), ben.online():
        room_id = await shared_room(ann, ben)
        sent = await ann.say(room_id, "Is the lamp lit?")
        heard = await ben.hear("Is the lamp lit?")
        assert (heard.event_id, heard.sender) == (sent, ann.user_id)
        await ben.say(room_id, "It burns all night.")
        assert (await ann.hear("It burns all night.")).sender == ben.user_id


async def test_an_encrypted_attachment_goes_through_nio(log_in: LogIn) -> None:
    ann, ben = await log_in("ann"), await log_in("ben")
    chart = b"Rocks to the north, sand to the south. " * 4000
    async with ann.online(), ben.online():
        room_id = await shared_room(ann, ben)
        file = await ann.upload(chart)
        await ann.say(room_id, "chart.txt", msgtype="m.file", file=file)
        announced = await ben.hear("chart.txt")
        assert isinstance(announced, nio.RoomEncryptedFile)
        assert announced.url == file["url"]
        assert await ben.download(announced) == chart


async def test_no_word_that_was_said_is_on_the_servers_disk_or_in_its_log(
    log_in: LogIn, homeserver: Homeserver
) -> None:
    ann, ben = await log_in("ann"), await log_in("ben")
    async with ann.online(), ben.online():
        room_id = await shared_room(ann, ben)
        file = await ann.upload(b"Bury it under the third oak. " * 100)
        await ann.say(room_id, "map-of-the-wood.txt", msgtype="m.file", file=file)
        await ben.hear("map-of-the-wood.txt")
    await asyncio.to_thread(homeserver.stop)
    files = [path for path in homeserver.data_dir.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in [homeserver.log_file, *files])
    assert ben.user_id.encode() in kept, "the search does not see what is there"
    assert b"third oak" not in kept
    assert b"map-of-the-wood" not in kept


async def test_a_restarted_client_syncs_on_from_where_it_was(log_in: LogIn) -> None:
    ann, ben = await log_in("ann"), await log_in("ben")
    async with ann.online():
        async with ben.online():
            room_id = await shared_room(ann, ben)
            await ann.say(room_id, "Said while you were here.")
            await ben.hear("Said while you were here.")
        await ann.say(room_id, "Said while you were away.")

        again = ben.restarted()
        async with again.online():
            assert again.began_at == ben.client.next_batch
            await again.hear("Said while you were away.")
            assert "Said while you were here." not in again.words()
            await again.say(room_id, "I was only asleep.")
            assert (await ann.hear("I was only asleep.")).sender == ben.user_id


async def test_two_people_talk_on_after_the_server_was_killed(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    ann, ben = [NioPerson(homeserver.url, name, tmp_path / name) for name in ("ann", "ben")]
    for person in (ann, ben):
        await asyncio.to_thread(homeserver.register, person.client.user, PASSWORD)
        await person.log_in(PASSWORD)
    async with ann.online(), ben.online():
        room_id = await shared_room(ann, ben)
        await ann.say(room_id, "Do you hear the storm?")
        await asyncio.to_thread(homeserver.kill)
        answering = asyncio.create_task(ben.say(room_id, "It took the lights."))
        await asyncio.to_thread(homeserver.start)
        await answering
        await ben.hear("Do you hear the storm?")
        await ann.hear("It took the lights.")


async def test_nio_and_the_js_sdk_talk_both_ways(log_in: LogIn, start_story: StartStory) -> None:
    ben = await log_in("ben")
    story = await asyncio.to_thread(start_story, "a_friend_on_nio", ["ann"], FRIEND=ben.user_id)
    async with ben.online():
        room_id = await ben.until("an invitation", lambda: next(iter(ben.client.invited_rooms), ""))
        await ben.accept(room_id)
        greeting = await ben.hear("Hello, what do you run on?")
        answer = await ben.say(room_id, "On nio, and you?")
        reply = await ben.hear("On the SDK.")
        assert reply.sender == greeting.sender
        assert reply.source["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": answer}
        await ben.say(room_id, "Then we understand each other.")
        said, _ = await asyncio.to_thread(story.communicate, timeout=MOST_STORY_S)
    assert story.returncode == 0, said
    assert said.splitlines() == [
        "saw: ann reads what was written with nio",
        "saw: ann reads the answer to her reply",
    ]
