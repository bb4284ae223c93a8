"""The metrics' port, and what a balancer asks: through a real process."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.cli.commands import Operator
from tests.homeserver import Homeserver, free_port

DASHBOARD = Path(__file__).parents[2] / "docs" / "deploy" / "grafana.json"
PASSWORD = "a long password"


@pytest.fixture(name="measured")
def _measured(tmp_path: Path) -> tuple[Homeserver, str]:
    port = free_port()
    server = Homeserver(tmp_path / "data", config=f'metrics_listen = "127.0.0.1:{port}"')
    return server, f"http://127.0.0.1:{port}/metrics"


def test_the_metrics_count_requests_by_route_and_name_nobody(
    measured: tuple[Homeserver, str],
) -> None:
    server, url = measured
    with server:
        account = server.register("ann", PASSWORD)
        asked = f"{server.url}/_matrix/client/v3/profile/{account.user_id}"
        bearer = {"Authorization": f"Bearer {account.access_token}"}
        assert httpx.get(asked, headers=bearer).status_code == 200
        assert httpx.get(asked).status_code == 401
        page = httpx.get(url).text
    route = 'method="GET",route="/_matrix/client/v3/profile/{userId}"'
    assert f'privity_requests_total{{{route},status="200"}} 1.0' in page
    assert f'privity_requests_total{{{route},status="401"}} 1.0' in page
    assert f"privity_request_seconds_count{{{route}}} 2.0" in page
    assert 'privity_refusals_total{errcode="M_MISSING_TOKEN"} 1.0' in page
    assert "ann" not in page
    assert account.access_token not in page


def test_the_clients_door_has_no_metrics(homeserver: Homeserver) -> None:
    assert httpx.get(f"{homeserver.url}/metrics").status_code == 404


def test_metrics_off_loopback_are_refused(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "privity.toml"
    file.write_text('metrics_listen = "0.0.0.0:9108"', "utf-8")
    said = operator.types("serve", "--config", str(file), "--listen", f"127.0.0.1:{free_port()}")
    assert said.status == 1
    assert 'Write: metrics_listen = "127.0.0.1:9108"' in said.err


def test_a_balancer_sees_that_the_server_is_up_and_ready(homeserver: Homeserver) -> None:
    assert httpx.get(f"{homeserver.url}/health").json() == {"status": "up"}
    assert httpx.get(f"{homeserver.url}/ready").json() == {"status": "ready"}


def test_every_number_of_the_dashboard_is_on_the_page(measured: tuple[Homeserver, str]) -> None:
    server, url = measured
    with server:
        httpx.get(f"{server.url}/_matrix/client/nothing")
        page = httpx.get(url).text
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"\b(?:privity|process)_\w+", target["expr"])
    }
    assert len(asked) > 8
    assert {name for name in asked if not re.search(rf"^{name}[{{ ]", page, re.MULTILINE)} == set()
