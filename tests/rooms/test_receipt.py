"""How far somebody has read: receipts of a room, of a thread, and the read marker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rooms.talking import encrypted, room_of, say, send
from tests.world import Answer, Person, World


async def receipt(
    person: Person, room_id: str, event_id: str, kind: str = "m.read", **body: Any
) -> Answer:
    """Say that one has read up to an event."""
    return await person.post(f"/rooms/{room_id}/receipt/{kind}/{event_id}", body)


async def told(person: Person, room_id: str) -> list[dict[str, Any]]:
    """What a first sync tells of the room's receipts: the content of each of its events."""
    room = (await person.get("/sync"))["rooms"]["join"][room_id]
    events = room.get("ephemeral", {}).get("events", [])
    return [event["content"] for event in events if event["type"] == "m.receipt"]


async def marker(person: Person, room_id: str) -> str | None:
    """Where somebody's read marker stands."""
    path = f"/user/{person.user_id}/rooms/{room_id}/account_data/m.fully_read"
    answer = await person.get(path)
    return answer["event_id"] if answer.status == 200 else None


async def in_thread(person: Person, room_id: str, root: str, words: str = "") -> str:
    """Say something in a thread."""
    return await say(person, room_id, words, **relation(root, "m.thread"))


def relation(event_id: str, rel_type: str) -> dict[str, Any]:
    """What relates an event to another."""
    return {"m.relates_to": {"event_id": event_id, "rel_type": rel_type}}


