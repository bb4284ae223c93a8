"""Pictures in clear are made smaller, in a process that can do no harm; nothing else is opened."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from privity.media.thumbnail import PROGRAM
from tests.both_databases import on_both
from tests.media.carrier import MEDIA, files_in, upload
from tests.media.pictures import bomb, frames_of, moving, picture, size_of
from tests.world import Answer, World

__all__ = ["on_both"]


async def thumbnail(world: World, content: bytes, width: int, height: int, **more: Any) -> Answer:
    person = await world.person(f"p{world.store.pos}")
    path = await upload(person, content, more.pop("kind", "image/png"))
    return await person.get(f"{MEDIA}/thumbnail/{path}", width=width, height=height, **more)


@pytest.mark.parametrize(
    ("method", "wanted", "made"),
    [
        ("crop", (32, 32), (32, 32)),
        ("crop", (96, 96), (96, 96)),
        ("scale", (320, 240), (320, 160)),
        ("scale", (640, 480), (640, 320)),
        ("crop", (90, 50), (96, 64)),
        ("scale", (800, 20), (64, 32)),
    ],
)
async def test_a_thumbnail_is_of_the_size_asked_for_or_the_next(
    world: World, method: str, wanted: tuple[int, int], made: tuple[int, int]
) -> None:
    answer = await thumbnail(world, picture("PNG", (1000, 500)), *wanted, method=method)
    assert answer.status == 200
    assert size_of(answer.raw) == made


@pytest.mark.parametrize(
    ("given", "mode", "made"),
    [
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("GIF", "P", "image/png"),
        ("WEBP", "RGB", "image/jpeg"),
        ("WEBP", "RGBA", "image/png"),
    ],
)
async def test_a_thumbnail_is_of_a_kind_that_every_browser_shows(
    world: World, given: str, mode: str, made: str
) -> None:
    answer = await thumbnail(world, picture(given, (200, 200), mode), 32, 32, kind="text/html")
    name = "thumbnail." + {"image/png": "png", "image/jpeg": "jpg"}[made]
    assert answer.headers["content-type"] == made
    assert answer.headers["content-disposition"] == f'inline; filename="{name}"'
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_nothing_is_made_larger(world: World) -> None:
    small = picture("PNG", (20, 10))
    answer = await thumbnail(world, small, 96, 96, method="crop", kind="application/x-none")
    assert answer.raw == small
    assert answer.headers["content-type"] == "image/png"
    narrow = await thumbnail(world, picture("PNG", (400, 10)), 96, 96, method="crop")
    assert size_of(narrow.raw) == (96, 10)


async def test_a_picture_moves_only_where_that_is_asked_for(world: World) -> None:
    for kind in ("GIF", "PNG", "WEBP"):
        content = moving(kind, (200, 100))
        still = await thumbnail(world, content, 64, 64)
        assert still.status == 200, (kind, still.body)
        assert frames_of(still.raw) == 1
        assert frames_of((await thumbnail(world, content, 400, 400, animated=False)).raw) == 1
        moves = await thumbnail(world, content, 64, 64, animated=True)
        assert (moves.headers["content-type"], frames_of(moves.raw)) == ("image/webp", 3)
        whole = await thumbnail(world, content, 400, 400, animated=True)
        assert whole.raw == content


async def test_a_thumbnail_is_made_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    content = picture("JPEG", (500, 500))
    asked = {"width": 30, "height": 30}
    first = await ann.get(f"{MEDIA}/thumbnail/{await upload(ann, content)}", **asked)
    monkeypatch.setattr("privity.media.thumbnail.PROGRAM", "/nothing")
    again = await ben.get(f"{MEDIA}/thumbnail/{await upload(ben, content)}", **asked)
    assert (again.status, again.raw) == (200, first.raw)
    assert len(files_in(world)) == 2


async def test_a_thumbnail_says_nothing_of_where_the_picture_was_taken(world: World) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x06\0\0\0\x1aHOME!\0\0\0\0\0"
    content = picture("JPEG", (300, 300), exif=exif)
    assert b"HOME!" in content
    assert b"HOME!" not in (await thumbnail(world, content, 32, 32)).raw


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"\x89PNG\r\n\x1a\n",
        picture("PNG", (200, 200))[:200],
        picture("BMP", (200, 200)),
        picture("TIFF", (200, 200)),
        picture("PPM", (200, 200)),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + picture("TIFF", (200, 200)),
    ],
)
async def test_what_is_no_picture_of_a_known_kind_has_no_thumbnail(
    world: World, content: bytes
) -> None:
    assert (await thumbnail(world, content, 32, 32)).refusal == (400, "M_UNKNOWN")


async def test_ciphertext_is_not_even_given_to_a_decoder(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("privity.media.thumbnail._run", touched)
    answer = await thumbnail(world, bytes(range(256)), 32, 32)
    assert answer.refusal == (400, "M_UNKNOWN")


@pytest.mark.parametrize("pixels", [(50_000, 50_000), (2**31 - 1, 1), (7000, 7000)])
async def test_a_decompression_bomb_is_refused(world: World, pixels: tuple[int, int]) -> None:
    answer = await thumbnail(world, bomb(*pixels), 32, 32)
    assert answer.refusal == (413, "M_TOO_LARGE")
    assert (await world.request("GET", "/_matrix/client/versions")).status == 200


async def test_a_picture_of_too_many_bytes_is_refused(world: World) -> None:
    content = picture("PNG", (10, 10)) + bytes(16 * 1024 * 1024)
    assert (await thumbnail(world, content, 32, 32)).refusal == (413, "M_TOO_LARGE")


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "open('/tmp/left-by-a-picture', 'w')",
        "__import__('socket').socket()",
        "__import__('os').pipe()",
        "bytearray(1 << 30)",
    ],
)
def test_whoever_takes_the_decoder_over_can_do_nothing_with_it(attempt: str) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r}); import socket, shrink\n"
        f"shrink.give_up_rights()\n"
        f"try:\n    {attempt}\nexcept (OSError, MemoryError) as error:\n"
        f"    print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "refused\n", done.stderr


async def test_a_decoder_that_does_not_end_is_ended(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text("import sys, time\nsys.stdin.buffer.read()\ntime.sleep(600)\n")
    monkeypatch.setattr("privity.media.thumbnail.PROGRAM", endless)
    monkeypatch.setattr("privity.media.thumbnail.MOST_S", 0.2)
    answer = await thumbnail(world, picture("PNG", (200, 200)), 32, 32)
    assert answer.refusal == (400, "M_UNKNOWN")


async def test_a_decoder_that_says_too_much_is_not_listened_to(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    talkative = tmp_path / "talkative.py"
    talkative.write_text("import sys\nsys.stdin.buffer.read()\nwhile 1: print('image/png' * 9999)")
    monkeypatch.setattr("privity.media.thumbnail.PROGRAM", talkative)
    answer = await thumbnail(world, picture("PNG", (200, 200)), 32, 32)
    assert answer.refusal == (400, "M_UNKNOWN")


async def test_a_decoder_cannot_have_a_page_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    taken_over = tmp_path / "taken_over.py"
    taken_over.write_text("import sys\nsys.stdin.buffer.read()\nprint('text/html')\nprint('<x>')")
    monkeypatch.setattr("privity.media.thumbnail.PROGRAM", taken_over)
    answer = await thumbnail(world, picture("PNG", (200, 200)), 32, 32)
    assert answer.refusal == (400, "M_UNKNOWN")


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"width": 0, "height": 32}, "M_INVALID_PARAM"),
        ({"width": -1, "height": 32}, "M_INVALID_PARAM"),
        ({"width": 32, "height": "x"}, "M_INVALID_PARAM"),
        ({"width": 32}, "M_MISSING_PARAM"),
        ({"width": 32, "height": 32, "method": "stretch"}, "M_INVALID_PARAM"),
        ({"width": 32, "height": 32, "animated": "maybe"}, "M_INVALID_PARAM"),
    ],
)
async def test_a_size_that_cannot_be_is_refused(
    world: World, query: dict[str, Any], errcode: str
) -> None:
    ann = await world.person("ann")
    path = await upload(ann, picture("PNG", (200, 200)))
    answer = await ann.get(f"{MEDIA}/thumbnail/{path}", **query)
    assert answer.refusal == (400, errcode)
