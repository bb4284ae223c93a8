"""What the server says of itself."""

from __future__ import annotations

import pytest

from tests.world import World

CLIENT = "/_matrix/client"


async def test_the_features_that_clients_look_for_are_told(world: World) -> None:
    told = (await world.request("GET", f"{CLIENT}/versions")).body
    assert {"v1.1", "v1.16", "v1.19"} <= set(told["versions"])
    assert set(told["unstable_features"].values()) == {True}


async def test_mutual_rooms_are_told_by_their_older_name_too(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    room_id = (await ann.post("/createRoom", {"invite": [ben.user_id]}))["room_id"]
    await ben.post(f"/rooms/{room_id}/join", {})
    path = f"{CLIENT}/unstable/uk.half-shot.msc2666/user/mutual_rooms"
    assert (await ann.get(path, user_id=ben.user_id))["joined"] == [room_id]


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", f"{CLIENT}/v1/auth_metadata", (404, "M_NOT_FOUND")),
        ("GET", f"{CLIENT}/v3/login/sso/redirect", (404, "M_UNRECOGNIZED")),
        ("GET", f"{CLIENT}/v3/auth/m.login.dummy/fallback/web", (404, "M_UNRECOGNIZED")),
        ("GET", "/_matrix/static/client/login/", (404, "M_UNRECOGNIZED")),
        ("GET", f"{CLIENT}/v3/nothing", (404, "M_UNRECOGNIZED")),
        ("POST", f"{CLIENT}/versions", (405, "M_UNRECOGNIZED")),
        ("DELETE", f"{CLIENT}/v3/login", (405, "M_UNRECOGNIZED")),
        ("GET", "/_matrix/identity/v2", (404, "M_UNRECOGNIZED")),
    ],
)
async def test_what_is_not_served_is_not_recognised(
    world: World, method: str, path: str, refusal: tuple[int, str]
) -> None:
    assert (await world.request(method, path)).refusal == refusal
