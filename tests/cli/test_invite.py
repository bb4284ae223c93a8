"""`privity invite`: one person, one time."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import httpx

from tests.cli.commands import Operator
from tests.homeserver import Homeserver

WEEK_MS = 7 * 24 * 3600 * 1000


async def test_an_invitation_is_told_to_a_program(operator: Operator) -> None:
    await operator.has_started_a_server()
    said = operator.types("invite", "ann@example.org", "--json")
    assert (said.status, said.err) == (0, "")
    assert said.json.keys() == {"token", "link", "expires_ts"}
    assert re.fullmatch(r"pvi_[A-Za-z0-9_-]{43}", said.json["token"])
    assert said.json["link"] == f"http://127.0.0.1:8008/#/invite/{said.json['token']}"
    assert abs(said.json["expires_ts"] - time.time() * 1000 - WEEK_MS) < 60_000


async def test_an_invitation_is_told_to_a_person(operator: Operator) -> None:
    await operator.has_started_a_server()
    said = operator.types("invite", "ann@example.org", "--admin")
    assert said.status == 0
    assert "An invitation for an administrator" in said.out
    assert "/#/invite/pvi_" in said.out


async def test_the_link_leads_to_the_address_that_clients_reach(
    operator: Operator, tmp_path: Path
) -> None:
    await operator.has_started_a_server()
    file = tmp_path / "privity.toml"
    file.write_text('public_url = "https://chat.example.org/"', "utf-8")
    words = ("invite", "ann@example.org", "--json")
    link = operator.types(*words, "--config", str(file)).json["link"]
    assert link.startswith("https://chat.example.org/#/invite/pvi_")
    link = operator.types(*words, "--listen", "127.0.0.1:9000").json["link"]
    assert link.startswith("http://127.0.0.1:9000/#/invite/pvi_")


async def test_what_is_no_address_is_refused(operator: Operator) -> None:
    await operator.has_started_a_server()
    said = operator.types("invite", "ann at example.org")
    assert (said.status, said.out) == (1, "")
    assert "This is no e-mail address. Try: privity invite ann@example.org" in said.err


def test_without_a_server_there_is_nothing_to_invite_to(operator: Operator) -> None:
    said = operator.types("invite", "ann@example.org")
    assert said.status == 1
    assert "Start it first: privity serve --server-name example.org --data-dir" in said.err
    assert not operator.data_dir.exists()


async def test_an_invitation_is_good_while_the_server_runs(homeserver: Homeserver) -> None:
    account = await asyncio.to_thread(homeserver.register, "ann", "a long password", admin=True)
    assert account.user_id == "@ann:privity.test"


async def test_a_server_that_nobody_can_log_in_to_says_what_to_do(homeserver: Homeserver) -> None:
    async with httpx.AsyncClient(base_url=homeserver.url) as client:
        assert (await client.get("/_matrix/client/versions")).status_code == 200
    invite = f"privity invite ADDRESS --admin --data-dir {homeserver.data_dir}"
    assert invite in homeserver.log_tail()
