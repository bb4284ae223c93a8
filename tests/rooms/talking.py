"""Short ways to say what stories say often."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.world import Answer, Person

CIPHERTEXT = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    "device_id": "AAAAAAAAAA",
    "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu",
}
_numbers = count(1)


def encrypted(words: str = "", **more: Any) -> dict[str, Any]:
    """The content of an encrypted event; the letters of `words` tell it from others."""
    letters = "".join(letter for letter in words if letter.isalnum())
    return {**CIPHERTEXT, "ciphertext": f"{CIPHERTEXT['ciphertext']}{letters}", **more}


async def create(person: Person, **body: Any) -> str:
    """A new room of this person's; its id."""
    answer = await person.post("/createRoom", body)
    assert answer.status == 200, answer.body
    room_id: str = answer["room_id"]
    return room_id


async def room_of(first: Person, *others: Person, **body: Any) -> str:
    """A room that all of these are in; its id."""
    room_id = await create(first, invite=[other.user_id for other in others], **body)
    for other in others:
        answer = await other.post(f"/rooms/{room_id}/join")
        assert answer.status == 200, answer.body
    return room_id


async def say(person: Person, room_id: str, words: str = "", **more: Any) -> str:
    """Send an encrypted event; its id."""
    answer = await send(person, room_id, encrypted(words, **more))
    assert answer.status == 200, answer.body
    event_id: str = answer["event_id"]
    return event_id


async def send(
    person: Person,
    room_id: str,
    content: dict[str, Any] | bytes,
    kind: str = "m.room.encrypted",
    txn_id: str | None = None,
) -> Answer:
    """Send an event of any kind."""
    txn = txn_id or f"t{next(_numbers)}"
    return await person.put(f"/rooms/{room_id}/send/{kind}/{txn}", content)


async def state_of(person: Person, room_id: str, kind: str, key: str = "") -> Answer:
    """One piece of a room's state."""
    return await person.get(f"/rooms/{room_id}/state/{kind}/{key}")


async def history(person: Person, room_id: str, **query: Any) -> list[str]:
    """The ids of a room's events, newest first."""
    answer = await person.get(f"/rooms/{room_id}/messages", dir="b", limit=100, **query)
    assert answer.status == 200, answer.body
    return [event["event_id"] for event in answer["chunk"]]


def timeline(answer: Answer, room_id: str) -> list[str]:
    """The ids of the events that a sync tells of a joined room."""
    room = answer["rooms"]["join"][room_id]
    return [event["event_id"] for event in room["timeline"]["events"]]
