"""What a client needs for calls, and whom it can ask for help."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

from tests.world import START_MS, World

TRANSPORTS = "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports"
WELL_KNOWN = "/.well-known/matrix/client"
SUPPORT = "/.well-known/matrix/support"


async def test_where_there_is_no_turn_server_none_is_told(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.get("/voip/turnServer")).body == {}
    assert (await ann.get(TRANSPORTS)).body == {"rtc_transports": []}


async def test_a_turn_password_is_what_the_turn_server_works_out_too() -> None:
    uris = "turn:one.example?transport=udp, turns:two.example"
    async with World(turn_uris=uris, turn_shared_secret="shared") as world:
        ann = await world.person("ann")
        told = (await ann.get("/voip/turnServer")).body
        assert told["uris"] == ["turn:one.example?transport=udp", "turns:two.example"]
        assert told["ttl"] == 24 * 3600
        expires_s, _, name = told["username"].partition(":")
        assert int(expires_s) == START_MS // 1000 + told["ttl"]
        assert len(name) == 16
        assert "ann" not in name
        mac = hmac.digest(b"shared", told["username"].encode(), hashlib.sha1)
        assert told["password"] == b64encode(mac).decode()


async def test_the_meeting_points_of_group_calls_are_told() -> None:
    async with World(rtc_foci="https://calls.example") as world:
        ann = await world.person("ann")
        focus = {"type": "livekit", "livekit_service_url": "https://calls.example"}
        assert (await ann.get(TRANSPORTS)).body == {"rtc_transports": [focus]}
        told = await world.request("GET", WELL_KNOWN)
        assert told["org.matrix.msc4143.rtc_foci"] == [focus]


async def test_whom_to_ask_is_told_if_the_operator_says_so(world: World) -> None:
    assert (await world.request("GET", SUPPORT)).refusal == (404, "M_NOT_FOUND")
    settings = {"support_email": "ann@example.org", "support_page": "https://example.org/help"}
    async with World(**settings) as told_world:
        told = await told_world.request("GET", SUPPORT)
        contact = {"role": "m.role.admin", "email_address": "ann@example.org"}
        page = "https://example.org/help"
        assert told.body == {"contacts": [contact], "support_page": page}
