"""Where an access token may stand, and what happens to who guesses them."""

from __future__ import annotations

from tests.world import World


async def test_a_token_in_the_address_is_refused(world: World) -> None:
    ann = await world.person("ann")
    query = {"access_token": ann.token}
    refused = await world.request("GET", "/account/whoami", query=query)
    assert refused.refusal == (401, "M_MISSING_TOKEN")
    assert "Authorization" in refused["error"]
    assert (await ann.get("/account/whoami", **query)).status == 200


async def test_an_operator_may_have_tokens_in_addresses() -> None:
    async with World(unsafe_query_tokens=True) as world:
        ann = await world.person("ann")
        query = {"access_token": ann.token}
        assert (await world.request("GET", "/account/whoami", query=query)).status == 200
        guessed = {"access_token": "guessed"}
        answer = await world.request("GET", "/account/whoami", query=guessed)
        assert answer.refusal == (401, "M_UNKNOWN_TOKEN")
        answer = await ann.get("/account/whoami", **guessed)  # the header goes first
        assert answer.status == 200
        answer = await world.request("GET", "/account/whoami")
        assert answer.refusal == (401, "M_MISSING_TOKEN")


async def test_who_guesses_tokens_waits_and_nobody_else_does(world: World) -> None:
    ann = await world.person("ann")
    guesses = [
        await world.request("GET", "/account/whoami", token=f"pvt_{number}")
        for number in range(101)
    ]
    assert {guess.status for guess in guesses[:100]} == {401}
    assert guesses[100].refusal == (429, "M_LIMIT_EXCEEDED")
    assert (await ann.get("/account/whoami")).status == 200
    other = await world.request("GET", "/account/whoami", token="x", address="192.0.2.9")
    assert other.refusal == (401, "M_UNKNOWN_TOKEN")
