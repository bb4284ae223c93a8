"""Files go from one to the other encrypted, and what they are is what their bytes say."""

from __future__ import annotations

import asyncio
import struct
import zlib
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.conftest import Arrive
from tests.web.rooms import direct_room
from tests.web.visitor import Visitor

WORDS = b"These words are in no file of the server's. " * 50
PROGRAM = b"MZ\x90\x00" + b"\x00" * 2000


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x23\x66\x5a" * width) * height
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.fixture
async def pair(visitor: Arrive) -> tuple[Visitor, Visitor]:
    """Ann and Bob, who have their direct chat open."""
    ann, bob = visitor("ann"), visitor("bob")
    await ann.register()
    await bob.register()
    await asyncio.to_thread(direct_room, ann, bob)
    await ann.enter("bob")
    await bob.enter("ann")
    await ann.say("hello")
    await bob.sees("hello")
    return ann, bob


async def send(person: Visitor, name: str, content: bytes) -> None:
    """Pick a file, and confirm it."""
    async with person.page.expect_file_chooser() as choosing:
        await person.page.get_by_role("button", name="Attach files").click()
    chooser = await choosing.value
    await chooser.set_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
    await person.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    await expect(person.page.get_by_role("dialog")).to_have_count(0)


async def test_a_picture_is_seen_by_the_other_and_is_ciphertext_on_the_servers_disk(
    pair: tuple[Visitor, Visitor],
) -> None:
    ann, bob = pair
    await send(ann, "green.png", png(320, 200))
    picture = bob.page.get_by_role("img", name="green.png")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.naturalWidth") == 320
    await bob.shoot("file-picture")
    await send(ann, "minutes.txt", WORDS)
    await bob.sees("minutes.txt")
    kept = [path.read_bytes() for path in media(ann)]
    assert len(kept) == 2
    assert not any(b"PNG" in each or b"These words" in each for each in kept)


async def test_a_program_that_calls_itself_a_photograph_is_shown_as_what_it_is(
    pair: tuple[Visitor, Visitor],
) -> None:
    ann, bob = pair
    await send(ann, "photo\u202egpj.exe", PROGRAM)
    await bob.sees("photogpj.exe")
    await bob.sees("This is a program.")
    async with bob.page.expect_download() as saving:
        await bob.page.get_by_role("button", name="Save photogpj.exe").click()
    saved = await saving.value
    assert saved.suggested_filename == "photogpj.exe"
    assert await asyncio.to_thread(Path(await saved.path()).read_bytes) == PROGRAM
    await bob.shoot("file-program")


async def test_a_file_that_was_changed_on_the_server_is_not_shown(
    pair: tuple[Visitor, Visitor],
) -> None:
    ann, bob = pair
    await bob.page.get_by_role("button", name="settings and log-out").click()
    await bob.page.get_by_role("menuitem", name="Settings").click()
    await send(ann, "green.png", png(320, 200))
    for path in media(ann):
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
    await bob.enter("ann")
    await bob.sees("This file is not what was sent.")
    await expect(bob.page.get_by_role("img", name="green.png")).to_have_count(0)


def media(person: Visitor) -> list[Path]:
    """The files that the server keeps."""
    folder = person.server.data_dir / "media"
    return [path for path in folder.rglob("*") if path.is_file()]
