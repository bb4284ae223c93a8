"""Simplified sliding sync (MSC4186): which rooms it tells of, and what of them."""

from __future__ import annotations

import pytest

from tests.follow.sliding import Client, a_list, events_of, state_of
from tests.rooms.talking import create, room_of, say
from tests.world import World

LAZY = [["m.room.member", "$LAZY"]]


async def test_the_window_of_a_list_shows_the_rooms_that_were_last_in_use() -> None:
    async with World() as world:
        ann = await world.person("ann")
        rooms = [await create(ann) for _ in range(4)]
        await say(ann, rooms[1])
        client = Client(ann, {"lists": a_list((0, 1))})
        first = await client.sync()
        assert set(first["rooms"]) == {rooms[1], rooms[3]}
        assert first["lists"] == {"all": {"count": 4}}
        wider = await client.sync(lists=a_list((0, 9)))
        assert set(wider["rooms"]) == {rooms[0], rooms[2]}
        assert (await client.sync())["rooms"] == {}


async def test_a_room_is_told_whole_at_first_and_then_what_is_new() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, name="tea")
        client = Client(ann, {"lists": a_list(limit=2, state=[["m.room.name", ""]])})
        room = (await client.sync())["rooms"][room_id]
        assert (room["initial"], room["name"], room["limited"]) == (True, "tea", True)
        assert (len(room["timeline"]), room["num_live"]) == (2, 0)
        assert (room["joined_count"], room["invited_count"]) == (1, 0)
        last = await say(ann, room_id)
        answer = await client.sync()
        room = answer["rooms"][room_id]
        assert events_of(answer, room_id) == [last]
        assert ("initial" not in room, room["limited"], room["num_live"]) == (True, False, 1)
        assert (room["required_state"], "name" not in room) == ([], True)


async def test_only_the_state_that_is_asked_for_comes() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob, name="tea", topic="leaves")
        state = [["m.room.topic", "*"], ["m.room.member", "$ME"]]
        client = Client(ann, {"lists": a_list(state=state)})
        assert state_of(await client.sync(), room_id) == {
            ("m.room.topic", ""),
            ("m.room.member", ann.user_id),
        }
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "coffee"})
        answer = await client.sync()
        assert state_of(answer, room_id) == set()
        assert answer["rooms"][room_id]["name"] == "coffee"


async def test_in_the_final_form_everything_but_some_state_can_be_asked_for() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob, name="tea")
        state = {
            "include": [{}],
            "exclude": [{"type": "m.room.create", "state_key": ""}, {"type": "m.room.member"}],
        }
        client = Client(ann, {"lists": a_list(state=state)}, is_final=True)
        told = state_of(await client.sync(), room_id)
        assert ("m.room.name", "") in told
        assert not {kind for kind, _ in told} & {"m.room.create", "m.room.member"}


@pytest.mark.parametrize("is_final", [False, True])
async def test_members_come_as_they_are_needed_and_once(is_final: bool) -> None:
    async with World() as world:
        ann, bob, cat = await world.people("ann", "bob", "cat")
        room_id = await room_of(ann, bob, cat)
        for _ in range(3):
            await say(ann, room_id)
        state = {"include": [{}], "lazy_members": True} if is_final else LAZY
        client = Client(ann, {"lists": a_list(limit=1, state=state)}, is_final)
        members = {key for kind, key in state_of(await client.sync(), room_id) if "member" in kind}
        assert members == {ann.user_id}
        await say(bob, room_id)
        assert state_of(await client.sync(), room_id) == {("m.room.member", bob.user_id)}
        await say(bob, room_id)
        assert state_of(await client.sync(), room_id) == set()


async def test_a_member_whose_answer_was_lost_comes_again() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(ann, {"lists": a_list(limit=1, state=LAZY)})
        await client.sync()
        before = client.pos
        await say(ann, room_id)
        for _ in range(2):
            answer = await client.ask(before)
            assert state_of(answer, room_id) == {("m.room.member", ann.user_id)}


async def test_a_room_that_is_out_of_view_is_told_of_when_it_comes_back() -> None:
    async with World() as world:
        ann = await world.person("ann")
        away, here = [await create(ann) for _ in range(2)]
        client = Client(ann, {"lists": a_list((0, 1))})
        await client.sync()
        await client.sync(lists={}, room_subscriptions=_subscribed(here))
        missed = [await say(ann, away) for _ in range(3)]
        assert away not in (await client.sync())["rooms"]
        await say(ann, here)
        await client.sync()
        answer = await client.sync(lists=a_list((0, 1)))
        assert events_of(answer, away) == missed
        assert "initial" not in answer["rooms"][away]


async def test_a_subscription_and_a_list_together_have_the_more_of_both() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, name="tea")
        for _ in range(5):
            await say(ann, room_id)
        subscribed = _subscribed(room_id, limit=4, state=[["m.room.name", ""]])
        lists = a_list(limit=1, state=[["m.room.create", ""]])
        client = Client(ann, {"lists": lists, "room_subscriptions": subscribed})
        answer = await client.sync()
        assert len(events_of(answer, room_id)) == 4
        assert state_of(answer, room_id) == {("m.room.name", ""), ("m.room.create", "")}
        assert answer["rooms"][room_id]["lists"] == ["all"]


@pytest.mark.parametrize("is_final", [False, True])
async def test_a_longer_timeline_is_told_at_once_and_said_to_be_old(is_final: bool) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        said = [await say(ann, room_id) for _ in range(5)]
        client = Client(ann, {"lists": a_list(limit=1)}, is_final)
        assert events_of(await client.sync(), room_id) == said[-1:]
        said.append(await say(ann, room_id))
        answer = await client.sync(lists=a_list(limit=4))
        room = answer["rooms"][room_id]
        assert events_of(answer, room_id) == said[-4:]
        assert (room["num_live"], "initial" in room) == (1, False)
        assert room["expanded_timeline" if is_final else "unstable_expanded_timeline"] is True
        assert (await client.sync())["rooms"] == {}


