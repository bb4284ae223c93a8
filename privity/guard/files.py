"""Threat `files`: a file made to break whoever opens it; here, the decoder of pictures.

A picture is what begins like one, whatever its name and declared type say. Only these kinds are
ever decoded, each by a decoder of its own: what is anything else, ciphertext first of all, is left
alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.guard.verdict import Verdict
from privity.matrix.errors import Errcode, Refuse

LONGEST_BEGINNING_BYTES = 12
MOST_PICTURE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """Media that somebody wants decoded: how it begins, and how large it is."""

    beginning: bytes
    size_bytes: int


def picture_type(beginning: bytes) -> str | None:
    """The type of a picture by its first bytes; None for what is none that may be decoded."""
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if beginning.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return None


def may_be_decoded(picture: Picture) -> Verdict:
    """400 M_UNKNOWN for what is no picture, 413 M_TOO_LARGE (client-server API, "Thumbnails")."""
    if picture_type(picture.beginning) is None:
        return Refuse(Errcode.UNKNOWN, "There is no thumbnail of this media.", status=400)
    if picture.size_bytes > MOST_PICTURE_BYTES:
        says = f"A picture of more than {MOST_PICTURE_BYTES} bytes is not made smaller."
        return Refuse(Errcode.TOO_LARGE, says, status=413)
    return None
