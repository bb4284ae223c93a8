"""What the load says: accounts, rooms, encrypted messages and syncs, as rendered requests."""

from __future__ import annotations

import itertools
import json
import random
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from bench.load import Answer, Connection, expect_ok, gather_or_fail, render

V3 = "/_matrix/client/v3"
PASSWORD = "a password for the bench"  # noqa: S105 - of accounts that live for a minute
MARK_DIGITS = 8
CIPHERTEXT_LETTERS = 560  # a sentence of some 200 letters after Megolm and base64
TIMELINE_LIMIT = 100
_NEXT_BATCH = re.compile(rb'"next_batch":\s*"([^"]+)"')
_MARK = re.compile(rb'"ciphertext":\s*"AwgA(\d{8})')
_ROOM_ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the load, logged in once."""

    user_id: str
    token: str
    device_id: str


def quoted(part: str) -> str:
    """A part of a path."""
    return quote(part, safe="")


async def ask(
    connection: Connection, method: str, path: str, body: object = None, *, token: str = ""
) -> Answer:
    """One request with a JSON body, answered 200. Raises `Unexpected` for anything else."""
    raw = b"" if body is None else json.dumps(body).encode()
    return expect_ok(await connection.request(render(method, path, token=token, body=raw)))


async def register(connection: Connection, name: str) -> Person:
    """A new account, by open registration."""
    body = {"auth": {"type": "m.login.dummy"}, "username": name, "password": PASSWORD}
    made = json.loads((await ask(connection, "POST", f"{V3}/register", body)).body)
    return Person(made["user_id"], made["access_token"], made["device_id"])


async def register_many(connections: Sequence[Connection], names: Sequence[str]) -> list[Person]:
    """Accounts in the order of `names`, made over all the connections."""
    people: dict[str, Person] = {}
    rest = iter(names)

    async def some(connection: Connection) -> None:
        for name in rest:
            people[name] = await register(connection, name)

    await gather_or_fail([some(connection) for connection in connections])
    return [people[name] for name in names]


async def create_room(connection: Connection, owner: Person, members: Sequence[Person]) -> str:
    """An encrypted room that `members` have joined; its id, ready for a path."""
    body = {
        "preset": "public_chat",
        "name": "bench",
        "initial_state": [_ROOM_ENCRYPTION],
    }
    answer = await ask(connection, "POST", f"{V3}/createRoom", body, token=owner.token)
    room = quoted(json.loads(answer.body)["room_id"])
    for member in members:
        await join(connection, member, room)
    return room


async def join(connection: Connection, person: Person, room: str) -> None:
    """Come into a public room."""
    await ask(connection, "POST", f"{V3}/rooms/{room}/join", {}, token=person.token)


class Messages:
    """Requests that send distinct Megolm events of a realistic size into one room, as one person.

    Each carries a mark of its own at the start of its ciphertext, by which a reader counts it.
    """

    def __init__(self, person: Person, room: str, marks: Iterator[int], seed: int = 0) -> None:
        self.person, self.room = person, room
        letters = random.Random(seed).choices(
            string.ascii_letters + string.digits, k=CIPHERTEXT_LETTERS
        )
        mark = "0" * MARK_DIGITS
        content = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "ciphertext": f"AwgA{mark}{''.join(letters)}",
            "device_id": "KQXDRNVZPL",
            "sender_key": "kXQ3cXhYwR0Jw1mJzvWQ6u6Jr4qjJjV7m0mG1cUu3nE",
            "session_id": "dGhpcyBpcyBub3QgYSBzZXNzaW9uLCBidXQgYXMgbG9u",
        }
        path = f"{V3}/rooms/{room}/send/m.room.encrypted/bench{mark}"
        body = json.dumps(content, separators=(",", ":")).encode()
        whole = render("PUT", path, token=person.token, body=body)
        self._before, self._between, self._after = whole.split(mark.encode())
        self._marks = marks

    def __call__(self) -> bytes:
        """The next request."""
        return self.marked(self.next_mark())

    def next_mark(self) -> int:
        """A number that no message has had."""
        return next(self._marks)

    def marked(self, number: int) -> bytes:
        """The request whose event carries `number`."""
        mark = b"%08d" % number
        return b"".join((self._before, mark, self._between, mark, self._after))


def in_turn(sources: Sequence[Messages]) -> Iterator[bytes]:
    """Requests of all of them, one after another, without end."""
    for source in itertools.cycle(sources):
        yield source()


def event_id_of(answer: Answer) -> str:
    """The id of the event that was acknowledged."""
    return str(json.loads(answer.body)["event_id"])


async def make_filter(
    connection: Connection, person: Person, *, limit: int = TIMELINE_LIMIT
) -> str:
    """The id of a filter as clients use one: lazy members, a timeline that leaves no gap here."""
    body = {
        "presence": {"not_types": ["*"]},
        "room": {"timeline": {"limit": limit}, "state": {"lazy_load_members": True}},
    }
    path = f"{V3}/user/{quoted(person.user_id)}/filter"
    answer = await ask(connection, "POST", path, body, token=person.token)
    return str(json.loads(answer.body)["filter_id"])


def sync_request(
    person: Person, *, filter_id: str = "", since: str = "", wait_ms: int = 0
) -> bytes:
    """The request for what is new since `since`."""
    query = {"timeout": str(wait_ms), "filter": filter_id, "since": since}
    given = {name: value for name, value in query.items() if value}
    path = f"{V3}/sync?{urlencode(given)}"
    return render("GET", path, token=person.token)


def next_batch_of(answer: Answer) -> str:
    """Where the next sync goes on."""
    found = _NEXT_BATCH.search(answer.body)
    assert found is not None, answer.body[:300]
    return found[1].decode()


def marks_of(answer: Answer) -> list[int]:
    """The marks of the messages in it, in order."""
    return [int(mark) for mark in _MARK.findall(answer.body)]
