"""The bus over NATS.

1. Everything is sealed with a secret that only the cluster's processes know (it is in their
   database): who listens learns nothing, and what anybody else says is thrown away unread.
2. What is said while NATS is away is not said later: by then everybody has looked for themselves.
3. Of positions only the newest is worth saying.
4. That NATS is away is logged once for each reason until it is back, however often it is tried.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from hashlib import sha256
from urllib.parse import urlsplit

import nats
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nats.aio.client import Client
from nats.aio.msg import Msg

from privity.log import log
from privity.store.bus import COME_BACK_AFTER_S, MOST_ASIDE_BYTES, MOST_UNSAID, Ears

NEWS = b"news"
ASIDE = b"aside"
ORIGIN_BYTES = 16
CONNECT_TIMEOUT_S = 2
PING_EVERY_S = 10
LAST_WORDS_S = 1
FAILURES = (nats.errors.Error, OSError, TimeoutError)
SCHEMES = frozenset({"nats", "tls"})


class NatsBus:
    """One connection to a NATS server, or to one of several. `origin`: this process's own mark.

    Raises `ValueError` for addresses that cannot be. The text holds no password.
    """

    needs_secret = True

    def __init__(self, url: str, origin: str) -> None:
        self.is_up = False
        self._urls = [each.strip() for each in url.split(",")]
        self._hosts = [_host_of(each) for each in self._urls]
        self._origin = origin.encode()[:ORIGIN_BYTES].ljust(ORIGIN_BYTES)
        self._box = SecretBox(bytes(SecretBox.KEY_SIZE))
        self._topic = ""
        self._ears: Ears | None = None
        self._client: Client | None = None
        self._newest = 0
        self._is_over = False
        self._unsaid: deque[bytes] = deque(maxlen=MOST_UNSAID)
        self._has_words = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._logged: set[str] = set()

    async def start(self, ears: Ears, secret: bytes) -> None:
        """Connect in the background."""
        self._ears = ears
        self._box = SecretBox(sha256(b"privity: bus" + secret).digest())
        self._topic = f"privity.{sha256(b'privity: topic' + secret).hexdigest()[:32]}"
        self._working = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Say what is still to be said, if that is soon done, and hang up."""
        self._is_over = True
        self._has_words.set()
        if self._working is not None:
            self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working
        if self._client is not None:
            with suppress(*FAILURES):
                await self._say(self._client)
                await self._client.flush(LAST_WORDS_S)
            with suppress(*FAILURES):
                await self._client.close()
        self.is_up = False

    def tell_news(self, pos: int) -> None:
        """The clock is at `pos`."""
        self._newest = pos
        self._has_words.set()

    def tell_aside(self, aside: bytes) -> None:
        """Say this to the other processes."""
        if self.is_up and len(aside) <= MOST_ASIDE_BYTES:
            self._unsaid.append(aside)
            self._has_words.set()

    def describe(self) -> str:
        """For people: without a user and a password."""
        return f"NATS at {', '.join(self._hosts)}"

    async def _work(self) -> None:
        while self._client is None:
            try:
                self._client = await self._connected()
            except FAILURES as error:
                await self._failed(error)
                await asyncio.sleep(COME_BACK_AFTER_S)
        await self._back()
        while not self._is_over:  # a cancellation can be lost inside of the client
            await self._has_words.wait()
            self._has_words.clear()
            with suppress(*FAILURES):
                await self._say(self._client)

    async def _connected(self) -> Client:
        client = await nats.connect(
            self._urls,
            connect_timeout=CONNECT_TIMEOUT_S,
            reconnect_time_wait=COME_BACK_AFTER_S,
            max_reconnect_attempts=-1,
            ping_interval=PING_EVERY_S,
            allow_reconnect=True,
            disconnected_cb=self._away,
            reconnected_cb=self._back,
            error_cb=self._failed,
        )
        await client.subscribe(self._topic, cb=self._hear)
        return client

    async def _away(self) -> None:
        self.is_up = False
        await self._failed(ConnectionError())

    async def _back(self) -> None:
        self.is_up = True
        if self._logged:
            log.info("bus.back")
            self._logged.clear()
        if self._ears is not None:
            self._ears.hint(None)  # who knows what was said meanwhile

    async def _failed(self, error: Exception) -> None:  # 4
        because = type(error).__name__
        if because not in self._logged:
            self._logged.add(because)
            log.warning("bus.failed" if self.is_up else "bus.away", because=because)

    async def _say(self, client: Client) -> None:
        if not self.is_up:  # 2
            self._unsaid.clear()
            self._newest = 0
            return
        if self._newest:
            pos, self._newest = self._newest, 0
            await client.publish(self._topic, self._sealed(NEWS, b"%d" % pos))
        while self._unsaid:
            await client.publish(self._topic, self._sealed(ASIDE, self._unsaid.popleft()))

    def _sealed(self, kind: bytes, words: bytes) -> bytes:  # 1
        return bytes(self._box.encrypt(self._origin + kind + b" " + words))

    async def _hear(self, message: Msg) -> None:
        said = unsealed(self._box, message.data)
        if said is None:
            return
        kind, _, words = said[ORIGIN_BYTES:].partition(b" ")
        if said[:ORIGIN_BYTES] == self._origin or self._ears is None:
            return
        if kind == ASIDE:
            self._ears.hear(words)
        elif kind == NEWS and words.isdigit():
            self._ears.hint(int(words))


def _host_of(url: str) -> str:
    """`HOST:PORT` of an address. Raises `ValueError`, which holds nothing of it."""
    where = urlsplit(url)
    with suppress(ValueError):  # a port that is none
        if where.scheme in SCHEMES and where.hostname:
            return f"{where.hostname}:{where.port or 4222}"
    raise ValueError("an address of NATS is nats://HOST:PORT or tls://HOST:PORT")


def unsealed(box: SecretBox, sealed: bytes) -> bytes | None:  # 1
    """What one of our own processes said; None if it was somebody else."""
    try:
        return bytes(box.decrypt(sealed))
    except (CryptoError, ValueError):
        return None
