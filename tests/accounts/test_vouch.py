"""OpenID tokens: a third party learns who somebody is, and nothing else."""

from __future__ import annotations

from privity.accounts.lock import set_locked
from privity.accounts.vouch import LIFETIME_MS
from tests.world import Answer, Person, World

USERINFO = "/_matrix/federation/v1/openid/userinfo"


async def token_of(person: Person) -> str:
    answer = await person.post(f"/user/{person.user_id}/openid/request_token", {})
    assert answer.body == {
        "access_token": answer["access_token"],
        "token_type": "Bearer",
        "matrix_server_name": "privity.test",
        "expires_in": 3600,
    }
    token: str = answer["access_token"]
    return token


async def ask(world: World, token: str) -> Answer:
    return await world.request("GET", USERINFO, query={"access_token": token})


async def test_a_third_party_learns_who_it_is(world: World) -> None:
    ann = await world.person("ann")
    assert (await ask(world, await token_of(ann))).body == {"sub": "@ann:privity.test"}


async def test_a_token_that_was_made_up_or_changed_says_nothing(world: World) -> None:
    ann = await world.person("ann")
    token = await token_of(ann)
    changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for made_up in ("", "x", "pvo_", "pvo_%%", "pvo_ä", ann.token, changed, token[:-8]):
        assert (await ask(world, made_up)).refusal == (401, "M_UNKNOWN_TOKEN")
    nothing = await world.request("GET", USERINFO)
    assert nothing.refusal == (401, "M_MISSING_TOKEN")


async def test_a_token_ends_after_its_hour_and_with_its_account(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    tokens = [await token_of(ann), await token_of(ben)]
    await set_locked(world.house, ben.user_id, is_locked=True)
    assert (await ask(world, tokens[1])).refusal == (401, "M_UNKNOWN_TOKEN")
    world.clock.advance(LIFETIME_MS - 1)
    assert (await ask(world, tokens[0])).status == 200
    world.clock.advance(1)
    assert (await ask(world, tokens[0])).refusal == (401, "M_UNKNOWN_TOKEN")


async def test_the_token_opens_nothing_here(world: World) -> None:
    ann = await world.person("ann")
    opened = await world.request("GET", "/account/whoami", token=await token_of(ann))
    assert opened.refusal == (401, "M_UNKNOWN_TOKEN")


async def test_nobody_is_vouched_for_by_somebody_else(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    asked = await ben.post(f"/user/{ann.user_id}/openid/request_token", {})
    assert asked.refusal == (403, "M_FORBIDDEN")
