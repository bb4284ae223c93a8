"""Pictures for the tests: made on the spot, and read back."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **more: Any) -> bytes:
    """A picture of this kind (`PNG`, `JPEG`, ...), left half clear or red, right half blue."""
    made = Image.new("RGBA", size, (255, 0, 0, 0))
    made.paste("blue", (size[0] // 2, 0, *size))
    out = io.BytesIO()
    made.convert(mode).save(out, kind, **more)
    return out.getvalue()


def moving(kind: str, size: tuple[int, int], frames: int = 3) -> bytes:
    """A picture that moves."""
    first, *more = (Image.new("RGB", size, (80 * n, 0, 0)) for n in range(frames))
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=more, duration=50)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has this many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    lines = zlib.compress(bytes(1_000_000))
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", lines), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height."""
    with Image.open(io.BytesIO(content)) as read:
        return read.size


def frames_of(content: bytes) -> int:
    """How many frames it has."""
    with Image.open(io.BytesIO(content)) as read:
        return int(getattr(read, "n_frames", 1))
