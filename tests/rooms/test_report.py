"""Reports to the administrator."""

from __future__ import annotations

from privity.store import reports
from privity.store.reports import MOST_OF_ONE
from tests.rooms.talking import create, room_of, say
from tests.world import World

NOWHERE = "!" + "a" * 43


async def kept(world: World) -> list[tuple[str | None, ...]]:
    """What the administrator has to read, newest first."""
    found = await world.store.read(lambda tx: reports.newest(tx, 1000))
    return [(one.reporter, one.room_id, one.event_id, one.user_id, one.reason) for one in found]


async def test_an_event_a_room_and_a_person_can_be_reported() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        event_id = await say(bob, room_id)
        await ann.post(f"/rooms/{room_id}/report/{event_id}", {"reason": "rude"})
        await ann.post(f"/rooms/{room_id}/report", {"reason": ""})
        await ann.post(f"/users/{bob.user_id}/report", {"reason": "r" * 5000})
        assert await kept(world) == [
            (ann.user_id, None, None, bob.user_id, "r" * 1000),
            (ann.user_id, room_id, None, None, ""),
            (ann.user_id, room_id, event_id, bob.user_id, "rude"),
        ]


async def test_an_event_is_reported_by_who_is_in_the_room() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        event_id = await say(ann, room_id)
        answer = await eve.post(f"/rooms/{room_id}/report/{event_id}", {"reason": "x"})
        assert answer.refusal == (404, "M_NOT_FOUND")
        answer = await ann.post(f"/rooms/{room_id}/report/$none", {})
        assert answer.refusal == (404, "M_NOT_FOUND")
        assert await kept(world) == []


async def test_a_report_does_not_tell_what_there_is() -> None:
    async with World() as world:
        eve = await world.person("eve")
        assert (await eve.post(f"/rooms/{NOWHERE}/report", {"reason": "x"})).status == 200
        assert (await eve.post("/users/@no:privity.test/report", {"reason": "x"})).status == 200
        assert await kept(world) == []
    async with World(unsafe_open_directory=True) as world:
        eve = await world.person("eve")
        answer = await eve.post(f"/rooms/{NOWHERE}/report", {"reason": "x"})
        assert answer.refusal == (404, "M_NOT_FOUND")


async def test_a_report_of_a_room_or_a_person_needs_a_reason() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        for path in (f"/rooms/{room_id}/report", f"/users/{ann.user_id}/report"):
            assert (await ann.post(path, {})).refusal == (400, "M_MISSING_PARAM")
            assert (await ann.post(path, {"reason": 7})).refusal == (400, "M_BAD_JSON")


async def test_nobody_fills_the_disk_with_reports() -> None:
    async with World(unsafe_no_rate_limits=True) as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await bob.post(f"/users/{ann.user_id}/report", {"reason": "of bob"})
        for number in range(MOST_OF_ONE + 2):
            await ann.post(f"/users/{bob.user_id}/report", {"reason": str(number)})
        found = await kept(world)
        assert len(found) == MOST_OF_ONE + 1
        assert [one[4] for one in found][-2:] == ["2", "of bob"]
