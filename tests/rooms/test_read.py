"""What may be seen of a room, by when one was in it."""

from __future__ import annotations

import pytest

from tests.rooms.talking import create, encrypted, history, room_of, say, send, state_of
from tests.world import Person, World


async def visible(person: Person, room_id: str, event_id: str) -> bool:
    """Whether this person can fetch this event; both ways of looking agree."""
    alone = (await person.get(f"/rooms/{room_id}/event/{event_id}")).status == 200
    assert (event_id in await history(person, room_id)) == alone
    return alone


async def with_visibility(person: Person, visibility: str, **body: object) -> str:
    """A room of this history visibility."""
    content = {"history_visibility": visibility}
    entry = {"type": "m.room.history_visibility", "state_key": "", "content": content}
    return await create(person, initial_state=[entry], **body)


@pytest.mark.parametrize(
    ("visibility", "before_invite", "between", "after_join"),
    [
        ("shared", True, True, True),
        ("invited", False, True, True),
        ("joined", False, False, True),
        ("world_readable", True, True, True),
    ],
)
async def test_a_newcomer_sees_what_the_visibility_says(
    visibility: str,
    before_invite: bool,
    between: bool,
    after_join: bool,
) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await with_visibility(ann, visibility)
        first = await say(ann, room_id, "before the invitation")
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        second = await say(ann, room_id, "between")
        await bob.post(f"/rooms/{room_id}/join")
        third = await say(ann, room_id, "after")
        seen = [await visible(bob, room_id, each) for each in (first, second, third)]
        assert seen == [before_invite, between, after_join]


async def test_who_left_sees_what_was_and_nothing_of_what_came_after() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, name="old")
        before = await say(ann, room_id, "before")
        await bob.post(f"/rooms/{room_id}/leave")
        after = await say(ann, room_id, "after")
        await ann.put(f"/rooms/{room_id}/state/m.room.name/", {"name": "new"})
        assert await visible(bob, room_id, before)
        assert not await visible(bob, room_id, after)
        assert (await state_of(bob, room_id, "m.room.name"))["name"] == "old"


@pytest.mark.parametrize(
    "path", ["messages?dir=b", "state", "members", "event/$x", "context/$x", "joined_members"]
)
async def test_a_room_of_others_does_not_exist(path: str) -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        path, _, query = path.partition("?")
        more = dict([query.split("=")]) if query else {}
        there = await eve.get(f"/rooms/{room_id}/{path}", **more)
        nowhere = await eve.get(f"/rooms/!{'x' * 43}/{path}", **more)
        refusal = (404, "M_NOT_FOUND") if path == "event/$x" else (403, "M_FORBIDDEN")
        assert there.refusal == nowhere.refusal == refusal
        assert there.raw == nowhere.raw


@pytest.mark.parametrize("path", ["state", "state/m.room.topic/", "members"])
async def test_an_invitation_shows_nothing_of_the_rooms_state(path: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, topic="secret", invite=[bob.user_id])
        assert (await bob.get(f"/rooms/{room_id}/{path}")).refusal == (403, "M_FORBIDDEN")


async def test_pages_go_on_where_they_ended() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        for number in range(7):
            await say(ann, room_id, str(number))
        whole = await history(ann, room_id)
        paged: list[str] = []
        query: dict[str, str] = {}
        while True:
            page = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=3, **query)
            paged += [event["event_id"] for event in page["chunk"]]
            if "end" not in page.body:
                break
            query = {"from": page["end"]}
        assert paged == whole


async def test_pages_forward_and_back_meet() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        ids = [await say(ann, room_id, str(number)) for number in range(6)]
        back = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=3)
        forward = await ann.get(
            f"/rooms/{room_id}/messages", dir="f", limit=3, **{"from": back["end"]}
        )
        assert [event["event_id"] for event in back["chunk"]] == ids[:2:-1]
        assert [event["event_id"] for event in forward["chunk"]] == ids[3:]


async def test_a_sync_token_and_a_pages_token_stand_for_each_other() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        first = await say(ann, room_id)
        token = (await ann.get("/sync"))["next_batch"]
        await say(ann, room_id)
        page = await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=1, **{"from": token})
        assert page["chunk"][0]["event_id"] == first


async def test_the_context_of_an_event_is_what_stands_around_it() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        ids = [await say(ann, room_id, str(number)) for number in range(7)]
        answer = await ann.get(f"/rooms/{room_id}/context/{ids[3]}", limit=4)
        assert answer["event"]["event_id"] == ids[3]
        assert [event["event_id"] for event in answer["events_before"]] == [ids[2], ids[1]]
        assert [event["event_id"] for event in answer["events_after"]] == [ids[4], ids[5]]
        older = await ann.get(
            f"/rooms/{room_id}/messages", dir="b", limit=1, **{"from": answer["start"]}
        )
        assert older["chunk"][0]["event_id"] == ids[0]
        newer = await ann.get(
            f"/rooms/{room_id}/messages", dir="f", limit=1, **{"from": answer["end"]}
        )
        assert newer["chunk"][0]["event_id"] == ids[6]


