"""The file of a backup: a tar archive that any tar can list, and that tells if a byte was changed.

1. Members, in this order: `tables/NAME/NUMBER.jsonl.gz` (a JSON array of values a line; bytes are
   an array of one base64 text), `media/SHA256`, `manifest.json`, `seal`.
2. The seal is the SHA-256 of every byte before its own head. Behind it are zeros only.
3. A file is `.partial` until it is whole and on the disk. Only its owner can read it.
4. The names of members are read by pattern; none of them ever names a path.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tarfile
from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import orjson

from privity.store.engine import Param, Row

FORMAT = 1
BLOCK_BYTES = 512
PART_BYTES = 1024 * 1024
MOST_CHUNK_BYTES = 4 * 1024 * 1024
SEAL = "seal"
MANIFEST = "manifest.json"
TABLE = re.compile(r"tables/(\w+)/\d+\.jsonl\.gz", re.ASCII)
MEDIA = re.compile(r"media/([0-9a-f]{64})")


class Damaged(Exception):  # noqa: N818 - named for what is wrong
    """This is no backup, or not the one that was made. The text says how that shows."""


class ArchiveWriter:
    """An archive that is being written: `with ArchiveWriter(path) as archive`.

    What is not `finish`ed is removed in the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.partial")
        self._partial.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._file = os.fdopen(os.open(self._partial, flags, 0o600), "wb")
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # the disk is full, and what is in the buffer is not wanted
            self._file.close()
        self._partial.unlink(missing_ok=True)

    def add(self, name: str, content: bytes) -> None:
        """A member."""
        self._begin(name, len(content))
        self._write(content)
        self._write(bytes(-len(content) % BLOCK_BYTES))

    async def add_media(self, digest: str, size_bytes: int, parts: AsyncIterable[bytes]) -> bool:
        """A file of media. False, and nothing is added, if it is not what its digest says."""
        start, before = self._file.tell(), self._hash.copy()
        content_hash, length = hashlib.sha256(), 0
        self._begin(f"media/{digest}", size_bytes)
        async for part in parts:
            content_hash.update(part)
            length += len(part)
            self._write(part)
        self._write(bytes(-length % BLOCK_BYTES))
        if length == size_bytes and content_hash.hexdigest() == digest:
            return True
        self._file.seek(start)
        self._file.truncate()
        self._hash = before
        return False

    def finish(self, manifest: dict[str, Any]) -> None:
        """Rules 2 and 3."""
        self.add(MANIFEST, orjson.dumps({"format": FORMAT, **manifest}, option=orjson.OPT_INDENT_2))
        self.add(SEAL, self._hash.hexdigest().encode())
        self._write(bytes(2 * BLOCK_BYTES))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._partial.rename(self._path)

    def _begin(self, name: str, size_bytes: int) -> None:
        info = tarfile.TarInfo(name)
        info.size = size_bytes
        info.mode = 0o600
        self._write(info.tobuf(tarfile.GNU_FORMAT))

    def _write(self, content: bytes) -> None:
        self._hash.update(content)
        self._file.write(content)


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an archive, and where its bytes are."""

    name: str
    start: int
    size_bytes: int


class Archive:
    """An archive that was found whole. Raises `Damaged`."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb")
        try:
            self.members = _members(self._file)
            _check_seal(self._file, self.members)
            self.manifest: dict[str, Any] = orjson.loads(self.read(self.members[-2]))
        except (tarfile.TarError, ValueError, IndexError, EOFError) as error:
            self._file.close()
            raise Damaged(f"{path} is no backup, or only a part of one") from error
        except Damaged:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, member: Member) -> bytes:
        """All of a member."""
        return b"".join(self.parts(member))

    def parts(self, member: Member) -> Iterator[bytes]:
        """A member in parts."""
        return _parts(self._file, member.start, member.size_bytes)

    def rows(self, member: Member) -> list[Sequence[Param]]:
        """The rows in a member of a table."""
        lines = gzip.decompress(self.read(member)).splitlines()
        return [tuple(_value(value) for value in orjson.loads(line)) for line in lines]


def chunks_of(rows: Iterable[Row]) -> Iterator[tuple[int, bytes]]:
    """Rows as members hold them: how many, and the bytes. Never is a table in memory."""
    lines: list[bytes] = []
    length = 0
    for row in rows:
        lines.append(orjson.dumps([_told(value) for value in row]))
        length += len(lines[-1])
        if length >= MOST_CHUNK_BYTES:
            yield len(lines), _packed(lines)
            lines, length = [], 0
    if lines:
        yield len(lines), _packed(lines)


def _packed(lines: list[bytes]) -> bytes:
    return gzip.compress(b"\n".join(lines), compresslevel=3, mtime=0)


def _told(value: Param | memoryview) -> Any:  # noqa: ANN401 - a JSON value
    return [b64encode(value).decode()] if isinstance(value, bytes | memoryview) else value


def _value(told: Any) -> Param:  # noqa: ANN401 - a JSON value
    if isinstance(told, list):
        return b64decode(told[0], validate=True)
    value: Param = told
    return value


def _members(file: IO[bytes]) -> list[Member]:
    with tarfile.open(fileobj=file, mode="r:") as tar:
        return [Member(info.name, info.offset_data, info.size) for info in tar if info.isreg()]


def _check_seal(file: IO[bytes], members: list[Member]) -> None:
    seal, manifest = members[-1], members[-2]
    if (seal.name, manifest.name) != (SEAL, MANIFEST):
        raise Damaged("it has no end: it was not finished")
    everything = hashlib.sha256()
    for part in _parts(file, 0, seal.start - BLOCK_BYTES):
        everything.update(part)
    file.seek(seal.start)
    told, rest = file.read(seal.size_bytes), file.read()
    zeros = bytes(-seal.size_bytes % BLOCK_BYTES + 2 * BLOCK_BYTES)
    if told != everything.hexdigest().encode() or rest != zeros:
        raise Damaged("it was changed after it was made, or the disk lost something of it")


def _parts(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    while length:
        file.seek(start)
        part = file.read(min(length, PART_BYTES))
        if not part:
            raise Damaged("it ends too early")
        start += len(part)
        length -= len(part)
        yield part
