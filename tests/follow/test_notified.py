"""What somebody was notified of, page by page."""

from __future__ import annotations

from typing import Any

from privity.follow import notified
from tests.rooms.talking import create, room_of, say, send
from tests.world import Person, World


async def notified_of(person: Person, **query: Any) -> list[str]:
    """The ids of the events, newest first."""
    answer = await person.get("/notifications", **query)
    assert answer.status == 200, answer.body
    return [one["event"]["event_id"] for one in answer["notifications"]]


async def test_a_notification_says_what_where_when_and_whether_it_was_read(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    room_id = await room_of(ann, bob)
    read, unread = await say(ann, room_id), await say(ann, room_id)
    await bob.post(f"/rooms/{room_id}/receipt/m.read/{read}", {})
    newest, older, *_ = (await bob.get("/notifications"))["notifications"]
    assert (newest["event"]["event_id"], newest["read"]) == (unread, False)
    assert (older["event"]["event_id"], older["read"]) == (read, True)
    assert newest["room_id"] == room_id
    assert newest["ts"] == world.clock.ms
    assert newest["actions"] == ["notify", {"set_tweak": "sound", "value": "default"}]
    assert newest["profile_tag"] == ""
    assert "room_id" not in newest["event"]


async def test_the_pages_of_all_rooms_together_neither_repeat_nor_skip(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    rooms = [await room_of(ann, bob) for _ in range(3)]
    said = [await say(ann, rooms[number % 3], str(number)) for number in range(30)]
    token: dict[str, str] = {}
    found: list[str] = []
    while True:
        answer = await bob.get("/notifications", limit=7, **token)
        found += [one["event"]["event_id"] for one in answer["notifications"]]
        if "next_token" not in answer.body:
            break
        token = {"from": answer["next_token"]}
    assert [event_id for event_id in found if event_id in said] == said[::-1]
    assert len(set(found)) == len(found)


async def test_a_page_ends_after_so_many_events_and_says_where_to_go_on(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(notified, "LOOKED_AT_ONCE", 2)
    monkeypatch.setattr(notified, "MOST_LOOKED_AT", 4)
    ann, bob = await world.person("ann"), await world.person("bob")
    room_id = await room_of(ann, bob)
    event_id = await say(ann, room_id)
    for _ in range(4):
        await say(bob, room_id)
    answer = await bob.get("/notifications")
    assert answer["notifications"] == []
    assert (await notified_of(bob, **{"from": answer["next_token"]}))[0] == event_id


async def test_only_those_that_name_the_person_if_only_highlights_are_wanted() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        named = {"msgtype": "m.text", "body": "bob", "m.mentions": {"user_ids": [bob.user_id]}}
        event_id = (await send(ann, room_id, named, "m.room.message"))["event_id"]
        await send(ann, room_id, {"msgtype": "m.text", "body": "x"}, "m.room.message")
        assert await notified_of(bob, only="highlight") == [event_id]


async def test_neither_ones_own_nor_what_came_before_one_joined_nor_other_rooms(
    world: World,
) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    await say(ann, await create(ann))
    room_id = await create(ann, preset="public_chat")
    await say(ann, room_id)
    await bob.post(f"/rooms/{room_id}/join")
    await say(bob, room_id)
    assert await notified_of(bob) == []
    left = await room_of(ann, bob)
    await say(ann, left)
    await bob.post(f"/rooms/{left}/leave")
    assert await notified_of(bob) == []


async def test_an_invitation_is_among_them_unless_a_stranger_sent_it(world: World) -> None:
    ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
    await room_of(ann, bob)
    room_id = await create(ann, invite=[bob.user_id])
    await create(eve, invite=[bob.user_id])
    (invitation,) = (await bob.get("/notifications"))["notifications"]
    assert invitation["room_id"] == room_id
    assert invitation["event"]["content"]["membership"] == "invite"


async def test_a_token_that_is_none_is_refused(world: World) -> None:
    ann = await world.person("ann")
    answer = await ann.get("/notifications", **{"from": "nonsense"})
    assert answer.refusal == (400, "M_INVALID_PARAM")
