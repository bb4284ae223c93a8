"""What a filter keeps out of a sync, and in which form the rest comes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.follow.test_sync import joined, state_types, sync
from tests.rooms.talking import create, room_of, say, timeline
from tests.world import Answer, Person, World


def only(**parts: Any) -> str:
    """A filter."""
    return json.dumps(parts)


async def is_still_waiting(person: Person, since: Answer, a_filter: str) -> bool:
    """Whether a sync waits although something came."""
    task = asyncio.ensure_future(sync(person, since, timeout=60_000, filter=a_filter))
    for _ in range(200):
        await asyncio.sleep(0.001)
    waits = not task.done()
    task.cancel()
    return waits


async def test_only_the_fields_that_were_asked_for_are_told() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        await say(ann, room_id)
        fields = ["type", "event_id", "sender", "origin_server_ts", "content.algorithm"]
        more = ["content.ciphertext", "state_key", "no.such"]
        room = {"state": {"types": []}, "timeline": {"limit": 1}}
        answer = await sync(ann, filter=only(event_fields=fields + more, room=room))
        event = joined(answer)[room_id]["timeline"]["events"][-1]
        assert event.keys() == {"type", "event_id", "sender", "origin_server_ts", "content"}
        assert event["content"].keys() == {"algorithm", "ciphertext"}


async def test_events_come_as_servers_see_them_when_they_are_asked_for_so() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        event_id = await say(ann, room_id)
        answer = await sync(ann, filter=only(event_format="federation"))
        event = joined(answer)[room_id]["timeline"]["events"][-1]
        assert event["event_id"] == event_id
        assert {"auth_events", "prev_events", "depth", "hashes", "signatures"} <= event.keys()
        assert event["unsigned"]["age"] == 0


async def test_what_a_filter_drops_ends_no_wait() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        nothing: dict[str, list[str]] = {"types": []}
        a_filter = only(account_data=nothing, room={"account_data": nothing, "ephemeral": nothing})
        event_id = await say(bob, room_id)
        first = await sync(ann, filter=a_filter)
        await ann.put(f"/user/{ann.user_id}/account_data/a.b", {"c": 1})
        await ann.put(f"/user/{ann.user_id}/rooms/{room_id}/account_data/a.b", {"c": 1})
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{event_id}", {})
        await bob.put(f"/rooms/{room_id}/typing/{bob.user_id}", {"typing": True})
        assert await is_still_waiting(ann, first, a_filter)
        assert joined(await sync(ann, first, filter=a_filter)) == {}


async def test_a_room_with_nothing_to_tell_is_not_told() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        quiet, loud = await room_of(ann, bob), await room_of(ann, bob)
        a_filter = only(room={"timeline": {"not_senders": [bob.user_id]}})
        first = await sync(ann, filter=a_filter)
        await say(bob, quiet)
        await say(ann, loud)
        assert joined(await sync(ann, first, filter=a_filter)).keys() == {loud}


async def test_rooms_can_be_chosen_for_each_part() -> None:
    async with World() as world:
        ann = await world.person("ann")
        one, two = await create(ann), await create(ann)
        answer = await sync(ann, filter=only(room={"timeline": {"not_rooms": [two]}}))
        assert timeline(answer, one)
        assert timeline(answer, two) == []
        answer = await sync(ann, filter=only(room={"state": {"rooms": [two]}, "rooms": [one]}))
        assert state_types(joined(answer)[one]) == set()
        assert joined(answer).keys() == {one}


async def test_events_can_be_narrowed_to_those_that_others_relate_to() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        one, two = await say(ann, room_id), await say(ann, room_id)
        first = await sync(ann)
        three = await say(ann, room_id)
        for sender, root in ((ann, one), (bob, two), (bob, three)):
            relation: Any = {"rel_type": "m.thread", "event_id": root}
            await say(sender, room_id, **{"m.relates_to": relation})
        narrow = {"related_by_rel_types": ["m.thread"], "related_by_senders": [bob.user_id]}
        page = await ann.get(f"/rooms/{room_id}/messages", dir="b", filter=json.dumps(narrow))
        assert [event["event_id"] for event in page["chunk"]] == [three, two]
        answer = await sync(ann, first, filter=only(room={"timeline": narrow}))
        assert timeline(answer, room_id) == [three]


async def test_an_invitation_of_somebody_whom_one_ignores_is_not_told() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        path = f"/user/{ann.user_id}/account_data/m.ignored_user_list"
        await ann.put(path, {"ignored_users": {bob.user_id: {}}})
        first = await sync(ann)
        await create(bob, invite=[ann.user_id])
        for answer in (await sync(ann, first), await sync(ann)):
            assert "invite" not in answer.body.get("rooms", {})


async def test_a_timeline_that_has_all_there_is_of_a_kind_is_not_limited() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        event_id = await say(ann, room_id)
        for name in range(12):
            await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": str(name)})
        a_filter = only(room={"timeline": {"limit": 1, "types": ["m.room.encrypted"]}})
        answer = await sync(ann, filter=a_filter)
        assert timeline(answer, room_id) == [event_id]
        assert joined(answer)[room_id]["timeline"]["limited"] is False


async def test_what_is_state_now_stands_in_the_timeline_of_who_came_back() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        hidden = {"history_visibility": "joined"}
        await ann.put(f"/rooms/{room_id}/state/m.room.history_visibility", hidden)
        for person in (bob, eve):
            await ann.post(f"/rooms/{room_id}/invite", {"user_id": person.user_id})
        first = await sync(bob)
        await bob.post(f"/rooms/{room_id}/leave")
        await eve.post(f"/rooms/{room_id}/join")
        said = await say(ann, room_id)
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        await bob.post(f"/rooms/{room_id}/join")
        answer = await sync(bob, first)
        events = joined(answer)[room_id]["timeline"]["events"]
        assert (eve.user_id, "join") in [
            (event.get("state_key"), event["content"].get("membership")) for event in events
        ]
        assert said not in timeline(answer, room_id)
