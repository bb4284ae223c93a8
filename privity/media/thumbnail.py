"""Thumbnail: `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}`.

1. Sizes are rounded up to a few, so that nobody can have a picture made smaller in every way there
   is; what was made once is kept.
2. The gate: a picture by its first bytes, and not too large. Ciphertext, which nearly all media
   here is, is none.
3. It is decoded in a process of its own (`shrink.py`) that has no rights, little memory and little
   time. Few of them run at once; who wants a thumbnail waits for their turn.
4. What comes out of that process is trusted as little as what went in: so many bytes, and a type
   that a browser cannot run.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

from privity.guard import gates
from privity.guard.files import LONGEST_BEGINNING_BYTES, Picture, picture_type
from privity.house import House
from privity.matrix.errors import Errcode, Refused, refused
from privity.media.download import read, said_when_away
from privity.media.keep import keep, said_when_full
from privity.store import thumbnails
from privity.store.engine import WriteTx
from privity.store.media import Media
from privity.store.thumbnails import Shape, Thumbnail

PROGRAM = Path(__file__).with_name("shrink.py")
SIDES = (32, 64, 96, 128, 160, 240, 320, 480, 600, 640, 800, 1024, 2048, 4096, 8192, 16384)
MOST_S = 10
MOST_TOLD_BYTES = 16 * 1024 * 1024
TOO_LARGE = 3
KINDS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/apng": "png",
}


async def thumbnail(house: House, found: Media, wanted: Shape) -> Media:
    """A smaller copy of it, to be read like any media.

    Errors: 400 M_UNKNOWN for what is no picture or cannot be decoded, 413 M_TOO_LARGE.
    """
    shape = Shape(_side(wanted.width), _side(wanted.height), wanted.method, wanted.is_animated)  # 1
    made = await house.store.read(lambda tx: thumbnails.find(tx, found.digest, shape))
    if made is None:
        await _check(house, found)  # 2
        async with house.decoding:  # 3
            made = await house.store.read(lambda tx: thumbnails.find(tx, found.digest, shape))
            made = made or await _make(house, found, shape)
    name = f"thumbnail.{KINDS[made.content_type]}"
    return Media(
        found.media_id, found.user_id, made.digest, made.size_bytes, made.content_type, name
    )


def _side(wanted: int) -> int:
    return next((side for side in SIDES if side >= wanted), SIDES[-1])


async def _check(house: House, found: Media) -> None:
    beginning = await _bytes_of(house, found, LONGEST_BEGINNING_BYTES)
    refuse = gates.decode(Picture(beginning, found.size_bytes))
    if refuse is not None:
        raise Refused(refuse)


async def _make(house: House, found: Media, shape: Shape) -> Thumbnail:
    content = await _bytes_of(house, found, found.size_bytes)
    told = await asyncio.to_thread(_run, content, shape)
    kind, _, smaller = told.partition(b"\n")
    if kind.decode("latin-1") not in KINDS:  # 4
        raise _cannot_be_decoded()
    now_ms = house.clock.now_ms()

    def add(tx: WriteTx, made: Thumbnail) -> None:
        thumbnails.add(tx, found.digest, shape, made, now_ms)

    if not smaller:
        made = Thumbnail(found.digest, found.size_bytes, kind.decode())
        await house.store.write(lambda tx: add(tx, made))
        return made

    def of(digest: str) -> Thumbnail:
        return Thumbnail(digest, len(smaller), kind.decode())

    with said_when_full():
        async with house.store.files.incoming() as incoming:
            incoming.take(smaller)
            return of(await keep(house, incoming, lambda tx, digest: add(tx, of(digest))))


async def _bytes_of(house: House, found: Media, beyond: int) -> bytes:
    with said_when_away():
        parts = await read(house, found, 0, min(beyond, found.size_bytes))
        return b"".join([part async for part in parts])


def _run(content: bytes, shape: Shape) -> bytes:
    """In a thread: what the process says of this picture."""
    words = (picture_type(content), shape.width, shape.height, shape.method, shape.is_animated)
    with subprocess.Popen(  # noqa: S603 - our own program, with words that were checked
        [sys.executable, "-I", str(PROGRAM), *(str(word).lower() for word in words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
    ) as process:
        timer = Timer(MOST_S, process.kill)
        timer.start()
        try:
            told = _talk(process, content)
        finally:
            timer.cancel()
            process.kill()
    if process.returncode == TOO_LARGE:
        says = "This picture has too many pixels to be made smaller."
        raise refused(Errcode.TOO_LARGE, says, status=413)
    return told


def _talk(process: subprocess.Popen[bytes], content: bytes) -> bytes:
    """It reads everything before it writes anything, so neither side waits for the other."""
    assert process.stdin is not None  # noqa: S101 - as Popen was asked for
    assert process.stdout is not None  # noqa: S101
    with suppress(BrokenPipeError):
        process.stdin.write(content)
    with suppress(BrokenPipeError):
        process.stdin.close()
    told = process.stdout.read(MOST_TOLD_BYTES + 1)
    if len(told) > MOST_TOLD_BYTES:
        return b""
    process.wait(MOST_S)
    return told if process.returncode == 0 else b""


def _cannot_be_decoded() -> Refused:
    return refused(Errcode.UNKNOWN, "There is no thumbnail of this media.", status=400)