async def test_state_that_is_newly_asked_for_comes_at_once() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, name="tea", topic="leaves")
        client = Client(ann, {"lists": a_list(limit=1, state=[["m.room.name", ""]])})
        await client.sync()
        both = [["m.room.name", ""], ["m.room.topic", ""]]
        answer = await client.sync(lists=a_list(limit=1, state=both))
        assert state_of(answer, room_id) == {("m.room.topic", "")}
        assert (await client.sync())["rooms"] == {}


async def test_more_events_than_the_limit_leave_a_gap_that_history_fills() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        client = Client(ann, {"lists": a_list(limit=2)})
        await client.sync()
        said = [await say(ann, room_id) for _ in range(5)]
        answer = await client.sync()
        assert events_of(answer, room_id) == said[-2:]
        room = answer["rooms"][room_id]
        assert (room["limited"], room["num_live"]) == (True, 2)
        page = await ann.get(
            f"/rooms/{room_id}/messages", dir="b", limit=3, **{"from": room["prev_batch"]}
        )
        assert [event["event_id"] for event in page["chunk"]] == said[2::-1]


async def test_a_pos_stands_for_a_place_in_history() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        said = await say(ann, room_id)
        client = Client(ann, {"lists": a_list(limit=1)})
        await client.sync()
        await say(ann, room_id)
        page = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=1, **{"from": client.pos})
        assert [event["event_id"] for event in page["chunk"]] == [said]


async def test_one_who_waits_hears_at_once_and_with_no_news_only_when_the_time_is_up() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(bob, {"lists": a_list()})
        await client.sync()
        answer = await client.sync(timeout_ms=1)
        assert (answer["rooms"], answer["extensions"]) == ({}, {})
        task = await client.waiting()
        said = await say(ann, room_id)
        assert events_of(await task, room_id) == [said]


async def test_what_is_said_where_one_does_not_look_wakes_nobody() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        here, away = await room_of(ann, bob), await room_of(ann, bob)
        client = Client(bob, {"room_subscriptions": _subscribed(here)})
        await client.sync()
        task = await client.waiting()
        await say(ann, away)
        last = await say(ann, here)
        assert set((await task)["rooms"]) == {here}
        assert events_of(await client.sync(room_subscriptions=_subscribed(away)), away)[-1] != last


async def test_the_same_pos_is_answered_the_same_again() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        client = Client(ann, {"lists": a_list()})
        await client.sync()
        said = await say(ann, room_id)
        answers = [await client.ask(client.pos) for _ in range(3)]
        assert [events_of(each, room_id) for each in answers] == [[said]] * 3
        client.pos = answers[0]["pos"]
        assert (await client.sync())["rooms"] == {}


async def test_a_direct_chat_is_marked_when_it_becomes_one() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(ann, {"lists": a_list()})
        assert "is_dm" not in (await client.sync())["rooms"][room_id]
        path = f"/user/{ann.user_id}/account_data/m.direct"
        for direct, is_dm in (({bob.user_id: [room_id]}, True), ({}, False)):
            await ann.put(path, direct)
            assert (await client.sync())["rooms"][room_id]["is_dm"] is is_dm
            assert (await client.sync())["rooms"] == {}


async def test_a_room_without_a_name_is_called_after_who_is_in_it() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        await bob.put(f"/profile/{bob.user_id}/displayname", {"displayname": "Bob"})
        client = Client(ann, {"lists": a_list()})
        room = (await client.sync())["rooms"][room_id]
        assert room["heroes"] == [{"user_id": bob.user_id, "displayname": "Bob"}]
        assert "name" not in room
        await bob.post(f"/rooms/{room_id}/leave")
        assert (await client.sync())["rooms"][room_id]["joined_count"] == 1


async def test_a_room_is_told_anew_to_who_comes_back_to_it() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob, preset="public_chat")
        client = Client(bob, {"lists": a_list(state=[["m.room.name", ""]])})
        await client.sync()
        await bob.post(f"/rooms/{room_id}/leave")
        assert (await client.sync())["rooms"][room_id]["membership"] == "leave"
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "secret"})
        assert (await client.sync())["rooms"] == {}
        await bob.post(f"/rooms/{room_id}/join")
        room = (await client.sync())["rooms"][room_id]
        assert (room["initial"], room["name"]) == (True, "secret")


async def test_read_messages_are_counted_no_more() -> None:
    async with World() as world:
        ann, bob = await world.people("ann", "bob")
        room_id = await room_of(ann, bob)
        client = Client(bob, {"lists": a_list()})
        await client.sync()
        said = await say(ann, room_id)
        assert (await client.sync())["rooms"][room_id]["notification_count"] == 1
        await bob.post(f"/rooms/{room_id}/receipt/m.read/{said}", {})
        assert (await client.sync())["rooms"][room_id]["notification_count"] == 0


async def test_a_connection_goes_on_after_a_restart() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        client = Client(ann, {"lists": a_list()})
        await client.sync()
        said = await say(ann, room_id)
        await world.restart()
        assert events_of(await client.sync(), room_id) == [said]


def _subscribed(room_id: str, limit: int = 10, state: object = ()) -> dict[str, object]:
    return {room_id: {"timeline_limit": limit, "required_state": list(state)}}  # type: ignore[call-overload]
