"""`python -m bench.soak`: a mixed load for half an hour. Memory stays flat, and nothing fails.

Twenty people in five rooms: half wait in `/sync`, half in sliding sync, and meanwhile each of them
sends, reads back, types, moves receipts, uploads and claims keys, sends to devices, uploads and
downloads, logs in and out, leaves and comes back. Every ten seconds the server's memory is read.
After the first third, in which caches fill, the line through what was read may not rise by more
than `MOST_GROWTH_MIB`.

Ends with 1 when it rises, when any request was not answered 200, or when the log holds an error.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression

import uvloop

from bench import matrix
from bench.environment import CACHE
from bench.load import Answer, Connection, Unexpected, connect, expect_ok, render
from bench.machine import allow_many_files, keep_to_load_core
from bench.matrix import V3, quoted
from bench.process import ServerProcess
from bench.roads import sliding
from bench.roads.keys import Device
from bench.servers.privity import Privity

PEOPLE = 20
ROOMS = 5
PAUSE_S = 0.05
SAMPLE_EVERY_S = 10.0
WAIT_MS = 20_000
FILE_BYTES = 100_000
SETTLED = 1 / 3
MOST_GROWTH_MIB = 8.0


@dataclass(slots=True)
class Soak:
    """What all of them share."""

    port: int
    rooms: list[str]
    people: list[matrix.Person]
    until: float
    answered: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start, MiB."""

    @property
    def goes_on(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until


class Inhabitant:
    """One person: a connection that waits, and one that does something all the time."""

    def __init__(self, soak: Soak, number: int) -> None:
        self._soak = soak
        self._person = soak.people[number]
        self._slides = number % 2 == 1
        self._random = random.Random(number)
        self._room = soak.rooms[number % ROOMS]
        self._marks = itertools.count(number * 1_000_000)
        self._messages = matrix.Messages(self._person, self._room, self._marks)
        self._device = Device.new(self._person)
        self._keys = itertools.count()
        self._newest = ""
        self._doing: Connection
        self._deeds: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (50, self._send),
            (10, self._move_receipt),
            (8, self._type),
            (6, self._read_back),
            (4, self._to_device),
            (4, self._query),
            (3, self._upload_and_claim),
            (3, self._set_account_data),
            (2, self._file),
            (2, self._log_in_and_out),
            (1, self._leave_and_come_back),
            (1, self._first_sync),
        ]

    async def live(self) -> None:
        """Wait and do until the time is over."""
        self._doing = await connect(self._soak.port)
        await asyncio.gather(self._slide() if self._slides else self._listen(), self._do())
        self._doing.close()

    async def _slide(self) -> None:
        connection = await connect(self._soak.port)
        pos = since = ""
        while self._soak.goes_on:
            request = sliding.request_of(self._person, "soak", pos, WAIT_MS, since)
            answer = await connection.request(request)
            self._count("sliding sync", answer)
            told = json.loads(answer.body)
            pos = told["pos"]
            since = told["extensions"].get("to_device", {}).get("next_batch", since)
        connection.close()

    async def _listen(self) -> None:
        connection = await connect(self._soak.port)
        filter_id = await matrix.make_filter(connection, self._person)
        since = ""
        while self._soak.goes_on:
            request = matrix.sync_request(
                self._person, filter_id=filter_id, since=since, wait_ms=WAIT_MS
            )
            answer = await connection.request(request)
            self._count("sync", answer)
            since = matrix.next_batch_of(answer)
        connection.close()

    async def _do(self) -> None:
        weights = [weight for weight, _ in self._deeds]
        deeds = [deed for _, deed in self._deeds]
        while self._soak.goes_on:
            (deed,) = self._random.choices(deeds, weights)
            await deed()
            await asyncio.sleep(self._random.random() * 2 * PAUSE_S)

    async def _ask(
        self, what: str, method: str, path: str, body: object = None, *, token: str = ""
    ) -> Answer:
        raw = b"" if body is None else json.dumps(body).encode()
        request = render(method, path, token=token or self._person.token, body=raw)
        answer = await self._doing.request(request)
        self._count(what, answer)
        return answer

    def _count(self, what: str, answer: Answer) -> None:
        self._soak.answered[what] += 1
        if answer.status != 200:
            self._soak.failed[f"{what}: {answer.status} {answer.body[:80]!r}"] += 1

    async def _send(self) -> None:
        answer = await self._doing.request(self._messages())
        self._count("send", answer)
        self._newest = matrix.event_id_of(answer)

    async def _move_receipt(self) -> None:
        if self._newest:
            path = f"{V3}/rooms/{self._room}/receipt/m.read/{quoted(self._newest)}"
            await self._ask("receipt", "POST", path, {})

    async def _type(self) -> None:
        path = f"{V3}/rooms/{self._room}/typing/{quoted(self._person.user_id)}"
        await self._ask("typing", "PUT", path, {"typing": True, "timeout": 2000})

    async def _read_back(self) -> None:
        await self._ask("messages", "GET", f"{V3}/rooms/{self._room}/messages?dir=b&limit=30")

    async def _to_device(self) -> None:
        other = self._random.choice(self._soak.people)
        content = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": {}}
        path = f"{V3}/sendToDevice/m.room.encrypted/{next(self._keys)}"
        body = {"messages": {other.user_id: {other.device_id: content}}}
        await self._ask("to_device", "PUT", path, body)

    async def _query(self) -> None:
        asked: dict[str, list[str]] = {person.user_id: [] for person in self._soak.people}
        await self._ask("query", "POST", f"{V3}/keys/query", {"device_keys": asked})

    async def _upload_and_claim(self) -> None:
        name = f"S{next(self._keys)}"
        await self._ask("upload", "POST", f"{V3}/keys/upload", self._device.keys((name,)))
        mine = {self._person.user_id: {self._person.device_id: "signed_curve25519"}}
        await self._ask("claim", "POST", f"{V3}/keys/claim", {"one_time_keys": mine})

    async def _set_account_data(self) -> None:
        path = f"{V3}/user/{quoted(self._person.user_id)}/account_data/org.bench"
        await self._ask("account_data", "PUT", path, {"n": self._random.random().hex()})

    async def _file(self) -> None:
        content = os.urandom(FILE_BYTES)
        request = render("POST", "/_matrix/media/v3/upload", token=self._person.token)
        request = request.replace(b"application/json", b"application/octet-stream")
        request = request.replace(b"Content-Length: 0", b"Content-Length: %d" % len(content))
        answer = await self._doing.request(request + content)
        self._count("upload of a file", answer)
        uri = json.loads(answer.body)["content_uri"].removeprefix("mxc://")
        await self._ask("download", "GET", f"/_matrix/client/v1/media/download/{uri}")

    async def _log_in_and_out(self) -> None:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._person.user_id},
            "password": matrix.PASSWORD,
        }
        made = json.loads((await self._ask("log-in", "POST", f"{V3}/login", body)).body)
        await self._ask("log-out", "POST", f"{V3}/logout", {}, token=made["access_token"])

    async def _leave_and_come_back(self) -> None:
        other = self._soak.rooms[(self._soak.rooms.index(self._room) + 1) % ROOMS]
        await self._ask("join", "POST", f"{V3}/rooms/{other}/join", {})
        await self._ask("leave", "POST", f"{V3}/rooms/{other}/leave", {})

    async def _first_sync(self) -> None:
        self._count("first sync", await self._doing.request(matrix.sync_request(self._person)))


