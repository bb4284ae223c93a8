"""Sliding sync as a client asks for it, and the form that every answer of it has (MSC4186)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from tests.world import Answer, Person

UNSTABLE = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
FINAL = "/_matrix/client/v4/sync"

EVENT = {
    "type": "object",
    "required": ["type", "event_id", "sender", "origin_server_ts", "content"],
}
EVENTS = {"type": "array", "items": EVENT}
STATE = {"type": "array", "items": {**EVENT, "required": [*EVENT["required"], "state_key"]}}
STRIPPED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "state_key", "sender", "content"],
        "properties": {name: {} for name in ("type", "state_key", "sender", "content")},
        "additionalProperties": False,
    },
}
COUNT = {"type": "integer", "minimum": 0}
HERO = {
    "type": "object",
    "required": ["user_id"],
    "properties": {name: {"type": "string"} for name in ("user_id", "displayname", "avatar_url")},
    "additionalProperties": False,
}
ROOM = {
    "type": "object",
    "required": ["membership", "bump_stamp"],
    "additionalProperties": False,
    "properties": {
        "membership": {"enum": ["join", "invite", "knock", "leave", "ban"]},
        "bump_stamp": COUNT,
        "lists": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "name": {"type": ["string", "null"]},
        "avatar": {"type": ["string", "null"]},
        "heroes": {"type": "array", "items": HERO, "maxItems": 5},
        "is_dm": {"type": "boolean"},
        "initial": {"const": True},
        "expanded_timeline": {"const": True},
        "unstable_expanded_timeline": {"const": True},
        "required_state": STATE,
        "timeline": EVENTS,
        "prev_batch": {"type": "string"},
        "limited": {"type": "boolean"},
        "num_live": COUNT,
        "joined_count": COUNT,
        "invited_count": COUNT,
        "notification_count": COUNT,
        "highlight_count": COUNT,
        "invite_state": STRIPPED,
        "stripped_state": STRIPPED,
    },
}
EPHEMERAL = {
    "type": "object",
    "required": ["rooms"],
    "properties": {
        "rooms": {
            "additionalProperties": {
                "type": "object",
                "required": ["type", "content"],
                "maxProperties": 2,
            }
        }
    },
}
ITEMS = {"type": "array", "items": {"type": "object", "required": ["type", "content"]}}
FORM = {
    "type": "object",
    "required": ["pos", "lists", "rooms", "extensions"],
    "additionalProperties": False,
    "properties": {
        "pos": {"type": "string", "minLength": 1},
        "lists": {
            "additionalProperties": {
                "type": "object",
                "required": ["count"],
                "properties": {"count": COUNT},
                "additionalProperties": False,
            }
        },
        "rooms": {"additionalProperties": ROOM},
        "extensions": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "to_device": {"type": "object", "required": ["next_batch", "events"]},
                "e2ee": {
                    "type": "object",
                    "required": ["device_one_time_keys_count", "device_unused_fallback_key_types"],
                },
                "account_data": {
                    "type": "object",
                    "properties": {"global": ITEMS, "rooms": {"additionalProperties": ITEMS}},
                },
                "receipts": EPHEMERAL,
                "typing": EPHEMERAL,
            },
        },
    },
}
_FORM = jsonschema_rs.validator_for(FORM)

ALL_STATE = [["*", "*"]]


@dataclass(slots=True)
class Client:
    """One connection of a device: it remembers its `pos`, and asks the same again."""

    person: Person
    asks: dict[str, Any] = field(default_factory=dict)
    is_final: bool = False
    pos: str | None = None

    async def sync(self, timeout_ms: int = 0, **more: Any) -> Answer:
        """The next answer. `more` goes over what is asked for, from now on."""
        self.asks.update(more)
        answer = await self.ask(self.pos, timeout_ms)
        assert answer.status == 200, answer.body
        self.pos = answer["pos"]
        return answer

    async def ask(self, pos: str | None, timeout_ms: int = 0) -> Answer:
        """The answer to a `pos`, whatever it is."""
        stands_on = {} if pos is None else {"pos": pos}
        if self.is_final:
            body = {**self.asks, **stands_on, "timeout": timeout_ms}
            answer = await self.person.post(FINAL, body)
        else:
            query = {**stands_on, "timeout": timeout_ms}
            answer = await self.person.post(UNSTABLE, self.asks, **query)
        if answer.status == 200:
            _FORM.validate(answer.body)
        return answer

    async def waiting(self, timeout_ms: int = 60_000) -> asyncio.Task[Answer]:
        """A sync that waits, and has begun to."""
        task = asyncio.ensure_future(self.sync(timeout_ms))
        for _ in range(50):
            await asyncio.sleep(0)
        assert not task.done()
        return task


def a_list(*ranges: tuple[int, int], limit: int = 10, state: Any = (), **more: Any) -> Any:
    """One list, by the name of `all`."""
    windows = {"ranges": [list(each) for each in ranges]} if ranges else {}
    wanted = state if isinstance(state, dict) else list(state)
    return {"all": {"timeline_limit": limit, "required_state": wanted, **windows, **more}}


def switched_on(*names: str, **more: Any) -> dict[str, Any]:
    """These extensions."""
    return {name: {"enabled": True, **more} for name in names}


def events_of(answer: Answer, room_id: str) -> list[str]:
    """The ids of a room's timeline."""
    return [event["event_id"] for event in answer["rooms"][room_id]["timeline"]]


def state_of(answer: Answer, room_id: str) -> set[tuple[str, str]]:
    """The keys of a room's required state."""
    room = answer["rooms"][room_id]
    return {(event["type"], event["state_key"]) for event in room["required_state"]}
