"""Relations and threads: pages of both, and what is told along with an event."""

from __future__ import annotations

from typing import Any

from tests.rooms.talking import create, room_of, say, send
from tests.world import Answer, Person, World

V1 = "/_matrix/client/v1"


def in_thread(root: str) -> dict[str, Any]:
    """What puts an event into a thread."""
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}


def edit_of(target: str) -> dict[str, Any]:
    """What makes an event an edit."""
    return {"m.relates_to": {"rel_type": "m.replace", "event_id": target}}


def reaction(target: str, key: str = "+") -> dict[str, Any]:
    """The content of a reaction."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}


def ids_of(answer: Answer) -> list[str]:
    """The ids of a page."""
    assert answer.status == 200, answer.body
    return [event["event_id"] for event in answer["chunk"]]


async def threads(person: Person, room_id: str, **query: Any) -> Answer:
    """A page of a room's threads."""
    return await person.get(f"{V1}/rooms/{room_id}/threads", **query)


async def ignore(person: Person, other: Person) -> None:
    """From now on `person` ignores `other`."""
    path = f"/user/{person.user_id}/account_data/m.ignored_user_list"
    await person.put(path, {"ignored_users": {other.user_id: {}}})


async def test_the_thread_with_the_newest_event_comes_first() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        first, second = await say(ann, room_id), await say(bob, room_id)
        await say(ann, room_id, **in_thread(second))
        await say(bob, room_id, **in_thread(first))
        assert ids_of(await threads(ann, room_id)) == [first, second]
        page = await threads(ann, room_id, limit=1)
        assert ids_of(page) == [first]
        rest = await threads(ann, room_id, limit=1, **{"from": page["next_batch"]})
        assert ids_of(rest) == [second]
        assert "next_batch" not in rest.body


async def test_threads_can_be_narrowed_to_those_that_one_took_part_in() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, eve)
        of_ann, of_bob = await say(ann, room_id), await say(bob, room_id)
        await say(bob, room_id, **in_thread(of_ann))
        await say(ann, room_id, **in_thread(of_bob))
        await say(bob, room_id, **in_thread(of_bob))
        assert ids_of(await threads(ann, room_id, include="participated")) == [of_bob, of_ann]
        assert ids_of(await threads(eve, room_id, include="participated")) == []
        assert (await threads(eve, room_id, include="some")).refusal == (400, "M_INVALID_PARAM")
        assert (await threads(eve, room_id, limit=0)).refusal == (400, "M_INVALID_PARAM")


async def test_threads_are_for_who_may_see_them() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id)
        await say(ann, room_id, **in_thread(root))
        await bob.post(f"/rooms/{room_id}/leave")
        later = await say(ann, room_id)
        await say(ann, room_id, **in_thread(later))
        assert ids_of(await threads(bob, room_id)) == [root]
        assert (await threads(eve, room_id)).refusal == (403, "M_FORBIDDEN")


async def test_a_thread_is_summed_up_with_its_newest_event_and_what_relates_to_that() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        root = await say(ann, room_id)
        await say(ann, room_id, **in_thread(root))
        newest = await say(bob, room_id, **in_thread(root))
        edit = await say(bob, room_id, **edit_of(newest))
        (told,) = (await threads(bob, room_id))["chunk"]
        thread = told["unsigned"]["m.relations"]["m.thread"]
        assert (thread["count"], thread["current_user_participated"]) == (2, True)
        assert thread["latest_event"]["event_id"] == newest
        inner = thread["latest_event"]["unsigned"]["m.relations"]
        assert inner["m.replace"]["event_id"] == edit


async def test_nothing_of_people_whom_one_ignores_is_in_a_thread() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, eve)
        root = (await send(eve, room_id, {"words": "of eve"}, "org.example"))["event_id"]
        kept = await say(bob, room_id, **in_thread(root))
        await say(eve, room_id, **in_thread(root))
        await ignore(ann, eve)
        (told,) = (await threads(ann, room_id))["chunk"]
        assert told["content"] == {}
        thread = told["unsigned"]["m.relations"]["m.thread"]
        assert (thread["count"], thread["latest_event"]["event_id"]) == (1, kept)


async def test_a_redacted_event_keeps_its_thread_and_loses_its_edits() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        root = await say(ann, room_id)
        await say(ann, room_id, **in_thread(root))
        await say(ann, room_id, **edit_of(root))
        await ann.put(f"/rooms/{room_id}/redact/{root}/t", {})
        event = await ann.get(f"/rooms/{room_id}/event/{root}")
        assert event["unsigned"]["m.relations"].keys() == {"m.thread"}


async def test_a_thread_does_not_begin_at_an_event_of_a_thread() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        root = await say(ann, room_id)
        child = await say(ann, room_id, **in_thread(root))
        answer = await send(ann, room_id, reaction(child), "m.reaction")
        assert answer.status == 200
        answer = await ann.put(
            f"/rooms/{room_id}/send/m.room.encrypted/again",
            {**(await ann.get(f"/rooms/{room_id}/event/{root}"))["content"], **in_thread(child)},
        )
        assert answer.refusal == (400, "M_UNKNOWN")


async def test_the_same_reaction_is_taken_once() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        target = await say(ann, room_id)
        first = await send(ann, room_id, reaction(target), "m.reaction")
        again = await send(ann, room_id, reaction(target), "m.reaction")
        assert again.refusal == (400, "M_DUPLICATE_ANNOTATION")
        assert (await send(ann, room_id, reaction(target, "-"), "m.reaction")).status == 200
        assert (await send(bob, room_id, reaction(target), "m.reaction")).status == 200
        await ann.put(f"/rooms/{room_id}/redact/{first['event_id']}/t", {})
        assert (await send(ann, room_id, reaction(target), "m.reaction")).status == 200


async def test_relations_of_relations_come_when_they_are_asked_for() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        root = await say(ann, room_id)
        child = await say(ann, room_id, **in_thread(root))
        edit = await say(ann, room_id, **edit_of(child))
        path = f"{V1}/rooms/{room_id}/relations/{root}"
        plain = await ann.get(path)
        assert (ids_of(plain), "recursion_depth" in plain.body) == ([child], False)
        deep = await ann.get(path, recurse=True)
        assert (ids_of(deep), deep["recursion_depth"]) == ([edit, child], 3)
        assert ids_of(await ann.get(path, recurse=True, dir="f")) == [child, edit]
        assert ids_of(await ann.get(f"{path}/m.thread", recurse=True)) == [child]


async def test_relations_are_followed_for_three_steps() -> None:
    async with World(unsafe_allow_plaintext=True) as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        sent = [await say(ann, room_id)]
        for _ in range(5):
            content: Any = {"m.relates_to": {"rel_type": "m.reference", "event_id": sent[-1]}}
            sent.append((await send(ann, room_id, content, "org.example"))["event_id"])
        path = f"{V1}/rooms/{room_id}/relations/{sent[0]}"
        assert ids_of(await ann.get(path, recurse=True)) == sent[3:0:-1]
