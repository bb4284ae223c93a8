"""Media in a bucket of an S3-compatible store, instead of a folder.

1. What comes in is still written to the disk first, hashed on the way, and put into the bucket when
   it is whole, under the same `ab/cdef...`: until then nobody knows its digest.
2. It is there when the bucket says so, and only then is its row added.
3. It is read a range at a time: whoever reads slowly holds neither a connection nor a thread, and
   of memory one range.
4. A file is removed if it came before a time and no row names it. A bucket cannot put it aside, and
   the questions and the removal are requests of their own: `store.leaving` has whoever sends the
   same at that time send it again.
5. Only keys that are a digest are ours; whatever else lies in the bucket is not touched.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from privity.config import BadConfig, Config
from privity.store.bucket.client import Ask, Bucket, Client
from privity.store.bucket.signature import Credentials
from privity.store.files import Files, Incoming

T = TypeVar("T")

RANGE_BYTES = 512 * 1024
THREADS = 16
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

_LISTED = re.compile(r"<Contents>(.*?)</Contents>", re.DOTALL)
_KEY = re.compile(r"<Key>([0-9a-f]{2}/[0-9a-f]{62})</Key>")  # 5
_CAME = re.compile(r"<LastModified>([^<]{1,40})</LastModified>")
_NEXT = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")


def bucket_of(config: Config, environment: Mapping[str, str]) -> Bucket:
    """The bucket that the configuration names. Raises `BadConfig`."""
    endpoint = config.media_s3_url.rstrip("/")
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadConfig("'media_s3_endpoint' begins with https://: what is sent there is media.")
    key_id, secret = _credentials(config.media_s3_credentials, environment)
    credentials = Credentials(key_id, secret, config.media_s3_region)
    return Bucket(config.media_s3_bucket, endpoint, credentials)


def _credentials(file: str, environment: Mapping[str, str]) -> tuple[str, str]:
    try:
        if not file:
            return environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        key_id, secret = Path(file).read_text("utf-8").split()
    except KeyError as error:
        message = f"'media_s3_credentials' is not set, and neither is {error.args[0]}."
        raise BadConfig(message) from error
    except (OSError, ValueError) as error:
        message = f"'media_s3_credentials': {file} does not hold a key's id and its secret."
        raise BadConfig(message) from error
    return key_id, secret


class BucketFiles(Files):
    """The bucket of media. `folder` holds what is coming in."""

    can_put_aside = False

    def __init__(self, folder: Path, bucket: Bucket) -> None:
        super().__init__(folder)
        self._client = Client(bucket)
        self._askers = ThreadPoolExecutor(THREADS, "privity-bucket")

    async def stop(self) -> None:
        """Let the threads end: those that ask first, for whoever waits for them writes after."""
        self._client.stop()
        await asyncio.to_thread(self._askers.shutdown)
        await super().stop()

    async def keep(self, incoming: Incoming) -> str:
        """Have it put into the bucket (rules 1 and 2). Its digest."""
        digest = await self._run(incoming.finish)
        ask = Ask("PUT", key_of(digest), file=incoming.path, digest=digest)
        await self._ask(lambda: self._client.ask(ask, 200))
        return digest

    async def read(self, digest: str, first: int, beyond: int) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from `first` to before `beyond`, a range at a time (rule 3)."""
        beginning = await self._range(digest, first, beyond)
        return self._ranges(digest, beginning, first + len(beginning), beyond)

    async def has(self, digest: str) -> bool:
        """Whether it is in the bucket."""
        return await self._came_ts(digest) is not None

    async def remove(self, digest: str) -> None:
        """Remove it from the bucket."""
        await self._ask(lambda: self._client.ask(Ask("DELETE", key_of(digest)), 200, 204, 404))

    async def remove_unless(
        self, digest: str, is_named: Callable[[], Awaitable[bool]], before_ts: int
    ) -> bool:
        """Remove a file that came before a time (ms), unless a row names it (rule 4)."""
        came_ts = await self._came_ts(digest)
        if came_ts is None or came_ts >= before_ts or await is_named():
            return False
        await self.remove(digest)
        return True

    async def old_ones(self, beginning: str, before_ts: int) -> list[str]:
        """The digests that begin like this (two letters) of files that came before a time (ms)."""
        listed = await self._ask(lambda: list(self._listed(f"{beginning}/")))
        return [digest for digest, came_ts in listed if came_ts < before_ts]

    async def digests(self) -> set[str]:
        """The digests of every file in the bucket."""
        return await self._ask(lambda: {digest for digest, _ in self._listed("")})

    async def _ask(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._askers, job)

    def _listed(self, beginning: str) -> Iterator[tuple[str, int]]:
        query = {"list-type": "2", "prefix": beginning}
        while True:
            page = self._client.ask(Ask("GET", query=query), 200).content.decode()
            for (entry,) in (match.groups() for match in _LISTED.finditer(page)):
                key, came = _KEY.search(entry), _CAME.search(entry)
                if key and came:
                    yield key[1].replace("/", ""), _ms(datetime.fromisoformat(came[1]))
            following = _NEXT.search(page)
            if following is None:
                return
            query = {**query, "continuation-token": unescape(following[1])}

    async def _came_ts(self, digest: str) -> int | None:
        told = await self._ask(lambda: self._client.ask(Ask("HEAD", key_of(digest)), 200, 404))
        if told.status == 404:  # noqa: PLR2004 - as HTTP says that it is not there
            return None
        return _ms(parsedate_to_datetime(told.headers["last-modified"]))

    async def _ranges(
        self, digest: str, part: bytes, first: int, beyond: int
    ) -> AsyncGenerator[bytes, None]:
        while part:
            yield part
            part = await self._range(digest, first, beyond)
            first += len(part)

    async def _range(self, digest: str, first: int, beyond: int) -> bytes:
        end = min(first + RANGE_BYTES, beyond)
        if first >= end:
            return b""
        ask = Ask("GET", key_of(digest), headers={"range": f"bytes={first}-{end - 1}"})
        told = await self._ask(lambda: self._client.ask(ask, 206, most_bytes=end - first))
        return told.content


def key_of(digest: str) -> str:
    """The key of the file with this digest."""
    return f"{digest[:2]}/{digest[2:]}"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
