"""Tags: by which a person orders their rooms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import Person, World

ROOM = "!room:privity.test"


def of(person: Person, tag: str | None = None, room_id: str = ROOM) -> str:
    return f"/user/{person.user_id}/rooms/{room_id}/tags" + (f"/{tag}" if tag else "")


async def test_tags_are_set_and_taken_away(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get(of(ann))).body == {"tags": {}}
    await ann.put(of(ann, "m.favourite"), {"order": 0.25})
    await ann.put(of(ann, "u.work"), {})
    both = {"m.favourite": {"order": 0.25}, "u.work": {}}
    assert (await ann.get(of(ann))).body == {"tags": both}
    assert (await ann.delete(of(ann, "m.favourite"))).body == {}
    assert (await ann.delete(of(ann, "never.set"))).body == {}
    assert (await ann.get(of(ann))).body == {"tags": {"u.work": {}}}


async def test_a_tag_is_told_as_account_data_of_the_room(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    since = (await ann.get("/sync"))["next_batch"]
    await ann.put(of(ann, "m.lowpriority", room_id), {"order": 1})
    told = {"type": "m.tag", "content": {"tags": {"m.lowpriority": {"order": 1}}}}
    synced = await ann.get("/sync", since=since)
    assert synced["rooms"]["join"][room_id]["account_data"]["events"] == [told]
    read = await ann.get(f"/user/{ann.user_id}/rooms/{room_id}/account_data/m.tag")
    assert read.body == told["content"]


async def test_nobody_tags_for_somebody_else(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    for answer in (
        await ben.get(of(ann)),
        await ben.put(of(ann, "u.x"), {}),
        await ben.delete(of(ann, "u.x")),
    ):
        assert answer.refusal == (403, "M_FORBIDDEN")


@pytest.mark.parametrize(
    ("tag", "beside", "refusal"),
    [
        ("u.x", {"order": "first"}, (400, "M_BAD_JSON")),
        ("u.x", {"order": True}, (400, "M_BAD_JSON")),
        ("u.x", [], (400, "M_BAD_JSON")),
        ("u.x", {"note": "x" * 5000}, (413, "M_TOO_LARGE")),
        ("x" * 256, {}, (400, "M_INVALID_PARAM")),
    ],
)
async def test_a_tag_that_cannot_be_is_refused(
    world: World, tag: str, beside: Any, refusal: tuple[int, str]
) -> None:
    ann = await world.person("ann")
    assert (await ann.put(of(ann, tag), beside)).refusal == refusal
    assert (await ann.get(of(ann))).body == {"tags": {}}


async def test_tags_by_another_road_have_the_same_shape(world: World) -> None:
    ann = await world.person("ann")
    path = f"/user/{ann.user_id}/rooms/{ROOM}/account_data/m.tag"
    wrong: list[Any] = [{}, {"tags": []}, {"tags": {"u.x": 1}}, {"tags": {"u.x": {"order": ""}}}]
    for content in wrong:
        assert (await ann.put(path, content)).refusal == (400, "M_BAD_JSON")
    await ann.put(path, {"tags": {"u.x": {"order": 1}}})
    assert (await ann.get(of(ann))).body == {"tags": {"u.x": {"order": 1}}}


async def test_a_room_has_tags_without_end_for_nobody(world: World) -> None:
    ann = await world.person("ann")
    many: dict[str, Any] = {f"u.{number}": {} for number in range(200)}
    path = f"/user/{ann.user_id}/rooms/{ROOM}/account_data/m.tag"
    assert (await ann.put(path, {"tags": many})).status == 200
    assert (await ann.put(of(ann, "u.200"), {})).refusal == (403, "M_FORBIDDEN")
    assert (await ann.put(of(ann, "u.199"), {"order": 1})).status == 200
