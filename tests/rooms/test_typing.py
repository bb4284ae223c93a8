"""Who is typing where, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from privity.follow.expiry import expire
from privity.rooms.typing import DEFAULT_MS, LONGEST_MS
from tests.rooms.talking import room_of
from tests.world import Answer, Person, World


async def types(person: Person, room_id: str, **body: Any) -> Answer:
    """Say that one is typing, or not."""
    return await person.put(f"/rooms/{room_id}/typing/{person.user_id}", {"typing": True, **body})


async def typists(person: Person, room_id: str) -> list[str]:
    """Who is typing, as somebody's first sync tells."""
    expire(person.world.house)
    room = (await person.get("/sync"))["rooms"]["join"][room_id]
    events = room.get("ephemeral", {}).get("events", [])
    found = [event["content"]["user_ids"] for event in events if event["type"] == "m.typing"]
    return found[0] if found else []


async def test_who_types_and_who_has_stopped(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    await types(ann, room_id, timeout=5000)
    await types(ben, room_id, timeout=5000)
    assert await typists(ann, room_id) == [ann.user_id, ben.user_id]
    assert (await types(ann, room_id, typing=False)).body == {}
    assert await typists(ann, room_id) == [ben.user_id]


@pytest.mark.parametrize(
    ("body", "lasts_ms"),
    [
        ({"timeout": 5000}, 5000),
        ({}, DEFAULT_MS),
        ({"timeout": 10**12}, LONGEST_MS),
        ({"timeout": 0}, 0),
        ({"timeout": -5}, 0),
        ({"typing": False, "timeout": 5000}, 0),
    ],
)
async def test_typing_ends_by_itself(world: World, body: dict[str, Any], lasts_ms: int) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    await types(ann, room_id, **body)
    if lasts_ms:
        world.clock.advance(lasts_ms - 1)
        assert await typists(ann, room_id) == [ann.user_id]
        world.clock.advance(1)
    assert await typists(ann, room_id) == []


async def test_typing_on_is_no_news(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    await types(ann, room_id, timeout=5000)
    since = (await ben.get("/sync"))["next_batch"]
    world.clock.advance(4000)
    await types(ann, room_id, timeout=5000)
    assert "rooms" not in (await ben.get("/sync", since=since)).body
    world.clock.advance(4000)
    assert await typists(ben, room_id) == [ann.user_id]


async def test_nobody_types_for_another_or_where_they_are_not(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann)
    for_ann = await ben.put(f"/rooms/{room_id}/typing/{ann.user_id}", {"typing": True})
    assert for_ann.refusal == (403, "M_FORBIDDEN")
    assert (await types(ben, room_id)).refusal == (403, "M_FORBIDDEN")
    assert await typists(ann, room_id) == []


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "M_MISSING_PARAM")),
        ({"typing": "yes"}, (400, "M_BAD_JSON")),
        ({"typing": True, "timeout": "5"}, (400, "M_BAD_JSON")),
        ({"typing": True, "timeout": 1.5}, (400, "M_BAD_JSON")),
        (b"", (400, "M_NOT_JSON")),
    ],
)
async def test_what_says_nothing_of_typing_is_refused(
    world: World, body: Any, refusal: tuple[int, str]
) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    path = f"/rooms/{room_id}/typing/{ann.user_id}"
    assert (await ann.put(path, body)).refusal == refusal


async def test_typing_is_paced(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    answers = [await types(ann, room_id) for _ in range(101)]
    assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
