"""Aliases: who gives them, who takes them away, who sees them."""

from __future__ import annotations

from tests.rooms.talking import create, room_of, state_of
from tests.world import Person, World

TEA = "/directory/room/%23tea:privity.test"


async def give(person: Person, room_id: str) -> tuple[int, str | None]:
    """Point #tea at a room."""
    return (await person.put(TEA, {"room_id": room_id})).refusal


async def test_who_is_in_a_room_gives_it_an_alias_by_which_others_come() -> None:
    async with World() as world:
        ann, bob, cas = [await world.person(name) for name in ("ann", "bob", "cas")]
        room_id = await room_of(ann, bob, preset="public_chat")
        assert await give(bob, room_id) == (200, None)
        assert (await cas.get(TEA)).body == {"room_id": room_id, "servers": ["privity.test"]}
        assert (await cas.post("/join/%23tea:privity.test")).body == {"room_id": room_id}
        assert (await cas.get(f"/rooms/{room_id}/aliases")).body == {
            "aliases": ["#tea:privity.test"]
        }


async def test_an_alias_is_told_to_nobody_without_an_account() -> None:
    async with World() as world:
        ann = await world.person("ann")
        assert await give(ann, await create(ann)) == (200, None)
        path = f"/_matrix/client/v3{TEA}"
        assert (await world.request("GET", path)).refusal == (401, "M_MISSING_TOKEN")


async def test_an_alias_points_at_one_room_only() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        assert await give(ann, await create(ann)) == (200, None)
        assert await give(bob, await create(bob)) == (409, "M_UNKNOWN")
        assert (await bob.delete("/directory/room/%23none:privity.test")).status == 404


async def test_aliases_are_given_from_within_and_of_this_server() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann)
        assert await give(eve, room_id) == (403, "M_FORBIDDEN")
        assert await give(eve, "!none:privity.test") == (403, "M_FORBIDDEN")
        other = await ann.put("/directory/room/%23tea:other.test", {"room_id": room_id})
        assert other.refusal == (400, "M_INVALID_PARAM")
        assert (await ann.put("/directory/room/tea", {"room_id": room_id})).status == 400


async def test_an_alias_is_taken_away_by_who_gave_it_or_by_who_speaks_for_the_room() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob)
        for taker in (bob, ann):
            assert await give(bob, room_id) == (200, None)
            assert (await eve.delete(TEA)).refusal == (403, "M_FORBIDDEN")
            assert (await taker.delete(TEA)).status == 200
        assert (await ann.get(TEA)).refusal == (404, "M_NOT_FOUND")


async def test_an_administrator_takes_away_any_alias() -> None:
    async with World() as world:
        ann, boss = await world.person("ann"), await world.person("boss", admin=True)
        assert await give(ann, await create(ann)) == (200, None)
        assert (await boss.delete(TEA)).status == 200


async def test_a_room_no_longer_calls_its_own_what_was_taken_away() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob, room_alias_name="tea")
        assert (await ann.delete(TEA)).status == 200
        assert (await state_of(ann, room_id, "m.room.canonical_alias")).body == {}


async def test_aliases_are_for_who_is_in_the_room_unless_its_history_is_for_everybody() -> None:
    async with World() as world:
        ann, eve = await world.person("ann"), await world.person("eve")
        room_id = await create(ann, room_alias_name="tea")
        path = f"/rooms/{room_id}/aliases"
        assert (await eve.get(path)).refusal == (403, "M_FORBIDDEN")
        visibility = {"history_visibility": "world_readable"}
        await ann.put(f"/rooms/{room_id}/state/m.room.history_visibility", visibility)
        assert (await eve.get(path))["aliases"] == ["#tea:privity.test"]
