"""Searching what was said in clear, where that is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rooms.talking import create, room_of, send
from tests.world import Person, World


async def tell(person: Person, room_id: str, body: str) -> str:
    """Say something in clear; the event's id."""
    answer = await send(person, room_id, {"msgtype": "m.text", "body": body}, "m.room.message")
    event_id: str = answer["event_id"]
    return event_id


async def search(person: Person, term: str, next_batch: str | None = None, **more: Any) -> Any:
    """What is found in the events of rooms."""
    asked = {"search_categories": {"room_events": {"search_term": term, **more}}}
    query = {} if next_batch is None else {"next_batch": next_batch}
    answer = await person.post("/search", asked, **query)
    assert answer.status == 200, answer.body
    return answer["search_categories"]["room_events"]


def ids_of(found: Any) -> list[str]:
    """The ids of the results."""
    return [result["result"]["event_id"] for result in found["results"]]


async def test_nothing_is_searched_where_everything_is_encrypted() -> None:
    async with World() as world:
        ann = await world.person("ann")
        asked = {"search_categories": {"room_events": {"search_term": "tea"}}}
        assert (await ann.post("/search", asked)).refusal == (403, "M_FORBIDDEN")


async def test_words_are_found_whatever_their_case_and_place() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id, other = await room_of(ann, bob), await create(ann, name="Green tea")
        first = await tell(bob, room_id, "There is TEA, and it is green.")
        await tell(bob, room_id, "Teas are greenish")
        second = await tell(ann, other, "green green tea")
        found = await search(ann, "green Tea", keys=["content.body"])
        assert (ids_of(found), found["count"]) == ([second, first], 2)
        assert found["highlights"] == ["green", "tea"]
        assert ids_of(await search(ann, "green tea", order_by="recent"))[0] == second
        assert (await search(ann, "green tea"))["count"] == 3
        assert ids_of(await search(bob, "green tea")) == [first]
        narrow = await search(ann, "tea", filter={"rooms": [room_id], "senders": [bob.user_id]})
        assert ids_of(narrow) == [first]


async def test_what_is_found_comes_page_by_page() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        sent = [await tell(ann, room_id, f"message {number}") for number in range(4)]
        more: dict[str, Any] = {"order_by": "recent", "filter": {"limit": 2}}
        first = await search(ann, "message", **more)
        assert (ids_of(first), first["count"]) == (sent[:1:-1], 4)
        await tell(ann, room_id, "message 5")
        second = await search(ann, "message", first["next_batch"], **more)
        assert ids_of(second) == sent[1::-1]
        third = await search(ann, "message", second["next_batch"], **more)
        assert ids_of(third) == []
        assert "next_batch" not in third


async def test_a_result_comes_with_what_stands_around_it() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        sent = [await tell(ann, room_id, f"message {number}") for number in range(5)]
        around = {"before_limit": 2, "after_limit": 1, "include_profile": True}
        groups = {"group_by": [{"key": "room_id"}, {"key": "sender"}]}
        found = await search(
            ann, "message 2", event_context=around, include_state=True, groupings=groups
        )
        (result,) = found["results"]
        context = result["context"]
        assert [event["event_id"] for event in context["events_before"]] == sent[1::-1]
        assert [event["event_id"] for event in context["events_after"]] == sent[3:4]
        assert context["profile_info"].keys() == {ann.user_id}
        assert {event["type"] for event in found["state"][room_id]} >= {"m.room.create"}
        assert found["groups"]["sender"][ann.user_id]["results"] == [sent[2]]
        assert found["groups"]["room_id"].keys() == {room_id}


async def test_what_one_may_not_see_and_what_is_redacted_is_not_found() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        gone = await tell(ann, room_id, "secret one")
        kept = await tell(ann, room_id, "secret two")
        await ann.put(f"/rooms/{room_id}/redact/{gone}/t", {})
        await bob.post(f"/rooms/{room_id}/leave")
        await tell(ann, room_id, "secret three")
        assert ids_of(await search(bob, "secret")) == [kept]


@pytest.mark.parametrize(
    ("asked", "errcode"),
    [
        ({}, "M_MISSING_PARAM"),
        ({"search_term": "a", "keys": ["content.url"]}, "M_INVALID_PARAM"),
        ({"search_term": "a", "order_by": "luck"}, "M_INVALID_PARAM"),
        ({"search_term": "a", "filter": {"limit": -1}}, "M_INVALID_PARAM"),
        ({"search_term": "a", "event_context": {"before_limit": -1}}, "M_INVALID_PARAM"),
        ({"search_term": "a", "groupings": {"group_by": [{"key": "type"}]}}, "M_INVALID_PARAM"),
    ],
)
async def test_a_search_that_cannot_be_meant_is_refused(asked: Any, errcode: str) -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        answer = await ann.post("/search", {"search_categories": {"room_events": asked}})
        assert answer.refusal == (400, errcode)
        token = await ann.post(
            "/search", {"search_categories": {"room_events": {"search_term": "a"}}}, next_batch="x"
        )
        assert token.refusal == (400, "M_INVALID_PARAM")
