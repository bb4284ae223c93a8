"""What one process keeps in memory is never older than what another has answered.

Nobody looks by themselves here (see `Pair`): either the request that asks makes this process look,
or the bus has told it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from privity.accounts.lock import set_locked
from tests.cluster.conftest import Pair, at
from tests.follow.test_sync import joined, sync
from tests.rooms.talking import create, room_of, say, state_of
from tests.world import Answer, Person

UNKNOWN = (401, "M_UNKNOWN_TOKEN")
SOON_S = 5


async def soon(ask: Callable[[], Awaitable[Answer]], refusal: tuple[int, str | None]) -> None:
    """Ask until that is the answer: the bus takes its milliseconds."""
    for _ in range(1000 * SOON_S):
        if (await ask()).refusal == refusal:
            return
        await asyncio.sleep(0.001)
    assert (await ask()).refusal == refusal


@pytest.fixture
async def ann(pair: Pair) -> Person:
    """Somebody whom both processes have in memory."""
    ann = await pair.one.person("ann")
    assert (await at(pair.other, ann).get("/account/whoami")).status == 200
    return ann


async def test_who_was_logged_out_at_one_process_is_shown_nothing_at_the_other(
    pair: Pair, ann: Person
) -> None:
    assert (await ann.post("/logout")).status == 200
    assert (await at(pair.other, ann).get("/account/whoami")).refusal == UNKNOWN


async def test_who_was_logged_out_at_one_process_soon_does_nothing_at_the_other(
    pair: Pair, ann: Person
) -> None:
    room_id = await create(ann)
    elsewhere = at(pair.other, ann)
    await say(elsewhere, room_id)
    assert (await ann.post("/logout/all")).status == 200
    await soon(lambda: elsewhere.post(f"/rooms/{room_id}/read_markers", {}), UNKNOWN)


async def test_who_was_locked_at_one_process_is_locked_at_the_other(
    pair: Pair, ann: Person
) -> None:
    await set_locked(pair.one.house, ann.user_id, is_locked=True)
    assert (await at(pair.other, ann).get("/account/whoami")).refusal == (401, "M_USER_LOCKED")


async def test_who_waits_at_one_process_and_is_logged_out_at_the_other_is_told(
    pair: Pair, ann: Person
) -> None:
    elsewhere = at(pair.other, ann)
    first = await sync(elsewhere)
    asked = elsewhere.get("/sync", since=first["next_batch"], timeout=60_000)
    task = asyncio.ensure_future(asked)
    assert (await ann.post("/logout")).status == 200
    assert (await asyncio.wait_for(task, SOON_S)).refusal == UNKNOWN


async def test_an_invitation_at_one_process_lets_in_at_the_other(pair: Pair, ann: Person) -> None:
    ben = at(pair.other, await pair.one.person("ben"))
    room_id = await create(ann)
    for n in range(5):
        assert (await ben.post(f"/rooms/{room_id}/join", {})).refusal == (403, "M_FORBIDDEN")
        invited = await ann.post(f"/rooms/{room_id}/invite", {"user_id": ben.user_id})
        assert invited.status == 200, n
        assert (await ben.post(f"/rooms/{room_id}/join", {})).status == 200
        kicked = await ann.post(f"/rooms/{room_id}/kick", {"user_id": ben.user_id})
        assert kicked.status == 200


async def test_state_that_one_process_set_is_the_state_that_the_other_shows(
    pair: Pair, ann: Person
) -> None:
    room_id = await create(ann, name="0")
    for n in range(1, 6):
        setting, showing = (pair.one, pair.other) if n % 2 else (pair.other, pair.one)
        path = f"/rooms/{room_id}/state/m.room.name/"
        assert (await at(setting, ann).put(path, {"name": str(n)})).status == 200
        shown = await state_of(at(showing, ann), room_id, "m.room.name")
        assert shown["name"] == str(n)


async def test_a_token_of_one_process_is_good_at_the_other_at_once(pair: Pair, ann: Person) -> None:
    room_id = await create(ann)
    answer = await sync(ann)
    for n in range(6):
        world = (pair.other, pair.one)[n % 2]
        sent = await say(ann, room_id)
        answer = await sync(at(pair.one, ann), answer)
        assert [e["event_id"] for e in joined(answer)[room_id]["timeline"]["events"]] == [sent]
        answer = await sync(at(world, ann), answer)
        assert joined(answer) == {}


async def test_a_token_from_the_future_is_refused_at_either(pair: Pair, ann: Person) -> None:
    for world in pair:
        answer = await at(world, ann).get("/sync", since="s999999999_0")
        assert answer.refusal == (400, "M_INVALID_PARAM")


async def test_a_receipt_at_one_process_clears_the_count_at_the_other(
    pair: Pair, ann: Person
) -> None:
    ben = await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    elsewhere = at(pair.other, ben)
    first = await sync(elsewhere)
    sent = await say(ann, room_id)
    await pair.other.store.catch_up()
    second = await sync(elsewhere, first)
    assert joined(second)[room_id]["unread_notifications"]["notification_count"] == 1
    assert (await ben.post(f"/rooms/{room_id}/receipt/m.read/{sent}", {})).status == 200
    await pair.other.store.catch_up()
    third = await sync(elsewhere, second)
    assert joined(third)[room_id]["unread_notifications"]["notification_count"] == 0


async def test_push_rules_set_at_one_process_count_at_the_other(pair: Pair, ann: Person) -> None:
    ben = await pair.one.person("ben")
    room_id = await room_of(ann, ben)
    elsewhere = at(pair.other, ben)
    first = await sync(elsewhere)
    path = f"/pushrules/global/override/{room_id}"
    match = {"kind": "event_match", "key": "room_id", "pattern": room_id}
    rule = {"actions": [], "conditions": [match]}
    assert (await ben.put(path, rule)).status == 200
    await say(ann, room_id)
    await pair.other.store.catch_up()
    counts = joined(await sync(elsewhere, first))[room_id]["unread_notifications"]
    assert counts["notification_count"] == 0


async def test_a_room_forgotten_at_one_process_is_gone_at_the_other(
    pair: Pair, ann: Person
) -> None:
    room_id = await create(ann)
    elsewhere = at(pair.other, ann)
    assert room_id in joined(await sync(elsewhere))
    for deed in ("leave", "forget"):
        assert (await ann.post(f"/rooms/{room_id}/{deed}", {})).status == 200
    await pair.other.store.catch_up()
    told = await sync(elsewhere, filter='{"room":{"include_leave":true}}')
    assert room_id not in told.body.get("rooms", {}).get("leave", {})


async def test_account_data_and_profile_of_one_process_are_the_other_s(
    pair: Pair, ann: Person
) -> None:
    path = f"/user/{ann.user_id}/account_data/org.note"
    name = f"/profile/{ann.user_id}/displayname"
    elsewhere = at(pair.other, ann)
    for n in range(3):
        assert (await ann.put(path, {"n": n})).status == 200
        assert (await ann.put(name, {"displayname": f"Ann {n}"})).status == 200
        assert (await elsewhere.get(path)).body == {"n": n}
        assert (await elsewhere.get(name)).body == {"displayname": f"Ann {n}"}


async def test_a_proof_asked_for_by_one_process_is_taken_by_the_other(
    pair: Pair, ann: Person
) -> None:
    body = {"new_password": "another long password, for Ann"}
    asked = await ann.post("/account/password", body)
    auth = {**ann.auth(), "session": asked["session"]}
    done = await at(pair.other, ann).post("/account/password", {**body, "auth": auth})
    assert done.status == 200


async def test_one_name_registered_at_both_at_once_is_one_account(pair: Pair) -> None:
    made = await asyncio.gather(*(world.person("twin") for world in pair), return_exceptions=True)
    assert sorted(isinstance(each, Person) for each in made) == [False, True]
