"""A running server with people, rooms and things in them, for requests to hit something."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.homeserver import SERVER_NAME, Account, Homeserver

PASSWORD = "correct horse battery staple"
V3 = "/_matrix/client/v3"


@dataclass(slots=True)
class Town:
    """Who knocks, and what there is, by the names that the specification's paths have for it.

    `scapegoat` is for operations that end sessions and accounts: nobody misses it.
    """

    url: str
    tokens: list[str]
    scapegoat: str
    known: dict[str, str] = field(default_factory=dict)


def build(homeserver: Homeserver, *, is_open: bool) -> Town:
    """Register an administrator, somebody and a scapegoat; make a room and things in it."""
    ann = homeserver.register("ann", PASSWORD, admin=True)
    bob = homeserver.register("bob", PASSWORD)
    goat = homeserver.register("goat", PASSWORD)
    town = Town(homeserver.url, [ann.access_token, bob.access_token], goat.access_token)
    with httpx.Client(base_url=homeserver.url) as client:
        _furnish(client, town, ann, bob, is_open=is_open)
    return town


def _furnish(
    client: httpx.Client, town: Town, ann: Account, bob: Account, *, is_open: bool
) -> None:
    def ask(method: str, path: str, body: Any = None, who: Account = ann) -> Any:
        headers = {"Authorization": f"Bearer {who.access_token}"}
        answer = client.request(method, path, json=body, headers=headers)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    made = ask("POST", f"{V3}/createRoom", {"invite": [bob.user_id], "room_alias_name": "tea"})
    room_id = made["room_id"]
    ask("POST", f"{V3}/join/{room_id}", {}, bob)
    kind = "m.room.message" if is_open else "m.room.encrypted"
    content = {"msgtype": "m.text", "body": "tea"} if is_open else CIPHERTEXT
    sent = ask("PUT", f"{V3}/rooms/{room_id}/send/{kind}/1", content)
    filter_id = ask("POST", f"{V3}/user/{ann.user_id}/filter", {})["filter_id"]
    uploaded = client.post(
        "/_matrix/media/v3/upload",
        content=b"\x00\x01",
        headers={"Authorization": f"Bearer {ann.access_token}"},
    )
    backup = {"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {}}
    town.known = {
        "roomId": room_id,
        "roomIdOrAlias": room_id,
        "roomAlias": f"#tea:{SERVER_NAME}",
        "userId": ann.user_id,
        "user_id": bob.user_id,
        "eventId": sent["event_id"],
        "eventType": kind,
        "stateKey": "",
        "deviceId": ann.device_id,
        "filterId": filter_id,
        "serverName": SERVER_NAME,
        "mediaId": uploaded.json()["content_uri"].rpartition("/")[2],
        "version": ask("POST", f"{V3}/room_keys/version", backup)["version"],
        "type": "m.direct",
        "keyName": "displayname",
        "kind": "override",
        "ruleId": ".m.rule.master",
        "tag": "m.favourite",
        "relType": "m.thread",
        "receiptType": "m.read",
    }


CIPHERTEXT = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    "device_id": "AAAAAAAAAA",
    "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu",
}
