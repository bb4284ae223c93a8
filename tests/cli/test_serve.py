"""`privity serve`: whom it believes, and what it refuses to start with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.commands import Operator
from tests.homeserver import Homeserver

V3 = "/_matrix/client/v3"
PASSWORD = "a long password"


def address_seen_by(server: Homeserver) -> str:
    """The address that the server writes down for a log-in that says where it comes from."""
    server.register("ann", PASSWORD)
    body = {"type": "m.login.password", "user": "ann", "password": PASSWORD, "device_id": "A"}
    headers = {"X-Forwarded-For": "203.0.113.9"}
    with httpx.Client(base_url=server.url) as client:
        token = client.post(f"{V3}/login", json=body, headers=headers).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        device: dict[str, Any] = client.get(f"{V3}/devices/A", headers=bearer).json()
    return str(device["last_seen_ip"])


def test_a_client_cannot_say_where_it_comes_from(homeserver: Homeserver) -> None:
    assert address_seen_by(homeserver) == "127.0.0.1"


@pytest.mark.parametrize("proxies", ["127.0.0.1", "10.0.0.0/8, 127.0.0.0/8"])
def test_a_trusted_proxy_says_where_its_client_comes_from(tmp_path: Path, proxies: str) -> None:
    with Homeserver(tmp_path / "data", config=f'trusted_proxies = "{proxies}"') as server:
        assert address_seen_by(server) == "203.0.113.9"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('trusted_proxies = "*"', '"127.0.0.1"'),
        ('trusted_proxies = "proxy.example.org"', '"127.0.0.1"'),
        ('listen = "8008"', "Try: privity serve --listen 127.0.0.1:8008"),
        ("max_upload_bytes = -1", "takes a whole number"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    operator: Operator, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "privity.toml"
    file.write_text(text, "utf-8")
    said = operator.types("serve", "--config", str(file))
    assert (said.status, said.out) == (1, "")
    assert says in said.err
    assert not operator.data_dir.exists()


async def test_a_database_keeps_the_name_of_its_first_start(operator: Operator) -> None:
    await operator.has_started_a_server()
    said = operator.types("serve", "--server-name", "other.test")
    assert said.status == 1
    assert "Try: privity serve --server-name privity.test" in said.err