async def test_a_receipt_holds_the_time_and_the_thread(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    event_id = await say(ann, room_id)
    assert (await receipt(ben, room_id, event_id)).body == {}
    assert await told(ann, room_id) == [
        {event_id: {"m.read": {ben.user_id: {"ts": world.clock.now_ms()}}}}
    ]


async def test_an_older_receipt_changes_nothing(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    old, new = await say(ann, room_id), await say(ann, room_id)
    await receipt(ben, room_id, new)
    before = await told(ann, room_id)
    since = (await ann.get("/sync"))["next_batch"]
    world.clock.advance(1000)
    for event_id in (old, new):
        assert (await receipt(ben, room_id, event_id)).status == 200
    assert await told(ann, room_id) == before
    assert "rooms" not in (await ann.get("/sync", since=since)).body


async def test_receipts_of_a_room_and_of_its_threads_move_apart(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    root = await say(ann, room_id)
    reply = await in_thread(ann, room_id, root)
    last = await say(ann, room_id)
    await receipt(ben, room_id, last)
    await receipt(ben, room_id, reply, thread_id=root)
    await receipt(ben, room_id, root, thread_id="main")
    now = world.clock.now_ms()
    assert await told(ann, room_id) == [
        {
            last: {"m.read": {ben.user_id: {"ts": now}}},
            reply: {"m.read": {ben.user_id: {"ts": now, "thread_id": root}}},
            root: {"m.read": {ben.user_id: {"ts": now, "thread_id": "main"}}},
        }
    ]


async def test_two_receipts_of_somebody_at_one_event_are_both_told(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    event_id = await say(ann, room_id)
    await receipt(ben, room_id, event_id, thread_id=event_id)
    await receipt(ben, room_id, event_id, thread_id="main")
    contents = await told(ann, room_id)
    threads = [each[event_id]["m.read"][ben.user_id].get("thread_id") for each in contents]
    assert threads == [event_id, "main"]


async def test_a_receipt_of_no_thread_says_what_others_at_its_event_would(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    event_id = await say(ann, room_id)
    await receipt(ben, room_id, event_id)
    await receipt(ben, room_id, event_id, thread_id="main")
    now = world.clock.now_ms()
    assert await told(ann, room_id) == [{event_id: {"m.read": {ben.user_id: {"ts": now}}}}]


async def test_a_receipt_is_of_the_thread_that_its_event_is_in(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    root, other = await say(ann, room_id), await say(ann, room_id)
    reply = await in_thread(ann, room_id, root)
    answer = await send(ann, room_id, encrypted(**relation(reply, "m.reference")))
    to_reply = answer["event_id"]
    to_root = (await send(ann, room_id, encrypted(**relation(root, "m.reference"))))["event_id"]
    table = [
        (reply, root, 200),
        (reply, "main", 400),
        (reply, other, 400),
        (to_reply, root, 200),
        (to_reply, "main", 400),
        (root, "main", 200),
        (root, root, 200),
        (to_root, "main", 200),
        (to_root, root, 200),
        (other, "main", 200),
        (other, root, 400),
        (other, "$nothing", 400),
    ]
    for event_id, thread_id, status in table:
        answer = await receipt(ann, room_id, event_id, thread_id=thread_id)
        assert answer.status == status, (event_id, thread_id)


async def test_relations_are_followed_to_a_thread_but_not_without_end(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    root = await say(ann, room_id)
    at = await in_thread(ann, room_id, root)
    taken = []
    for _ in range(5):
        content = encrypted(**relation(at, "m.reference"))
        at = (await send(ann, room_id, content))["event_id"]
        taken.append((await receipt(ann, room_id, at, thread_id=root)).status == 200)
    assert taken == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("kind", "body", "refusal"),
    [
        ("m.read", {"thread_id": 1}, (400, "M_INVALID_PARAM")),
        ("m.read", {"thread_id": ""}, (400, "M_INVALID_PARAM")),
        ("m.read", {"thread_id": ["main"]}, (400, "M_INVALID_PARAM")),
        ("m.fully_read", {"thread_id": "main"}, (400, "M_INVALID_PARAM")),
        ("m.seen", {}, (400, "M_INVALID_PARAM")),
        ("m.read", [], (400, "M_BAD_JSON")),
    ],
)
async def test_what_is_no_receipt_is_refused(
    world: World, kind: str, body: Any, refusal: tuple[int, str]
) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    event_id = await say(ann, room_id)
    answer = await ann.post(f"/rooms/{room_id}/receipt/{kind}/{event_id}", body)
    assert answer.refusal == refusal
    assert await told(ann, room_id) == []


async def test_a_receipt_is_for_an_event_of_the_room(world: World) -> None:
    ann = await world.person("ann")
    room_id, other_id = await room_of(ann), await room_of(ann)
    elsewhere = await say(ann, other_id)
    for event_id in (elsewhere, "$nothing", "nonsense"):
        assert (await receipt(ann, room_id, event_id)).refusal == (400, "M_INVALID_PARAM")
    body = {"m.fully_read": elsewhere}
    answer = await ann.post(f"/rooms/{room_id}/read_markers", body)
    assert answer.refusal == (400, "M_INVALID_PARAM")


async def test_who_is_not_in_the_room_moves_nothing_there(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    event_id = await say(ann, room_id)
    eve = await world.person("eve")
    await ben.post(f"/rooms/{room_id}/leave", {})
    for stranger in (ben, eve):
        assert (await receipt(stranger, room_id, event_id)).refusal == (403, "M_FORBIDDEN")
        answer = await stranger.post(f"/rooms/{room_id}/read_markers", {"m.fully_read": event_id})
        assert answer.refusal == (403, "M_FORBIDDEN")
        assert await marker(stranger, room_id) is None


async def test_a_private_receipt_is_told_to_its_owner_alone(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    event_id = await say(ann, room_id)
    await receipt(ben, room_id, event_id, "m.read.private")
    assert await told(ann, room_id) == []
    ((content),) = await told(ben, room_id)
    assert list(content[event_id]) == ["m.read.private"]


async def test_the_markers_move_together(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await room_of(ann, ben)
    one, two, three = [await say(ann, room_id) for _ in range(3)]
    body = {"m.fully_read": one, "m.read": two, "m.read.private": three}
    assert (await ben.post(f"/rooms/{room_id}/read_markers", body)).body == {}
    assert await marker(ben, room_id) == one
    (content,) = await told(ben, room_id)
    assert {event_id: list(kinds) for event_id, kinds in content.items()} == {
        two: ["m.read"],
        three: ["m.read.private"],
    }


async def test_one_marker_that_cannot_be_moves_none(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    event_id = await say(ann, room_id)
    body = {"m.fully_read": event_id, "m.read": "$nothing"}
    answer = await ann.post(f"/rooms/{room_id}/read_markers", body)
    assert answer.refusal == (400, "M_INVALID_PARAM")
    assert await marker(ann, room_id) is None


async def test_the_read_marker_goes_forward_only_and_every_device_hears_of_it(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    old, new = await say(ann, room_id), await say(ann, room_id)
    since = (await ann.get("/sync"))["next_batch"]
    await receipt(ann, room_id, new, "m.fully_read")
    synced = await ann.get("/sync", since=since)
    room = synced["rooms"]["join"][room_id]
    assert room["account_data"]["events"] == [
        {"type": "m.fully_read", "content": {"event_id": new}}
    ]
    await ann.post(f"/rooms/{room_id}/read_markers", {"m.fully_read": old})
    assert await marker(ann, room_id) == new
    assert "rooms" not in (await ann.get("/sync", since=synced["next_batch"])).body


async def test_receipts_are_paced(world: World) -> None:
    ann = await world.person("ann")
    room_id = await room_of(ann)
    event_id = await say(ann, room_id)
    answers = [await receipt(ann, room_id, event_id) for _ in range(301)]
    assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
