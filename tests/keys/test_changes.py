"""Whose keys changed: told to those who share a room, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.keys.clients import Device, keys_of, sync, told, with_identity, with_keys
from tests.rooms.talking import create, room_of
from tests.world import Answer, Person, World

Changes = tuple[list[str], list[str]]
Asking = Callable[[Person, Answer], Awaitable[Changes]]


async def by_sync(person: Person, since: Answer) -> Changes:
    """What a sync tells, from memory."""
    answer = await sync(person, since)
    return told(answer), told(answer, "left")


async def by_sync_of_a_server_that_forgot(person: Person, since: Answer) -> Changes:
    """What a sync tells from the database."""
    await person.world.restart()
    return await by_sync(person, since)


async def by_keys_changes(person: Person, since: Answer) -> Changes:
    """What `/keys/changes` tells."""
    until = (await sync(person))["next_batch"]
    answer = await person.get("/keys/changes", **{"from": since["next_batch"], "to": until})
    return answer["changed"], answer["left"]


in_every_way = pytest.mark.parametrize(
    "ask", [by_sync, by_sync_of_a_server_that_forgot, by_keys_changes]
)


@in_every_way
async def test_who_shares_a_room_hears_of_new_keys_and_who_does_not_hears_nothing(
    ask: Asking,
) -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        await room_of(ann, bob)
        annes, bobs, cleos = [await sync(person) for person in (ann, bob, cleo)]
        await with_keys(ann)
        assert await ask(ann, annes) == ([ann.user_id], [])
        assert await ask(bob, bobs) == ([ann.user_id], [])
        assert await ask(cleo, cleos) == ([], [])


@in_every_way
async def test_who_comes_into_a_room_and_who_is_there_hear_of_each_other(ask: Asking) -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        room_id = await room_of(ann, bob)
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": cleo.user_id})
        bobs, cleos = [await sync(person) for person in (bob, cleo)]
        await cleo.post(f"/rooms/{room_id}/join")
        assert await ask(bob, bobs) == ([cleo.user_id], [])
        assert await ask(cleo, cleos) == ([ann.user_id, bob.user_id], [])


@in_every_way
async def test_who_leaves_the_last_common_room_is_told_as_gone(ask: Asking) -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        room_id = await room_of(ann, bob, cleo)
        await room_of(ann, cleo)
        annes, bobs, cleos = [await sync(person) for person in (ann, bob, cleo)]
        await cleo.post(f"/rooms/{room_id}/leave")
        assert await ask(ann, annes) == ([], [])
        assert await ask(bob, bobs) == ([], [cleo.user_id])
        assert await ask(cleo, cleos) == ([], [bob.user_id])


@in_every_way
async def test_who_declines_an_invitation_learns_no_members_name(ask: Asking) -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        room_id = await room_of(ann, bob)
        since = await sync(cleo)
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": cleo.user_id})
        assert await ask(cleo, since) == ([], [])
        await cleo.post(f"/rooms/{room_id}/leave")
        assert await ask(cleo, since) == ([], [])
        left = (await sync(cleo, since))["rooms"]["leave"][room_id]
        told_of = left["timeline"]["events"] + left["state"]["events"]
        assert {event["state_key"] for event in told_of} == {cleo.user_id}


@in_every_way
async def test_who_left_does_not_hear_who_came_afterwards(ask: Asking) -> None:
    async with World() as world:
        ann, bob, cleo = [await world.person(name) for name in ("ann", "bob", "cleo")]
        room_id = await room_of(ann, bob)
        since = await sync(bob)
        await bob.post(f"/rooms/{room_id}/leave")
        await ann.post(f"/rooms/{room_id}/invite", {"user_id": cleo.user_id})
        await cleo.post(f"/rooms/{room_id}/join")
        assert await ask(bob, since) == ([], [ann.user_id])


@in_every_way
async def test_whom_somebody_verified_is_told_to_their_own_devices_alone(ask: Asking) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        annes, bobs = await with_identity(ann), await with_identity(bob)
        tablet = await ann.another_device()
        await room_of(ann, bob)
        on_tablet, on_bobs = [await sync(person) for person in (tablet, bob)]
        signed = annes.user_signing.sign(bobs.key("master", bobs.master))
        await ann.post("/keys/signatures/upload", {bob.user_id: {bobs.master.public: signed}})
        assert await ask(tablet, on_tablet) == ([bob.user_id], [])
        assert await ask(bob, on_bobs) == ([], [])


@in_every_way
async def test_everything_that_others_can_see_is_a_change(ask: Asking) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        since = await sync(bob)
        device = await with_keys(ann)
        other = await device.another()
        changes: list[Callable[[], Awaitable[object]]] = [
            lambda: ann.put(f"/devices/{ann.device_id}", {"display_name": "Phone"}),
            lambda: with_identity(ann),
            lambda: other.person.post("/logout"),
        ]
        for change in changes:
            since = await sync(bob, since)
            await change()
            assert await ask(bob, since) == ([ann.user_id], [])


async def test_a_change_wakes_those_who_share_a_room() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await room_of(ann, bob)
        since = await sync(bob)
        waiting = asyncio.ensure_future(sync(bob, since, timeout=60_000))
        await with_keys(ann)
        assert told(await waiting) == [ann.user_id]


async def test_only_changes_between_the_two_tokens_are_told() -> None:
    async with World() as world:
        ann = await world.person("ann")
        await create(ann)
        before = await sync(ann)
        await with_keys(ann)
        after = await sync(ann)
        later = {"from": after["next_batch"], "to": after["next_batch"]}
        assert (await ann.get("/keys/changes", **later)).body == {"changed": [], "left": []}
        both = {"from": before["next_batch"], "to": after["next_batch"]}
        assert (await ann.get("/keys/changes", **both))["changed"] == [ann.user_id]


async def test_tokens_that_are_none_are_refused() -> None:
    async with World() as world:
        ann = await world.person("ann")
        good = (await sync(ann))["next_batch"]
        for query, errcode in [
            ({}, "M_MISSING_PARAM"),
            ({"from": good}, "M_MISSING_PARAM"),
            ({"from": good, "to": "x"}, "M_INVALID_PARAM"),
            ({"from": "", "to": good}, "M_INVALID_PARAM"),
        ]:
            assert (await ann.get("/keys/changes", **query)).refusal == (400, errcode), query


async def test_who_is_deactivated_has_no_keys_and_their_friends_hear_of_it() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        await Device(ann).upload()
        await room_of(ann, bob)
        since = await sync(bob)
        await ann.post("/account/deactivate", {"auth": ann.auth()})
        changed = await sync(bob, since)
        assert ann.user_id in told(changed) + told(changed, "left")
        assert (await keys_of(bob, ann.user_id))["device_keys"] == {ann.user_id: {}}


async def test_ones_other_devices_hear_of_a_new_one() -> None:
    async with World() as world:
        ann = await world.person("ann")
        since = (await ann.get("/sync"))["next_batch"]
        await ann.another_device()
        assert (await ann.get("/sync", since=since))["device_lists"]["changed"] == [ann.user_id]
