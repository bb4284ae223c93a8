"""What an invitation's link shows to who opens it."""

from __future__ import annotations

from privity.accounts.invite import invite
from tests.world import World

INVITATION = "/_matrix/client/unstable/io.privity/invitation"


async def test_who_opens_an_invitation_sees_where_it_leads_until_it_is_used() -> None:
    async with World() as world:
        invited = await invite(world.house, "ann@example.org")
        shown = await world.request("GET", INVITATION, query={"token": invited.token})
        assert shown.body == {
            "organisation": "privity.test",
            "is_admin": False,
            "expires_ts": invited.expires_ts,
        }
        world.clock.advance(world.house.config.invitation_lifetime_ms)
        for token in (invited.token, "pvi_nobody"):
            over = await world.request("GET", INVITATION, query={"token": token})
            assert over.refusal == (404, "M_NOT_FOUND")


async def test_who_guesses_invitations_is_told_to_wait() -> None:
    async with World() as world:
        statuses = set()
        for number in range(50):
            query = {"token": f"pvi_{number}"}
            answer = await world.request("GET", INVITATION, query=query)
            statuses.add(answer.refusal)
        assert (429, "M_LIMIT_EXCEEDED") in statuses
