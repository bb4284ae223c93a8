"""Third-party identifiers: there are none, and nobody is asked about any."""

from __future__ import annotations

import pytest

from tests.world import World

SESSION = {"client_secret": "s3cr3t", "sid": "1"}
SERVER = {"id_server": "id.example", "id_access_token": "x"}
EMAIL = {"client_secret": "s3cr3t", "email": "ann@example.org", "send_attempt": 1}
PHONE = {"client_secret": "s3cr3t", "country": "GB", "phone_number": "1", "send_attempt": 1}
ADDRESS = {"medium": "email", "address": "ann@example.org"}


async def test_an_account_has_no_addresses_to_see(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get("/account/3pid")).body == {"threepids": []}


async def test_none_is_added(world: World) -> None:
    ann = await world.person("ann")
    for path, body in (
        ("/account/3pid", {"three_pid_creds": {**SESSION, **SERVER}}),
        ("/account/3pid/add", SESSION),
        ("/account/3pid/bind", {**SESSION, **SERVER}),
    ):
        assert (await ann.post(path, body)).refusal == (403, "M_THREEPID_DENIED")


async def test_one_that_is_not_there_is_taken_away_without_an_error(world: World) -> None:
    ann = await world.person("ann")
    for path in ("/account/3pid/delete", "/account/3pid/unbind"):
        answer = await ann.post(path, ADDRESS)
        assert answer.body == {"id_server_unbind_result": "no-support"}


@pytest.mark.parametrize("road", ["register", "account/password", "account/3pid"])
async def test_no_message_goes_to_an_address(world: World, road: str) -> None:
    for medium, body in (("email", EMAIL), ("msisdn", PHONE)):
        answer = await world.request("POST", f"/{road}/{medium}/requestToken", body)
        assert answer.refusal == (400, "M_THREEPID_MEDIUM_NOT_SUPPORTED")


async def test_nobody_is_invited_by_an_address(world: World) -> None:
    ann = await world.person("ann")
    room_id = (await ann.post("/createRoom", {}))["room_id"]
    answer = await ann.post(f"/rooms/{room_id}/invite", {**ADDRESS, **SERVER})
    assert answer.refusal == (403, "M_THREEPID_DENIED")
