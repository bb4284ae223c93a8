"""docs/coverage.md says what the server does."""

from __future__ import annotations

import re

import pytest

from tests import coverage
from tests.world import World

ROW = re.compile(r"^\| `([A-Z]+) (/\S+)` \| ([a-z ]+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(coverage.PAGE.read_text("utf-8"))


def test_the_page_is_made_of_the_specification_and_the_routes() -> None:
    if not coverage.CLIENT_SERVER.is_dir():
        pytest.skip("../shared/spec is not beside this repository: the page was not made anew")
    made = coverage.page(coverage.lines(coverage.operations()))
    assert coverage.PAGE.read_text("utf-8") == made, "run: make coverage"


def test_what_the_page_says_is_served_has_a_route() -> None:
    routed = {method + coverage._unnamed(path) for method, path in coverage.routes()}
    served = [(method, path) for method, path, state, _ in ROWS if state == "served"]
    assert len(served) > 100
    assert [each for each in served if each[0] + coverage._unnamed(each[1]) not in routed] == []


def test_every_line_says_why_or_where() -> None:
    assert {state for _, _, state, _ in ROWS} <= set(coverage.STATES)
    assert [path for _, path, _, says in ROWS if len(says) < len("`api.x.y`")] == []


async def test_what_is_not_routed_is_unrecognized() -> None:
    routed = coverage.routes()
    async with World() as world:
        ann = await world.person("ann")
        for method, path, _, _ in ROWS:
            if (method, coverage._unnamed(path)) not in routed:
                there = re.sub(r"\{\w+\}", "x", path)
                answer = await world.request(method, there, token=ann.token)
                assert answer.refusal == (404, "M_UNRECOGNIZED"), path


async def test_another_method_on_a_known_path_is_405() -> None:
    async with World() as world:
        answer = await world.request("PATCH", "/sync")
    assert answer.refusal == (405, "M_UNRECOGNIZED")
