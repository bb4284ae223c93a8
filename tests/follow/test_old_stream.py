"""The event stream of before `/sync`, and the state of things at once."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.rooms.talking import create, room_of, say
from tests.world import Answer, Person, World

VISIBLE = {
    "type": "m.room.history_visibility",
    "state_key": "",
    "content": {"history_visibility": "world_readable"},
}


async def events(person: Person, since: Answer | None = None, **query: Any) -> Answer:
    """What is new since an answer; or where the stream stands now."""
    if since is not None:
        query["from"] = since["end"]
    answer = await person.get("/events", **{"timeout": 0, **query})
    assert answer.status == 200, answer.body
    return answer


def ids_of(answer: Answer) -> list[str]:
    """The ids of the events of rooms."""
    return [event["event_id"] for event in answer["chunk"] if "event_id" in event]


async def test_the_stream_tells_what_is_new_in_ones_rooms() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        first, of_eve = await events(ann), await events(eve)
        assert first["chunk"] == []
        sent = [await say(bob, room_id), await say(ann, room_id)]
        answer = await events(ann, first)
        assert ids_of(answer) == sent
        assert answer["chunk"][0]["room_id"] == room_id
        assert answer["start"] == first["end"]
        assert (await events(ann, answer))["chunk"] == []
        assert (await events(eve, of_eve))["chunk"] == []


async def test_the_stream_waits_for_news() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await events(ann)
        task = asyncio.ensure_future(events(ann, first, timeout=60_000))
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert not task.done()
        event_id = await say(bob, room_id)
        assert ids_of(await asyncio.wait_for(task, 5)) == [event_id]


async def test_the_stream_tells_invitations_receipts_and_typing() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        first = await events(bob)
        room_id = await create(ann, invite=[bob.user_id])
        invited = await events(bob, first)
        (event,) = invited["chunk"]
        assert (event["state_key"], event["content"]["membership"]) == (bob.user_id, "invite")
        await bob.post(f"/rooms/{room_id}/join")
        event_id = await say(bob, room_id)
        before = await events(bob)
        await ann.post(f"/rooms/{room_id}/receipt/m.read/{event_id}", {})
        await ann.put(f"/rooms/{room_id}/typing/{ann.user_id}", {"typing": True})
        await bob.put(f"/user/{bob.user_id}/account_data/a.b", {"c": 1})
        await bob.put(f"/user/{bob.user_id}/rooms/{room_id}/account_data/a.b", {"c": 2})
        receipt, typing, everywhere, here = (await events(bob, before))["chunk"]
        assert everywhere == {"type": "a.b", "content": {"c": 1}}
        assert here == {"type": "a.b", "content": {"c": 2}, "room_id": room_id}
        assert (receipt["type"], receipt["room_id"]) == ("m.receipt", room_id)
        assert typing["content"] == {"user_ids": [ann.user_id]}


async def test_who_left_hears_no_more() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first = await events(bob)
        event_id = await say(ann, room_id)
        await bob.post(f"/rooms/{room_id}/leave")
        await say(ann, room_id)
        found = await events(bob, first)
        assert ids_of(found)[0] == event_id
        assert [event["type"] for event in found["chunk"]] == ["m.room.encrypted", "m.room.member"]


async def test_one_room_can_be_listened_to_from_outside_if_all_may_see_it() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        seen, hidden = await create(ann, initial_state=[VISIBLE]), await create(ann)
        first = await events(eve, room_id=seen)
        event_id = await say(ann, seen)
        await ann.post(f"/rooms/{seen}/receipt/m.read/{event_id}", {})
        await ann.put(f"/rooms/{seen}/typing/{ann.user_id}", {"typing": True})
        told = await events(eve, first, room_id=seen)
        kinds = [event["type"] for event in told["chunk"]]
        assert kinds == ["m.room.encrypted", "m.receipt", "m.typing"]
        assert ids_of(told) == [event_id]
        answer = await eve.get("/events", timeout=0, room_id=hidden)
        assert answer.refusal == (403, "M_FORBIDDEN")


async def test_a_room_is_told_at_once() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        sent = [await say(ann, room_id) for _ in range(3)]
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{sent[0]}", {})
        told = await ann.get(f"/rooms/{room_id}/initialSync", limit=2)
        assert (told["membership"], told["visibility"]) == ("join", "private")
        assert [event["event_id"] for event in told["messages"]["chunk"]] == sent[1:]
        older = await ann.get(
            f"/rooms/{room_id}/messages", dir="b", limit=1, **{"from": told["messages"]["start"]}
        )
        assert older["chunk"][0]["event_id"] == sent[0]
        assert {event["type"] for event in told["state"]} >= {"m.room.create", "m.room.member"}
        assert told["receipts"][0]["content"].keys() == {sent[0]}
        assert told["state"][0]["user_id"] == ann.user_id
        await bob.post(f"/rooms/{room_id}/leave")
        left = await bob.get(f"/rooms/{room_id}/initialSync")
        assert (left["membership"], left["receipts"], left["presence"]) == ("leave", [], [])
        answer = await eve.get(f"/rooms/{room_id}/initialSync")
        assert answer.refusal == (403, "M_FORBIDDEN")


async def test_everything_is_told_at_once() -> None:
    async with World(presence=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        inside, outside = await room_of(ann, bob), await create(ann, invite=[bob.user_id])
        left = await room_of(ann, bob)
        await bob.post(f"/rooms/{left}/leave")
        await ann.put(f"/presence/{ann.user_id}/status", {"presence": "online"})
        told = await bob.get("/initialSync", limit=1)
        rooms = {room["room_id"]: room for room in told["rooms"]}
        assert {room_id: room["membership"] for room_id, room in rooms.items()} == {
            inside: "join",
            outside: "invite",
        }
        assert rooms[outside]["inviter"] == ann.user_id
        assert [event["sender"] for event in told["presence"]] == [ann.user_id, bob.user_id]
        event_id = await say(ann, inside)
        assert ids_of(await events(bob, told)) == [event_id]
        archived = await bob.get("/initialSync", archived=True)
        assert left in {room["room_id"] for room in archived["rooms"]}


async def test_one_event_is_found_by_its_id_by_who_may_see_it() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        event_id = await say(ann, await create(ann))
        assert (await ann.get(f"/events/{event_id}"))["event_id"] == event_id
        assert (await eve.get(f"/events/{event_id}")).refusal == (404, "M_NOT_FOUND")
        assert (await eve.get("/events/$none")).refusal == (404, "M_NOT_FOUND")


async def test_push_rules_are_asked_for_by_their_own_road() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await ann.put("/pushrules/global/override/.m.rule.master/enabled", {"enabled": True})
        await ann.put(f"/user/{ann.user_id}/account_data/m.direct", {})
        told = (await ann.get("/initialSync"))["account_data"]
        assert [event["type"] for event in told] == ["m.direct"]
