"""The road of all real clients: the session's server, behind the validating proxy."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.homeserver import Homeserver
from tests.validating_proxy import ValidatingProxy

JS = Path(__file__).parent / "js"
MOST_STORY_S = 60

Invite = Callable[[list[str]], list[str]]
StartStory = Callable[..., subprocess.Popen[str]]
Tell = Callable[..., list[str]]


@pytest.fixture(scope="session")
def session_proxy(homeserver: Homeserver) -> Iterator[ValidatingProxy]:
    """The road that every client takes to the server."""
    with ValidatingProxy(homeserver.url) as proxy:
        yield proxy


@pytest.fixture
def proxy(session_proxy: ValidatingProxy) -> Iterator[ValidatingProxy]:
    """The proxy for one test, which fails if a response in it broke the specification's schemas."""
    session_proxy.take_violations()
    carried_before = session_proxy.carried
    yield session_proxy
    violations = session_proxy.take_violations()
    assert not violations, "responses against the specification:\n" + "\n".join(violations)
    assert session_proxy.carried > carried_before, "the client never reached the server"


@pytest.fixture(scope="session")
def invite(homeserver: Homeserver) -> Iterator[Invite]:
    """Invitation tokens for these localparts, made side by side."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield lambda localparts: list(
            pool.map(homeserver.invite, [f"{localpart}@example.org" for localpart in localparts])
        )


@pytest.fixture
def start_story(proxy: ValidatingProxy, invite: Invite) -> Iterator[StartStory]:
    """Starts a JS story with a fresh invitation for each of its people."""
    assert (JS / "node_modules").is_dir(), "run first: npm ci --prefix tests/clients/js"
    running: list[subprocess.Popen[str]] = []

    def start(story: str, names: list[str], **environment: str) -> subprocess.Popen[str]:
        localparts = [f"{name}-{story.replace('_', '-')}" for name in names]
        people = [
            {"name": name, "localpart": localpart, "token": token}
            for name, localpart, token in zip(names, localparts, invite(localparts), strict=True)
        ]
        there = {"BASE_URL": proxy.url, "PEOPLE": json.dumps(people), **environment}
        process = subprocess.Popen(
            ["node", f"stories/{story}.js"],
            cwd=JS,
            env={**os.environ, **there},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def tell(start_story: StartStory) -> Tell:
    """Runs a JS story to its end and returns what it saw; a story that fails fails the test."""

    def run(story: str, *names: str) -> list[str]:
        process = start_story(story, list(names))
        said, _ = process.communicate(timeout=MOST_STORY_S)
        assert process.returncode == 0, f"{story} failed after:\n{said}"
        return [line.removeprefix("saw: ") for line in said.splitlines() if "saw: " in line]

    return run
