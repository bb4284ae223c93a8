"""A window that wanders over rooms in which everybody is busy: nothing missed, nothing doubled."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.follow.sliding import Client, a_list
from tests.rooms.talking import create, history, room_of, say
from tests.world import Answer, Person, World

STEPS = 60
LIMITS = (1, 2, 5)


class Memory:
    """What a client remembers of each room: its newest events without a gap, and its state."""

    def __init__(self) -> None:
        self.timelines: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}

    def hear(self, answer: Answer) -> None:
        """Take in an answer as clients do."""
        for room_id, room in answer["rooms"].items():
            if "timeline" not in room:
                continue
            told = [event["event_id"] for event in room["timeline"]]
            anew = room.get("initial") or room["limited"] or "unstable_expanded_timeline" in room
            known = [] if anew else self.timelines.get(room_id, [])
            assert not set(known) & set(told), "an event was told twice"
            self.timelines[room_id] = known + told
            for event in room["required_state"]:
                self.names[room_id] = event["content"]["name"]


def asks(chance: random.Random, rooms: list[str]) -> dict[str, Any]:
    """Some window, and some room's subscription."""
    state = [["m.room.name", ""]]
    first = chance.randrange(4)
    window = (first, first + chance.randrange(3))
    room = {"timeline_limit": chance.choice(LIMITS), "required_state": state}
    return {
        "lists": a_list(window, limit=chance.choice(LIMITS), state=state),
        "room_subscriptions": {chance.choice(rooms): room} if chance.random() < 0.3 else {},
    }


async def act(chance: random.Random, world: World, people: list[Person], rooms: list[str]) -> None:
    """Something that somebody may do."""
    who, room_id = chance.choice(people), chance.choice(rooms)
    deed = chance.random()
    if deed < 0.7:
        await who.put(f"/rooms/{room_id}/send/m.room.encrypted/{chance.random()}", {})
        await say(people[0], room_id)
    elif deed < 0.8:
        name = {"name": f"{chance.random()}"}
        await people[0].put(f"/rooms/{room_id}/state/m.room.name", name)
    elif deed < 0.9:
        await people[1].post(f"/rooms/{room_id}/{chance.choice(('leave', 'join'))}")
    else:
        world.clock.advance(1000)
        rooms.append(await room_of(people[0], people[1], preset="public_chat"))


@pytest.mark.parametrize("seed", range(8))
async def test_a_window_that_wanders_misses_nothing(seed: int) -> None:
    chance = random.Random(seed)
    async with World(unsafe_no_rate_limits=True) as world:
        people = await world.people("ann", "bob")
        rooms = [await room_of(*people, preset="public_chat") for _ in range(4)]
        rooms.append(await create(people[0], preset="public_chat"))
        bob, memory = people[1], Memory()
        client = Client(bob, asks(chance, rooms))
        for _ in range(STEPS):
            await act(chance, world, people, rooms)
            if chance.random() < 0.5:
                before = client.pos
                client.asks = asks(chance, rooms)
                answer = await client.sync()
                if chance.random() < 0.2:
                    client.pos = before  # lost on its way
                else:
                    memory.hear(answer)
        client.asks = {"lists": a_list(limit=5, state=[["m.room.name", ""]])}
        memory.hear(await client.sync())
        for room_id in (await bob.get("/joined_rooms"))["joined_rooms"]:
            known = memory.timelines[room_id]
            assert known == (await history(bob, room_id))[: len(known)][::-1]
            name = await bob.get(f"/rooms/{room_id}/state/m.room.name")
            assert memory.names.get(room_id) == (name["name"] if name.status == 200 else None)
