"""Who comes in, who goes, and by whose hand."""

from __future__ import annotations

import pytest

from tests.rooms.talking import create, encrypted, room_of, send, state_of
from tests.world import World


async def test_an_invited_person_may_join_and_others_may_not() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await create(ann)
        assert (await ann.post(f"/rooms/{room_id}/invite", {"user_id": bob.user_id})).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).body == {"room_id": room_id}
        assert (await eve.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")
        assert (await bob.get("/joined_rooms"))["joined_rooms"] == [room_id]


async def test_a_public_room_is_open_by_id_and_by_alias() -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await create(ann, preset="public_chat", room_alias_name="tea")
        assert (await bob.post(f"/join/{room_id}")).status == 200
        assert (await eve.post("/join/%23tea:privity.test")).body == {"room_id": room_id}


async def test_joining_twice_changes_nothing() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        before = world.store.pos
        assert (await bob.post(f"/rooms/{room_id}/join")).body == {"room_id": room_id}
        assert world.store.pos == before


@pytest.mark.parametrize("deed", ["kick", "ban"])
async def test_who_was_thrown_out_cannot_send(deed: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        assert (await ann.post(f"/rooms/{room_id}/{deed}", {"user_id": bob.user_id})).status == 200
        assert (await send(bob, room_id, encrypted())).refusal == (403, "M_FORBIDDEN")
        assert (await bob.get("/joined_rooms"))["joined_rooms"] == []


async def test_who_is_banned_comes_back_only_after_an_unban_and_an_invitation() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        who = {"user_id": bob.user_id}
        await ann.post(f"/rooms/{room_id}/ban", who)
        assert (await ann.post(f"/rooms/{room_id}/invite", who)).refusal == (403, "M_FORBIDDEN")
        assert (await ann.post(f"/rooms/{room_id}/kick", who)).refusal == (403, "M_FORBIDDEN")
        assert (await ann.post(f"/rooms/{room_id}/unban", who)).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")
        assert (await ann.post(f"/rooms/{room_id}/invite", who)).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).status == 200


@pytest.mark.parametrize("deed", ["kick", "ban"])
async def test_a_member_has_no_power_over_another(deed: str) -> None:
    async with World() as world:
        ann, bob, eve = [await world.person(name) for name in ("ann", "bob", "eve")]
        room_id = await room_of(ann, bob, eve)
        for target in (ann, eve):
            answer = await bob.post(f"/rooms/{room_id}/{deed}", {"user_id": target.user_id})
            assert answer.refusal == (403, "M_FORBIDDEN")


async def test_an_invitation_can_be_declined() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, invite=[bob.user_id])
        assert (await bob.post(f"/rooms/{room_id}/leave")).status == 200
        assert (await bob.post(f"/rooms/{room_id}/join")).refusal == (403, "M_FORBIDDEN")


async def test_the_reason_of_a_kick_is_not_kept() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        why = {"user_id": bob.user_id, "reason": "said the secret word"}
        await ann.post(f"/rooms/{room_id}/kick", why)
        member = await state_of(ann, room_id, "m.room.member", bob.user_id)
        assert member.body == {"membership": "leave"}


async def test_the_reason_is_not_kept_by_way_of_the_state_endpoint_either() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        content = {"membership": "leave", "reason": "said the secret word"}
        path = f"/rooms/{room_id}/state/m.room.member/{bob.user_id}"
        assert (await ann.put(path, content)).status == 200
        member = await state_of(ann, room_id, "m.room.member", bob.user_id)
        assert member.body == {"membership": "leave"}


async def test_the_state_endpoint_is_no_way_round_the_rules_of_invitations() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        path = f"/rooms/{room_id}/state/m.room.member/@bob:elsewhere.test"
        assert (await ann.put(path, {"membership": "invite"})).refusal == (403, "M_FORBIDDEN")


async def test_ones_own_membership_can_be_renewed_by_the_state_endpoint() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        path = f"/rooms/{room_id}/state/m.room.member/{ann.user_id}"
        content = {"membership": "join", "displayname": "Ann of this room"}
        assert (await ann.put(path, content)).status == 200
        assert (await state_of(ann, room_id, "m.room.member", ann.user_id)).body == content


async def test_a_name_is_shown_in_every_room_and_follows_its_change() -> None:
    async with World() as world:
        ann = await world.person("ann")
        one, two = await create(ann), await create(ann)
        await ann.put(f"/profile/{ann.user_id}/displayname", {"displayname": "Ann"})
        for room_id in (one, two, await create(ann)):
            member = await state_of(ann, room_id, "m.room.member", ann.user_id)
            assert member["displayname"] == "Ann"


async def test_who_left_may_forget_and_who_is_in_may_not() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        assert (await bob.post(f"/rooms/{room_id}/forget")).status == 400
        await bob.post(f"/rooms/{room_id}/leave")
        assert (await bob.post(f"/rooms/{room_id}/forget")).status == 200
        everything = await bob.get("/sync", filter='{"room":{"include_leave":true}}')
        assert room_id not in everything.body.get("rooms", {}).get("leave", {})


async def test_nobody_of_another_server_can_be_invited() -> None:
    async with World() as world:
        ann = await world.person("ann")
        room_id = await create(ann)
        answer = await ann.post(f"/rooms/{room_id}/invite", {"user_id": "@bob:elsewhere.test"})
        assert answer.refusal == (403, "M_FORBIDDEN")


async def test_an_invitation_to_nobody_looks_like_one_to_somebody() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann)
        asked = [{"user_id": bob.user_id}, {"user_id": "@nobody:privity.test"}]
        answers = [await ann.post(f"/rooms/{room_id}/invite", body) for body in asked]
        assert answers[0].raw == answers[1].raw


@pytest.mark.parametrize("membership", ["join", "ban", "dance"])
async def test_nobody_makes_another_join_or_stand_in_a_made_up_way(membership: str) -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await create(ann, preset="public_chat")
        path = f"/rooms/{room_id}/state/m.room.member/{ann.user_id}"
        answer = await bob.put(path, {"membership": membership})
        assert answer.refusal == (403, "M_FORBIDDEN")


async def test_who_forgot_a_room_reads_nothing_of_it_any_more() -> None:
    async with World() as world:
        ann, bob = await world.person("ann"), await world.person("bob")
        room_id = await room_of(ann, bob)
        await bob.post(f"/rooms/{room_id}/leave")
        assert (await bob.get(f"/rooms/{room_id}/messages", dir="b")).status == 200
        await bob.post(f"/rooms/{room_id}/forget")
        for path in ("messages?dir=b", "state", "members"):
            road, _, query = path.partition("?")
            answer = await bob.get(f"/rooms/{room_id}/{road}", **({"dir": "b"} if query else {}))
            assert answer.refusal == (403, "M_FORBIDDEN")
