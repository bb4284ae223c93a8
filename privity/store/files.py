"""Files on the disk: media, each under the SHA-256 of what it holds.

1. What comes in goes to a file in `incoming` and is hashed on the way; never is it whole in memory.
2. A file is made durable, then moved to its place `ab/cdef...` in one step, then the place is made
   durable. Whoever adds a row afterwards has a file for it, whatever is killed when.
3. What lies under a digest already holds the same: the new file takes its place.
4. A file in `incoming` is locked by the process that writes it. One that nobody locks was left by
   a process that was killed; it is removed at the next start of any.
5. The disk is waited for in threads of its own, never in the loop's.
6. A file that is to go is put aside first, and only then asked for: whoever sends the same again
   puts theirs in its place, which is not touched any more. One that was named after all, or came
   lately, is put back.

| killed, or failed, at | what remains |
|---|---|
| a part of the file | a file in `incoming`, removed at once or at the next start |
| before the row | a file that no row names: nobody sees it, the next of its kind replaces it |
| after the row | the media, whole |
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

INCOMING = "incoming"
LEAVING = "leaving"
PART_BYTES = 128 * 1024
WRITE_BYTES = 512 * 1024
"""Written at a time. Of 128 KiB the kernel makes smaller pages: two thirds more CPU in all."""
THREADS = 4


class DiskAway(Exception):  # noqa: N818 - named for what happened
    """The disk cannot be read or written (full, gone, broken). Nothing of the file was kept."""


class Incoming:
    """A file that is coming in. Made by `Files.incoming`; used by one request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path, self._file = _locked_file(folder / INCOMING)
        self._hash = hashlib.sha256()
        self._unwritten = bytearray()
        self._turn = Lock()
        self.size_bytes = 0

    def take(self, part: bytes) -> bool:
        """Take the next bytes. True: enough came together to be worth a `write`."""
        self._unwritten += part
        self.size_bytes += len(part)
        return len(self._unwritten) >= WRITE_BYTES

    def write(self) -> None:
        """In a thread: write what was taken."""
        with self._turn:
            self._write()

    def finish(self) -> str:
        """In a thread: write the rest. The digest, in hexadecimal."""
        with self._turn:
            self._write()
            return self._hash.hexdigest()

    def keep(self) -> str:
        """In a thread: rule 2. The digest."""
        digest = self.finish()
        with self._turn:
            os.fsync(self._file.fileno())
            place = path_of(self._folder, digest)
            if not place.parent.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                _make_durable(self._folder)
            self.path.replace(place)  # 3
            _make_durable(place.parent)
            self._file.close()
            return digest

    def drop(self) -> None:
        """In a thread: remove it, unless it was kept."""
        with self._turn:
            if not self._file.closed:
                self.path.unlink(missing_ok=True)
                self._file.close()

    def _write(self) -> None:
        unwritten, self._unwritten = self._unwritten, bytearray()
        self._hash.update(unwritten)
        left = memoryview(unwritten)
        while left:
            left = left[self._file.write(left) :]


class Files:
    """The folder of media."""

    can_put_aside = True
    """Rule 6. Where it is not so, `store.leaving` sees to it that no file is lost."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(THREADS, "privity-files")

    async def start(self) -> None:
        """Make the folder, and remove what was left half done (rule 4)."""
        await self._run(self._prepare)

    async def stop(self) -> None:
        """Let the threads end."""
        await asyncio.to_thread(self._threads.shutdown)

    @asynccontextmanager
    async def incoming(self) -> AsyncIterator[Incoming]:
        """A new file that is coming in. What is not kept in the end is removed."""
        incoming = await self._run(lambda: Incoming(self._folder))
        try:
            yield incoming
        finally:
            await self._run(incoming.drop)

    async def write(self, incoming: Incoming) -> None:
        """Have a file that is coming in written on."""
        await self._run(incoming.write)

    async def keep(self, incoming: Incoming) -> str:
        """Have it kept, durably. Its digest."""
        return await self._run(incoming.keep)

    async def read(self, digest: str, first: int, beyond: int) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from `first` to before `beyond`, in parts of `PART_BYTES`.

        A file that ends too early ends the parts too early.
        """
        file = await self._run(lambda: FileIO(path_of(self._folder, digest)))
        return self._parts(file, first, beyond)

    async def has(self, digest: str) -> bool:
        """Whether a file with this digest lies here."""
        return await self._run(path_of(self._folder, digest).is_file)

    async def remove(self, digest: str) -> None:
        """Remove a file. What was removed before is no fault."""
        await self._run(lambda: path_of(self._folder, digest).unlink(missing_ok=True))

    async def remove_unless(
        self, digest: str, is_named: Callable[[], Awaitable[bool]], before_ts: int
    ) -> bool:
        """Remove a file that came before a time (ms), unless a row names it (rule 6)."""
        if not await self._run(lambda: self._put_aside(digest, before_ts)):
            return False
        if await is_named():
            await self._run(lambda: self._put_back(self._folder / LEAVING / digest))
            return False
        await self._run(lambda: (self._folder / LEAVING / digest).unlink(missing_ok=True))
        return True

    async def digests(self) -> set[str]:
        """The digests of every file."""
        return await self._run(self._digests)

    async def old_ones(self, beginning: str, before_ts: int) -> list[str]:
        """The digests that begin like this (two letters) of files that came before a time (ms)."""
        return await self._run(lambda: list(self._older(beginning, before_ts)))

    async def _parts(self, file: FileIO, first: int, beyond: int) -> AsyncGenerator[bytes, None]:
        with file:
            while first < beyond:
                length = min(PART_BYTES, beyond - first)
                part = await self._run(_reading(file.fileno(), length, first))
                if not part:
                    return
                first += len(part)
                yield part

    async def _run(self, job: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, job)
        except OSError as error:
            message = f"the media folder: {error.strerror}"
            raise DiskAway(message) from error

    def _put_aside(self, digest: str, before_ts: int) -> bool:
        place, aside = path_of(self._folder, digest), self._folder / LEAVING / digest
        try:
            place.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime * 1000 < before_ts:
            return True
        self._put_back(aside)
        return False

    def _put_back(self, aside: Path) -> None:
        with suppress(FileExistsError, FileNotFoundError):  # it came again, or was put back
            os.link(aside, path_of(self._folder, aside.name))
        aside.unlink(missing_ok=True)

    def _older(self, beginning: str, before_ts: int) -> Iterator[str]:
        folder = self._folder / beginning
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if entry.stat().st_mtime * 1000 < before_ts:
                yield beginning + entry.name

    def _digests(self) -> set[str]:
        return {"".join(path.parts[-2:]) for path in self._folder.glob("[0-9a-f][0-9a-f]/*")}

    def _prepare(self) -> None:
        coming = self._folder / INCOMING
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (coming, self._folder / LEAVING):
            folder.mkdir(mode=0o700, exist_ok=True)
        for left in coming.iterdir():
            _remove_unless_locked(left)
        for left in (self._folder / LEAVING).iterdir():
            self._put_back(left)


def path_of(folder: Path, digest: str) -> Path:
    """Where the file with this digest lies."""
    return folder / digest[:2] / digest[2:]


def _reading(descriptor: int, length: int, offset: int) -> Callable[[], bytes]:
    return lambda: os.pread(descriptor, length, offset)


def _locked_file(folder: Path) -> tuple[Path, FileIO]:
    while True:
        path = folder / secrets.token_hex(16)
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return path, file
        file.close()  # another process started, and took it for a left one before it was locked


def _remove_unless_locked(path: Path) -> None:
    with suppress(BlockingIOError, FileNotFoundError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