async def soak(server: Privity, process: ServerProcess, seconds: float) -> Soak:
    """Make the people and the rooms, then let them live."""
    connection = await connect(server.port)
    names = [f"inhabitant{number}" for number in range(PEOPLE)]
    people = await matrix.register_many([connection], names)
    rooms = [
        await matrix.create_room(connection, people[number], people[number + ROOMS :: ROOMS])
        for number in range(ROOMS)
    ]
    started = time.monotonic()
    soaking = Soak(server.port, rooms, people, started + seconds)
    sampling = asyncio.create_task(_sample(soaking, process, started))
    await asyncio.gather(*(Inhabitant(soaking, number).live() for number in range(PEOPLE)))
    sampling.cancel()
    after = await connect(server.port)
    expect_ok(await after.request(render("GET", "/ready")))
    return soaking


async def _sample(soaking: Soak, process: ServerProcess, started: float) -> None:
    while True:
        mib = process.memory().rss_bytes / 2**20
        soaking.samples.append((time.monotonic() - started, mib))
        minutes = soaking.samples[-1][0] / 60
        total = soaking.answered.total()
        if len(soaking.samples) % 6 == 1:
            failed = soaking.failed.total()
            print(f"{minutes:5.1f} min {mib:7.1f} MiB {total:9,} answered {failed} failed")
        await asyncio.sleep(SAMPLE_EVERY_S)


def growth_mib(samples: Sequence[tuple[float, float]]) -> float:
    """By how much the line through the settled part of the samples rises, in MiB."""
    settled = samples[int(len(samples) * SETTLED) :]
    times = [at for at, _ in settled]
    slope, _ = linear_regression(times, [mib for _, mib in settled])
    return float(slope * (times[-1] - times[0]))


def _report(soaking: Soak, errors: Sequence[str]) -> bool:
    """Print what was seen; whether all is well."""
    grown = growth_mib(soaking.samples)
    for what, count in soaking.answered.most_common():
        print(f"{count:10,} {what}")
    print(
        f"memory: {soaking.samples[0][1]:.1f} MiB at first, {soaking.samples[-1][1]:.1f} at last;"
    )
    print(f"  after the first third it grew by {grown:.1f} MiB (at most {MOST_GROWTH_MIB})")
    print(f"failed requests: {soaking.failed.total()}; errors in the log: {len(errors)}")
    for line in [*map(str, soaking.failed.most_common(10)), *errors[:10]]:
        print(f"  {line}")
    return grown <= MOST_GROWTH_MIB and not soaking.failed and not errors


def main() -> int:
    """Soak, report."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    allow_many_files()
    keep_to_load_core()
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak-data-", dir=CACHE) as folder:
        server = Privity(Path(folder), asked.database)
        try:
            with server.start() as process:
                soaking = uvloop.run(soak(server, process, asked.minutes * 60))
        except Unexpected:
            print(server.log.read_text("utf-8")[-2000:])
            raise
        finally:
            server.close()
        lines = server.log.read_text("utf-8").splitlines()
    is_well = _report(soaking, [line for line in lines if '"level":"error"' in line])
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
