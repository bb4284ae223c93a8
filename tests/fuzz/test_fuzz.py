"""No request that the specification allows is a bug, and every answer is as it describes it.

schemathesis makes the requests, the same ones each time; `make fuzz` makes many more. Half of them
name rooms and people that are there. The real server answers, once as it comes and once with every
`unsafe_` switch on; then one thing is known to break its description (docs/decisions/0019): who has
no avatar is told with `null`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import validate_openapi
from tests.fuzz import town as towns
from tests.fuzz.bundle import Operation, operations
from tests.fuzz.town import Town
from tests.homeserver import Homeserver
from tests.world import OPEN

pytestmark = pytest.mark.real

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
LONGEST_S = 20
NULL = "avatar_url: null is not of type"
SAID = re.compile(r" 200: [\w.]+: content\.")
"""What the requests themselves said in an event, which a server of the open kind takes as it is."""
WAITS = ("timeout", "timeout_ms")
ENDS_SESSIONS = {"logout", "logout_all", "deactivateAccount", "changePassword", "deleteDevices"}
AS_IT_COMES = {"unsafe_no_rate_limits": True, "unsafe_fast_password_hash": True}


@pytest.fixture(params=[AS_IT_COMES, OPEN], ids=["as it comes", "open"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    config = "".join(f"{name} = true\n" for name in request.param)
    with Homeserver(tmp_path / "data", config=config) as homeserver:
        yield towns.build(homeserver, is_open=request.param is OPEN)
    assert '"event":"bug"' not in homeserver.log_file.read_text("utf-8")


def test_no_request_that_the_specification_allows_is_a_bug(town: Town) -> None:
    specification = validate_openapi.specification()
    if specification is None:
        pytest.skip("../shared/spec is not beside this repository: nothing to make requests from")
    broken: list[str] = []
    with requests.Session() as session:
        for operation in operations(specification):
            _try(session, town, operation, broken)
    assert broken == []


def _try(session: requests.Session, town: Town, operation: Operation, broken: list[str]) -> None:
    ends = operation.definition.raw.get("operationId") in ENDS_SESSIONS

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_there=st.booleans(), who=st.sampled_from(town.tokens))
    def ask(case: Any, is_there: bool, who: str) -> None:
        if is_there:
            there = {name: town.known.get(name, value) for name, value in _path(case)}
            case.path_parameters = there
        case.query = {**(case.query or {}), **{w: 0 for w in WAITS if w in (case.query or {})}}
        token = town.scapegoat if ends else who
        answer = case.call(
            base_url=town.url,
            session=session,
            headers={"Authorization": f"Bearer {token}"},
            timeout=LONGEST_S,
        )
        broken.extend(_complaints(case, answer))

    ask()


def _path(case: Any) -> list[tuple[str, Any]]:
    return list((case.path_parameters or {}).items())


def _complaints(case: Any, answer: Any) -> list[str]:
    path, status = urlsplit(answer.request.url).path, answer.status_code
    told = validate_openapi.check(case.method.upper(), path, status, answer.content)
    if status >= requests.codes.server_error:
        told.append(f"{case.method} {path}: {status}")
    return [
        f"{each} (asked {case.body!r:.300} {case.query!r:.300})"
        for each in told
        if NULL not in each and not SAID.search(each)
    ]
