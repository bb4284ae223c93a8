"""The user directory: people who share a room find each other; strangers do not."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.deactivate import deactivate
from tests.world import Person, World

SEARCH = "/user_directory/search"


async def found(person: Person, term: str, **more: Any) -> list[str]:
    answer = await person.post(SEARCH, {"search_term": term, **more})
    assert answer.status == 200
    return [each["user_id"].partition(":")[0][1:] for each in answer["results"]]


async def together(first: Person, *others: Person, **creation: Any) -> str:
    invited = [each.user_id for each in others]
    room_id = str((await first.post("/createRoom", {"invite": invited, **creation}))["room_id"])
    for each in others:
        await each.post(f"/rooms/{room_id}/join", {})
    return room_id


async def name(person: Person, display_name: str) -> None:
    path = f"/profile/{person.user_id}/displayname"
    assert (await person.put(path, {"displayname": display_name})).status == 200


async def test_who_shares_a_room_is_found_by_name_and_by_id(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await together(ann, ben)
    await name(ben, "Benno Löwen-Herz")
    terms = [
        "ben",
        "BENNO",
        "lö",
        "löwen-h",
        "herz",
        "herz benno",
        "@ben",
        ben.user_id,
        "\uff22enno",
    ]
    for term in terms:
        assert await found(ann, term) == ["ben"], term
    for term in ["enno", "benno x", "zz", "", "  ", "%", "_", "ben%"]:
        assert await found(ann, term) == [], term


async def test_strangers_do_not_find_each_other(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await together(ben, preset="public_chat")
    for term in ("ben", ben.user_id):
        assert await found(ann, term) == []
    assert await found(ann, "ann") == []


async def test_who_leaves_is_not_found_any_more(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await together(ann, ben)
    assert await found(ann, "ben") == ["ben"]
    await ben.post(f"/rooms/{room_id}/leave", {})
    assert await found(ann, "ben") == []


async def test_a_new_name_is_found_and_the_old_one_is_not(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await together(ann, ben)
    await name(ben, "Otto")
    assert await found(ann, "otto") == ["ben"]
    await name(ben, "Karl")
    assert (await found(ann, "otto"), await found(ann, "karl")) == ([], ["ben"])


async def test_a_name_in_one_room_is_not_looked_for(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = await together(ann, ben)
    secret = {"membership": "join", "displayname": "Secret"}
    await ben.put(f"/rooms/{room_id}/state/m.room.member/{ben.user_id}", secret)
    assert await found(ann, "secret") == []
    answer = await ann.post(SEARCH, {"search_term": "ben"})
    told = {"user_id": ben.user_id, "display_name": "ben"}
    assert answer.body == {"results": [told], "limited": False}


async def test_the_answer_is_limited(world: World) -> None:
    people = [await world.person(f"ann{number}") for number in range(4)]
    await together(*people)
    answer = await people[0].post(SEARCH, {"search_term": "ann", "limit": 2})
    assert (len(answer["results"]), answer["limited"]) == (2, True)
    answer = await people[0].post(SEARCH, {"search_term": "ann", "limit": 3})
    assert (len(answer["results"]), answer["limited"]) == (3, False)
    assert await found(people[0], "ann", limit=9999) == ["ann1", "ann2", "ann3"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, "M_MISSING_PARAM"),
        ({"search_term": 1}, "M_BAD_JSON"),
        ({"search_term": "a", "limit": "2"}, "M_BAD_JSON"),
        ({"search_term": "a", "limit": 0}, "M_INVALID_PARAM"),
    ],
)
async def test_a_search_that_cannot_be_is_refused(world: World, body: Any, errcode: str) -> None:
    ann = await world.person("ann")
    assert (await ann.post(SEARCH, body)).refusal == (400, errcode)


async def test_an_account_that_ended_is_not_found(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await together(ann, ben)
    await deactivate(world.house, ben.user_id)
    assert await found(ann, "ben") == []


async def test_nobody_asks_without_end(world: World) -> None:
    ann = await world.person("ann")
    answers = [await ann.post(SEARCH, {"search_term": "x"}) for _ in range(31)]
    assert [answer.status for answer in answers] == [200] * 30 + [429]


async def test_an_open_directory_shows_who_is_in_public_or_readable_rooms() -> None:
    async with World(unsafe_open_directory=True) as world:
        ann, ben = await world.person("ann"), await world.person("ben")
        room_id = await together(ben)
        assert (await found(ann, "ben"), await found(ben, "ben")) == ([], [])
        rules = f"/rooms/{room_id}/state/m.room.join_rules"
        await ben.put(rules, {"join_rule": "public"})
        assert (await found(ann, "ben"), await found(ben, "ben")) == (["ben"], ["ben"])
        await ben.put(rules, {"join_rule": "invite"})
        assert await found(ann, "ben") == []
        visibility = f"/rooms/{room_id}/state/m.room.history_visibility"
        await ben.put(visibility, {"history_visibility": "world_readable"})
        assert await found(ann, "ben") == ["ben"]
        await ben.post(f"/rooms/{room_id}/leave", {})
        assert await found(ann, "ben") == []
