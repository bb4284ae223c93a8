"""Requests to a bucket, over connections that stay open. Everything here blocks: for threads.

1. What goes up is read from its file piece by piece, with its SHA-256 signed: a bucket that gets
   anything else refuses it. What comes down is bounded by who asked for it.
2. A request can be repeated, for each says what is to be and not what is to be changed. It is,
   twice, when the connection breaks or the bucket says that it cannot now.
3. Whatever fails then is `DiskAway`, with the bucket's own code for it: never an address, a header
   or a key.
4. A server that stops waits for no answer: what is under way breaks off, and is not repeated.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from privity.store.bucket.signature import Credentials, encoded_path, encoded_query, signed
from privity.store.files import PART_BYTES, DiskAway

CONNECT_WITHIN_S = 3.0
ANSWER_WITHIN_S = 30.0
PAUSES_S = (0.0, 0.1, 1.0)
MOST_IDLE = 16
MOST_TOLD_BYTES = 4 * 1024 * 1024
NOTHING = hashlib.sha256(b"").hexdigest()
NOT_NOW = {429, 500, 502, 503, 504}

_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where it is, and who we are there."""

    name: str
    endpoint: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Ask:
    """A request about a key, or the bucket itself. `file` is sent, `digest` is its SHA-256."""

    method: str
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    digest: str = NOTHING


@dataclass(frozen=True, slots=True)
class Told:
    """What the bucket answered."""

    status: int
    headers: Message
    content: bytes


class Client:
    """One bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        parts = urlsplit(bucket.endpoint)
        self._host, self._port, self._root = parts.hostname or "", parts.port, parts.path
        self._host_header = parts.netloc
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[HTTPConnection] = deque(maxlen=MOST_IDLE)
        self._busy: set[HTTPConnection] = set()
        self._is_over = False

    def ask(self, ask: Ask, *good: int, most_bytes: int = MOST_TOLD_BYTES) -> Told:
        """Ask, and ask again (rule 2), for an answer with one of these statuses. `DiskAway`."""
        problem = ""
        for pause_s in PAUSES_S:
            time.sleep(pause_s)
            try:
                told = self._once(ask, most_bytes)
            except (OSError, HTTPException) as error:
                problem = type(error).__name__
                self._close_idle()  # the bucket may have closed them too
                if self._is_over:
                    break
                continue
            if told.status in good:
                return told
            problem = _code(told)
            if told.status not in NOT_NOW:
                break
        message = f"the bucket of media: {problem}"
        raise DiskAway(message)  # 3

    def stop(self) -> None:
        """Rule 4."""
        self._is_over = True
        for connection in tuple(self._busy):
            if connection.sock:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
        self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _once(self, ask: Ask, most_bytes: int) -> Told:
        path = f"{self._root}/{self._bucket.name}" + (f"/{ask.key}" if ask.key else "")
        named = {**ask.headers, "host": self._host_header, "x-amz-content-sha256": ask.digest}
        headers = signed(
            ask.method, path, ask.query, named, self._bucket.credentials, datetime.now(UTC)
        )
        target = encoded_path(path) + ("?" + encoded_query(ask.query) if ask.query else "")
        with ExitStack() as stack:
            connection = self._connected()
            self._busy.add(connection)
            stack.callback(connection.close)
            stack.callback(self._busy.discard, connection)
            body = None
            if ask.file is not None:
                body = stack.enter_context(ask.file.open("rb", buffering=0))
                headers["content-length"] = str(ask.file.stat().st_size)
            connection.request(ask.method, target, body, headers)
            answer = connection.getresponse()
            content = answer.read(most_bytes)
            _check_whole(ask, answer.headers, len(content), most_bytes)
            if answer.isclosed() and not answer.will_close:
                self._busy.discard(connection)
                stack.pop_all()
                self._idle.append(connection)
        return Told(answer.status, answer.headers, content)

    def _connected(self) -> HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._new()
        connection.connect()
        connection.sock.settimeout(ANSWER_WITHIN_S)
        return connection

    def _new(self) -> HTTPConnection:
        host, port = self._host, self._port
        if self._tls is None:
            return HTTPConnection(host, port, CONNECT_WITHIN_S, blocksize=PART_BYTES)
        return HTTPSConnection(
            host, port, timeout=CONNECT_WITHIN_S, context=self._tls, blocksize=PART_BYTES
        )


def _check_whole(ask: Ask, headers: Message, came_bytes: int, most_bytes: int) -> None:
    """The library does not say when an answer breaks off."""
    promised = headers.get("content-length", "")
    if ask.method != "HEAD" and promised.isdigit() and came_bytes < min(int(promised), most_bytes):
        raise HTTPException


def _code(told: Told) -> str:
    match = _CODE.search(told.content)
    return f"{told.status} {match[1].decode()}" if match else str(told.status)
