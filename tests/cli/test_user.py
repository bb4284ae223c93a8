"""`privity user`: accounts seen and changed, beside a server that runs and without one."""

from __future__ import annotations

import io
import time

import httpx
import pytest

from tests.cli.commands import Operator
from tests.homeserver import Account, Homeserver

PASSWORD = "a long password"
WITHIN_S = 2.0


def who(homeserver: Homeserver, account: Account) -> tuple[int, str | None]:
    headers = {"Authorization": f"Bearer {account.access_token}"}
    path = "/_matrix/client/v3/account/whoami"
    answer = httpx.get(f"{homeserver.url}{path}", headers=headers)
    return answer.status_code, answer.json().get("errcode")


def obeys(homeserver: Homeserver, account: Account, expected: tuple[int, str | None]) -> None:
    """The running server answers this account so, within `WITHIN_S`."""
    began = time.monotonic()
    while who(homeserver, account) != expected:
        assert time.monotonic() - began < WITHIN_S, f"not {expected} after {WITHIN_S} s"


def can_log_in(homeserver: Homeserver, password: str) -> int:
    body = {"type": "m.login.password", "user": "ann", "password": password}
    return httpx.post(f"{homeserver.url}/_matrix/client/v3/login", json=body).status_code


def test_a_lock_takes_effect_in_a_running_server(homeserver: Homeserver, beside: Operator) -> None:
    ann = homeserver.register("ann", PASSWORD)
    assert who(homeserver, ann) == (200, None)
    assert beside.types("user", "lock", "ann").out == "@ann:privity.test is locked.\n"
    obeys(homeserver, ann, (401, "M_USER_LOCKED"))
    assert (
        beside.types("user", "unlock", "@ann:privity.test", "--json").json["standing"] == "active"
    )
    obeys(homeserver, ann, (200, None))


def test_a_suspension_and_a_promotion_take_effect_in_a_running_server(
    homeserver: Homeserver, beside: Operator
) -> None:
    homeserver.register("ann", PASSWORD)
    said = beside.types("user", "suspend", "ann").out
    assert said == "@ann:privity.test is active, and suspended.\n"
    assert "active, suspended" in beside.types("user", "list").out
    assert beside.types("user", "unsuspend", "ann").out == "@ann:privity.test is active.\n"
    assert beside.types("user", "promote", "ann", "--json").json["is_admin"] is True
    said = beside.types("user", "demote", "ann").out
    assert said == "@ann:privity.test is no administrator.\n"


def test_a_deactivation_takes_effect_in_a_running_server(
    homeserver: Homeserver, beside: Operator
) -> None:
    ann = homeserver.register("ann", PASSWORD)
    assert who(homeserver, ann) == (200, None)
    shown = beside.types("user", "deactivate", "ann", "--json").json
    assert (shown["standing"], shown["devices"]) == ("deactivated", [])
    obeys(homeserver, ann, (401, "M_UNKNOWN_TOKEN"))
    said = beside.types("user", "unlock", "ann")
    assert said.status == 1
    assert "has been deactivated" in said.err


def test_who_is_deactivated_beside_a_running_server_leaves_their_rooms(
    homeserver: Homeserver, beside: Operator
) -> None:
    ann, bob = homeserver.register("ann", PASSWORD), homeserver.register("bob", PASSWORD)
    as_bob = httpx.Client(
        base_url=f"{homeserver.url}/_matrix/client/v3",
        headers={"Authorization": f"Bearer {bob.access_token}"},
    )
    with as_bob:
        room = as_bob.post("/createRoom", json={"invite": [ann.user_id]}).json()["room_id"]
        beside.types("user", "deactivate", "ann")
        obeys(homeserver, ann, (401, "M_UNKNOWN_TOKEN"))
        message = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "c", "session_id": "s"}
        sent = as_bob.put(f"/rooms/{room}/send/m.room.encrypted/1", json=message)
        assert sent.status_code == 200, sent.text
        member = as_bob.get(f"/rooms/{room}/state/m.room.member/{ann.user_id}").json()
    assert member["membership"] == "leave"


def test_a_reset_password_is_told_once_and_ends_every_device(
    homeserver: Homeserver, beside: Operator
) -> None:
    ann = homeserver.register("ann", PASSWORD)
    assert who(homeserver, ann) == (200, None)
    told = beside.types("user", "reset-password", "ann", "--json").json
    assert told.keys() == {"user_id", "password"}
    obeys(homeserver, ann, (401, "M_UNKNOWN_TOKEN"))
    assert can_log_in(homeserver, PASSWORD) == 403
    assert can_log_in(homeserver, told["password"]) == 200


def test_accounts_are_seen_and_changed_while_the_server_is_stopped(
    homeserver: Homeserver, beside: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    homeserver.register("ann", PASSWORD, admin=True)
    homeserver.stop()
    (listed,) = beside.types("user", "list", "--json").json["users"]
    assert listed["user_id"] == "@ann:privity.test"
    assert (listed["address"], listed["is_admin"]) == ("ann@example.org", True)
    monkeypatch.setattr("sys.stdin", io.StringIO("short\nlong enough\n"))
    said = beside.types("user", "reset-password", "ann", "--password-stdin")
    assert said.status == 1
    assert "at least 8 characters" in said.err
    said = beside.types("user", "reset-password", "ann", "--password-stdin")
    assert said.out == "@ann:privity.test has a new password, and is logged out everywhere.\n"
    shown = beside.types("user", "show", "ann")
    assert "ann@example.org" in shown.out
    assert "no device" in shown.out
    homeserver.start()
    assert can_log_in(homeserver, "long enough") == 200


async def test_who_is_not_there_is_said_with_the_command_that_lists(operator: Operator) -> None:
    await operator.has_started_a_server()
    said = operator.types("user", "show", "nobody")
    assert (said.status, said.out) == (1, "")
    assert f"Try: privity user list --data-dir {operator.data_dir}" in said.err
    assert "Nobody has an account yet" in operator.types("user", "list").out