async def test_relations_are_listed_and_told_along_with_their_event() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id, "root")
        reply = await say(
            bob, room_id, "in", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
        )
        edit = await say(
            ann, room_id, "edit", **{"m.relates_to": {"rel_type": "m.replace", "event_id": root}}
        )
        forged = await say(
            bob, room_id, "forged", **{"m.relates_to": {"rel_type": "m.replace", "event_id": root}}
        )
        v1 = f"/_matrix/client/v1/rooms/{room_id}/relations/{root}"
        listed = [event["event_id"] for event in (await ann.get(v1))["chunk"]]
        assert listed == [forged, edit, reply]
        threaded = (await ann.get(f"{v1}/m.thread/m.room.encrypted"))["chunk"]
        assert [event["event_id"] for event in threaded] == [reply]
        event = (await bob.get(f"/rooms/{room_id}/event/{root}")).body
        told = event["unsigned"]["m.relations"]
        assert told["m.replace"]["event_id"] == edit
        assert told["m.thread"]["count"] == 1
        assert told["m.thread"]["latest_event"]["event_id"] == reply
        assert told["m.thread"]["current_user_participated"] is True


async def test_relations_come_in_pages() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        root = await say(ann, room_id)
        relates_to = {"m.relates_to": {"rel_type": "m.reference", "event_id": root}}
        ids = [await say(ann, room_id, str(number), **relates_to) for number in range(5)]
        v1 = f"/_matrix/client/v1/rooms/{room_id}/relations/{root}"
        first = await ann.get(v1, limit=3)
        rest = await ann.get(v1, limit=3, **{"from": first["next_batch"]})
        listed = [event["event_id"] for page in (first, rest) for event in page["chunk"]]
        assert listed == ids[::-1]
        assert "next_batch" not in rest.body


async def test_members_are_listed_by_where_they_stand() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": eve.user_id})
        joined = (await ann.get(f"/rooms/{room_id}/members", membership="join"))["chunk"]
        assert {event["state_key"] for event in joined} == {ann.user_id, bob.user_id}
        others = (await ann.get(f"/rooms/{room_id}/members", not_membership="join"))["chunk"]
        assert {event["state_key"] for event in others} == {eve.user_id}
        either = await ann.get(
            f"/rooms/{room_id}/members", membership="join", not_membership="invite"
        )
        assert {event["state_key"] for event in either["chunk"]} == {ann.user_id, bob.user_id}
        named = (await ann.get(f"/rooms/{room_id}/joined_members"))["joined"]
        assert set(named) == {ann.user_id, bob.user_id}


async def test_members_can_be_asked_for_as_they_were() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="public_chat")
        then = (await ann.get("/sync"))["next_batch"]
        await bob.post(f"/rooms/{room_id}/join")
        chunk = (await ann.get(f"/rooms/{room_id}/members", at=then))["chunk"]
        assert [event["state_key"] for event in chunk] == [ann.user_id]


async def test_state_is_told_with_what_it_replaced() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann, name="old")
        await ann.put(f"/rooms/{room_id}/state/m.room.name", {"name": "new"})
        event = (await ann.get(f"/rooms/{room_id}/messages", dir="b", limit=1))["chunk"][0]
        assert event["unsigned"]["prev_content"] == {"name": "old"}
        assert (await state_of(ann, room_id, "m.room.name"))["name"] == "new"


async def test_the_same_state_again_is_no_new_event() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        path = f"/rooms/{room_id}/state/m.room.name/"
        first, again = [await ann.put(path, {"name": "tea"}) for _ in range(2)]
        assert first["event_id"] == again["event_id"]


async def test_state_that_is_not_set_is_not_found() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        assert (await state_of(ann, room_id, "m.room.topic")).refusal == (404, "M_NOT_FOUND")


async def test_an_alias_that_is_not_the_rooms_cannot_be_its_own() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await create(ann, room_alias_name="tea")
        room_id = await create(ann)
        path = f"/rooms/{room_id}/state/m.room.canonical_alias/"
        for content in ({"alias": "#tea:privity.test"}, {"alt_aliases": ["#no:privity.test"]}):
            assert (await ann.put(path, content)).refusal == (400, "M_BAD_ALIAS")
        assert (await ann.put(path, {"alias": "tea"})).refusal == (400, "M_INVALID_PARAM")


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({}, "M_MISSING_PARAM"),
        ({"dir": "up"}, "M_INVALID_PARAM"),
        ({"dir": "b", "from": "yesterday"}, "M_INVALID_PARAM"),
        ({"dir": "b", "limit": "many"}, "M_INVALID_PARAM"),
        ({"dir": "b", "limit": "-1"}, "M_INVALID_PARAM"),
        ({"dir": "b", "filter": "{"}, "M_NOT_JSON"),
        ({"dir": "b", "filter": '{"types": 7}'}, "M_INVALID_PARAM"),
    ],
)
async def test_a_page_that_cannot_be_asked_for_is_refused(
    query: dict[str, str], errcode: str
) -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        answer = await ann.get(f"/rooms/{room_id}/messages", **query)
        assert answer.refusal == (400, errcode)


async def test_a_filter_narrows_a_page() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        of_ann = await say(ann, room_id)
        await send(bob, room_id, encrypted())
        only = f'{{"senders":["{ann.user_id}"],"types":["m.room.encrypte*"]}}'
        assert await history(ann, room_id, filter=only) == [of_ann]
