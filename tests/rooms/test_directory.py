"""The directory: what is listed, to whom, and who decides."""

from __future__ import annotations

from typing import Any

from tests.rooms.talking import create, room_of
from tests.world import Person, World

PUBLIC = "/_matrix/client/v3/publicRooms"


async def listed(person: Person, **body: Any) -> list[str]:
    """The names in the directory, in their order."""
    answer = await person.post("/publicRooms", body)
    assert answer.status == 200, answer.body
    return [room.get("name", "") for room in answer["chunk"]]


async def shelf(ann: Person, *names: str, **more: Any) -> list[str]:
    """Published rooms of these names."""
    return [await create(ann, visibility="public", name=name, **more) for name in names]


async def test_published_rooms_are_listed_the_largest_first() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await shelf(ann, "small")
        await room_of(ann, bob, visibility="public", name="large", topic="all of us")
        await create(ann, name="hidden")
        answer = await bob.get("/publicRooms")
        assert [room["name"] for room in answer["chunk"]] == ["large", "small"]
        assert answer["total_room_count_estimate"] == 2
        large = answer["chunk"][0]
        assert (large["topic"], large["num_joined_members"]) == ("all of us", 2)
        assert (large["world_readable"], large["guest_can_join"]) == (False, False)


async def test_the_directory_is_for_who_has_an_account_unless_it_was_opened() -> None:
    async with World() as world:
        assert (await world.request("GET", PUBLIC)).refusal == (401, "M_MISSING_TOKEN")
    async with World(unsafe_open_directory=True) as world:
        ann = await world.person("ann")
        (room_id,) = await shelf(ann, "tea")
        assert [room["name"] for room in (await world.request("GET", PUBLIC))["chunk"]] == ["tea"]
        path = f"/_matrix/client/v3/directory/list/room/{room_id}"
        assert (await world.request("GET", path)).body == {"visibility": "public"}


async def test_the_directory_is_read_page_by_page_in_both_directions() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await shelf(ann, *"abcde")
        first = await ann.get("/publicRooms", limit=2)
        second = await ann.get("/publicRooms", limit=2, since=first["next_batch"])
        third = await ann.get("/publicRooms", limit=2, since=second["next_batch"])
        pages = [[room["name"] for room in page["chunk"]] for page in (first, second, third)]
        assert sorted(name for page in pages for name in page) == list("abcde")
        assert list(map(len, pages)) == [2, 2, 1]
        assert "prev_batch" not in first.body
        assert "next_batch" not in third.body
        back = await ann.get("/publicRooms", limit=2, since=third["prev_batch"])
        assert back["chunk"] == second["chunk"]


async def test_the_directory_is_searched_by_words_and_by_kind() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await shelf(ann, "Green Tea")
        await shelf(ann, "Kitchen", topic="who makes TEA", creation_content={"type": "m.space"})
        await shelf(ann, "Coffee")
        assert sorted(await listed(ann, filter={"generic_search_term": "tea"})) == [
            "Green Tea",
            "Kitchen",
        ]
        assert await listed(ann, filter={"room_types": ["m.space"]}) == ["Kitchen"]
        assert sorted(await listed(ann, filter={"room_types": [None]})) == ["Coffee", "Green Tea"]
        assert len(await listed(ann, filter={"room_types": None})) == 3
        assert await listed(ann, limit=0) == []


async def test_who_speaks_for_a_room_publishes_it_and_takes_it_out_again() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, name="tea")
        path = f"/directory/list/room/{room_id}"
        for person in (bob, eve):
            refusal = (await person.put(path, {"visibility": "public"})).refusal
            assert refusal == (403, "M_FORBIDDEN")
        assert (await ann.put(path, {})).status == 200
        assert (await eve.get(path)).body == {"visibility": "public"}
        assert await listed(eve) == ["tea"]
        assert (await ann.put(path, {"visibility": "private"})).status == 200
        assert await listed(eve) == []


async def test_a_room_that_is_not_published_is_not_there_for_who_may_not_know_of_it() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        path = f"/directory/list/room/{room_id}"
        assert (await ann.get(path)).body == {"visibility": "private"}
        assert (await eve.get(path)).refusal == (404, "M_NOT_FOUND")
        none = "/directory/list/room/!none:privity.test"
        assert (await eve.get(none)).refusal == (404, "M_NOT_FOUND")
        assert (await ann.put(path, {"visibility": "open"})).refusal == (400, "M_INVALID_PARAM")


async def test_a_room_that_everybody_left_is_not_listed() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        (room_id,) = await shelf(ann, "tea")
        assert (await ann.post(f"/rooms/{room_id}/leave")).status == 200
        assert await listed(bob) == []


async def test_what_is_asked_of_the_directory_has_to_make_sense() -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert (await ann.get("/publicRooms", since="x")).refusal == (400, "M_INVALID_PARAM")
        assert (await ann.get("/publicRooms", server="other.test")).refusal == (
            403,
            "M_FORBIDDEN",
        )
        bad = await ann.post("/publicRooms", {"filter": {"room_types": [1]}})
        assert bad.refusal == (400, "M_BAD_JSON")
