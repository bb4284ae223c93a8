"""A program of its own: a picture comes in by standard input, a smaller one goes out.

`shrink.py TYPE WIDTH HEIGHT METHOD ANIMATED`; `thumbnail.py` runs it. Whoever decodes what
strangers made must expect to be taken over by it some day, so this process can do nothing else:

1. It has an empty environment and no file but its pipes; it may open no further one and no socket,
   start no process, write no file.
2. Its memory and its time have an end that it cannot move.
3. One decoder is tried, that of TYPE. The size is read before the pixels, and bounded.

It ends with 0 and a line `image/...` with the bytes behind it (none: the picture is small enough as
it is), with 3 for a picture that is too large, and in any other way for one that cannot be decoded.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Callable, Iterator

from PIL import (
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

MOST_MEMORY_BYTES = 768 * 1024 * 1024
MOST_CPU_S = 5
MOST_PIXELS = 40_000_000
MOST_FRAMES = 100
MOST_PIXELS_OF_ALL_FRAMES = 20_000_000
QUALITY = 82
TOO_LARGE = 3
DECODERS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "image/gif": GifImagePlugin.GifImageFile,
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/png": PngImagePlugin.PngImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
}
CLEAR_MODES = {"LA", "PA", "RGBA"}


def main(kind: str, width: str, height: str, method: str, animated: str) -> int:
    """Do it. The exit status."""
    content = sys.stdin.buffer.read()
    load_everything(kind)
    give_up_rights()
    Image.MAX_IMAGE_PIXELS = None  # rule 3 is stricter, and the library only warns
    with DECODERS[kind](io.BytesIO(content)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return TOO_LARGE
        box = int(width), int(height)
        moves = animated == "true" and is_short_animation(picture)
        told = moving(picture, box, method) if moves else still(picture, kind, box, method)
    sys.stdout.buffer.write(told)
    return 0


def load_everything(kind: str) -> None:
    """Take the road once with our own picture: what is loaded late could not be loaded later."""
    out = io.BytesIO()
    one, other = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue")
    if kind == "image/jpeg":
        one.save(out, "JPEG")
    else:
        name = kind.partition("/")[2].upper()
        one.save(out, name, save_all=True, append_images=[other], duration=50)
    with DECODERS[kind](io.BytesIO(out.getvalue())) as picture:
        still(picture, kind, (3, 3), "crop")
        if is_short_animation(picture):
            moving(picture, (3, 3), "scale")


def give_up_rights() -> None:
    """Rules 1 and 2."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MOST_CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def is_short_animation(picture: Image.Image) -> bool:
    """Whether it moves, and is not too much of it to be decoded."""
    frames = getattr(picture, "n_frames", 1)
    pixels = picture.width * picture.height * frames
    return 1 < frames <= MOST_FRAMES and pixels <= MOST_PIXELS_OF_ALL_FRAMES


def still(picture: Image.Image, kind: str, box: tuple[int, int], method: str) -> bytes:
    """The first frame, as PNG where there is transparency or no loss, else as JPEG."""
    moves = getattr(picture, "is_animated", False)
    if fits(picture.size, box) and not moves:
        return told(kind, b"")
    if kind == "image/jpeg":
        picture.draft("RGB", (box[0] * 2, box[1] * 2))
    first = smaller(ImageOps.exif_transpose(whole_colours(picture)), box, method)
    out = io.BytesIO()
    if kind == "image/jpeg" or (kind == "image/webp" and first.mode not in CLEAR_MODES):
        first.convert("RGB").save(out, "JPEG", quality=QUALITY)
        return told("image/jpeg", out.getvalue())
    first.save(out, "PNG")
    return told("image/png", out.getvalue())


def moving(picture: Image.Image, box: tuple[int, int], method: str) -> bytes:
    """Every frame, as WebP."""
    if fits(picture.size, box):
        return told(str(picture.get_format_mimetype()), b"")  # type: ignore[attr-defined]
    times_ms: list[int] = []

    def frames() -> Iterator[Image.Image]:
        for number in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(number)
            times_ms.append(int(picture.info.get("duration") or 100))
            yield smaller(picture.convert("RGBA"), box, method)

    first, *more = frames()
    out = io.BytesIO()
    first.save(
        out, "WEBP", save_all=True, append_images=more, duration=times_ms, loop=0, quality=QUALITY
    )
    return told("image/webp", out.getvalue())


def whole_colours(picture: Image.Image) -> Image.Image:
    """With palettes and rare kinds of pixels turned into red, green, blue and transparency."""
    if picture.mode in {"RGB", "RGBA", "L", "LA"}:
        return picture
    has_clear = picture.mode in CLEAR_MODES or "transparency" in picture.info
    return picture.convert("RGBA" if has_clear else "RGB")


def fits(size: tuple[int, int], box: tuple[int, int]) -> bool:
    """Whether it is no larger than the box on either side: nothing is ever made larger."""
    return size[0] <= box[0] and size[1] <= box[1]


def smaller(picture: Image.Image, box: tuple[int, int], method: str) -> Image.Image:
    """`scale`: all of it, within the box. `crop`: its middle, in the shape of the box."""
    width, height = picture.size
    if method == "crop":
        ratio = min(1.0, max(box[0] / width, box[1] / height))
        fitted = min(box[0], round(width * ratio)), min(box[1], round(height * ratio))
        return ImageOps.fit(picture, (max(1, fitted[0]), max(1, fitted[1])))
    ratio = min(1.0, box[0] / width, box[1] / height)
    return picture.resize((max(1, round(width * ratio)), max(1, round(height * ratio))))


def told(kind: str, content: bytes) -> bytes:
    """What goes out."""
    return kind.encode() + b"\n" + content


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
