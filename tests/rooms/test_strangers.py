"""Strangers: what of theirs reaches somebody, and how often."""

from __future__ import annotations

from typing import Any

from privity.guard.pace import STRANGERS
from tests.follow.test_sync import sync
from tests.rooms.talking import create, room_of
from tests.world import Person, World

SLUR = "something that nobody wants to read"
DAY_MS = 24 * 3_600_000


async def shown_to(bob: Person, room_id: str) -> list[dict[str, Any]]:
    """The state that an invitation shows; nothing if there is none."""
    invited = (await sync(bob)).body.get("rooms", {}).get("invite", {})
    events: list[dict[str, Any]] = (
        invited.get(room_id, {}).get("invite_state", {}).get("events", [])
    )
    return events


async def rude_room(eve: Person, *invited: Person) -> str:
    """A room that is full of what its creator wants others to read."""
    assert (
        await eve.put(f"/profile/{eve.user_id}/displayname", {"displayname": SLUR})
    ).status == 200
    return await create(
        eve,
        name=SLUR,
        topic=SLUR,
        room_alias_name="slur",
        initial_state=[{"type": "m.room.avatar", "content": {"url": "mxc://privity.test/slur"}}],
        invite=[person.user_id for person in invited],
    )


async def test_a_strangers_invitation_shows_no_word_that_the_stranger_chose() -> None:
    async with World() as world:
        bob, eve = await world.person("bob"), await world.person("eve")
        shown = await shown_to(bob, await rude_room(eve, bob))
        members = [event for event in shown if event["type"] == "m.room.member"]
        assert {event["sender"] for event in members} == {eve.user_id}
        assert all(event["content"].keys() <= {"membership"} for event in members)
        assert {event["type"] for event in shown} == {
            "m.room.create",
            "m.room.join_rules",
            "m.room.encryption",
            "m.room.member",
        }
        assert SLUR not in str(shown)
        assert "slur" not in str(shown)


async def test_who_shares_a_room_is_no_stranger() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        shown = await shown_to(bob, await create(ann, name="tea", invite=[bob.user_id]))
        assert {"name": "tea"} in [event["content"] for event in shown]


async def test_an_open_server_shows_strangers_words() -> None:
    async with World(unsafe_strangers_may_invite=True) as world:
        bob, eve = await world.person("bob"), await world.person("eve")
        shown = await shown_to(bob, await rude_room(eve, bob))
        assert {"name": SLUR} in [event["content"] for event in shown]


async def test_strangers_reach_a_few_people_a_day() -> None:
    async with World() as world:
        eve = await world.person("eve")
        people = [await world.person(f"p{number}") for number in range(STRANGERS.burst + 1)]
        room_id = await create(eve)
        path = f"/rooms/{room_id}/invite"
        for person in people[:-1]:
            assert (await eve.post(path, {"user_id": person.user_id})).status == 200
        last = await eve.post(path, {"user_id": people[-1].user_id})
        assert last.refusal == (429, "M_LIMIT_EXCEEDED")
        assert last["retry_after_ms"] > 3_600_000
        direct = await eve.post("/createRoom", {"invite": [people[-1].user_id]})
        assert direct.refusal == (429, "M_LIMIT_EXCEEDED")
        world.clock.advance(DAY_MS)
        assert (await eve.post(path, {"user_id": people[-1].user_id})).status == 200


async def test_an_administrator_reaches_everybody() -> None:
    async with World() as world:
        boss = await world.person("boss", admin=True)
        people = [await world.person(f"p{number}") for number in range(STRANGERS.burst + 2)]
        room_id = await create(boss)
        for person in people:
            invited = await boss.post(f"/rooms/{room_id}/invite", {"user_id": person.user_id})
            assert invited.status == 200


async def test_who_takes_no_invitations_gets_none_by_any_road() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann)
        config = f"/user/{bob.user_id}/account_data/m.invite_permission_config"
        await bob.put(config, {"default_action": "block"})
        roads = (
            await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id}),
            await ann.post("/createRoom", {"invite": [bob.user_id]}),
            await ann.put(
                f"/rooms/{room_id}/state/m.room.member/{bob.user_id}", {"membership": "invite"}
            ),
        )
        assert [road.refusal for road in roads] == [(403, "M_INVITE_BLOCKED")] * 3
        await bob.put(config, {})
        invited = await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})
        assert invited.status == 200


async def test_invitations_that_are_there_are_hidden_from_who_takes_none() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, invite=[bob.user_id])
        assert await shown_to(bob, room_id)
        config = f"/user/{bob.user_id}/account_data/m.invite_permission_config"
        await bob.put(config, {"default_action": "block"})
        assert await shown_to(bob, room_id) == []


async def test_an_ignored_persons_invitations_are_not_shown() -> None:
    async with World() as world:
        bob, eve = await world.person("bob"), await world.person("eve")
        ignored: dict[str, Any] = {"ignored_users": {eve.user_id: {}}}
        await bob.put(f"/user/{bob.user_id}/account_data/m.ignored_user_list", ignored)
        assert await shown_to(bob, await create(eve, invite=[bob.user_id])) == []
