"""Rooms that are there when a story begins: made over HTTP, as any client could have made them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.web.visitor import PASSWORD, Visitor

V3 = "/_matrix/client/v3"


def direct_room(one: Visitor, other: Visitor) -> str:
    """A direct chat of two people who have accounts; its id."""
    with httpx.Client(base_url=one.server.url) as client:
        mine, theirs = _log_in(client, one), _log_in(client, other)
        wanted = {"preset": "trusted_private_chat", "is_direct": True, "invite": [other.user_id]}
        room_id = str(_ask(client, mine, "POST", f"{V3}/createRoom", wanted)["room_id"])
        _ask(client, theirs, "POST", f"{V3}/rooms/{room_id}/join", {})
        for token, person, peer in ((mine, one, other), (theirs, other, one)):
            path = f"{V3}/user/{person.user_id}/account_data/m.direct"
            _ask(client, token, "PUT", path, {peer.user_id: [room_id]})
            _ask(client, token, "POST", f"{V3}/logout", {})
    return room_id


def _log_in(client: httpx.Client, person: Visitor) -> str:
    identifier = {"type": "m.id.user", "user": person.name}
    body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
    return str(_ask(client, "", "POST", f"{V3}/login", body)["access_token"])


def _ask(client: httpx.Client, token: str, method: str, path: str, body: Any) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = client.request(method, path, json=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()
