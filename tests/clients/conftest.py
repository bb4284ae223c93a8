"""What real clients need: a server behind the validating proxy, and Node for the JS stories."""

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
MOST_STORY_S = 90

StartStory = Callable[..., subprocess.Popen[str]]
Tell = Callable[..., list[str]]


@pytest.fixture
def proxy(homeserver: Homeserver) -> Iterator[ValidatingProxy]:
    """The clients' road to the server; a response that breaks the specification fails the test."""
    with ValidatingProxy(homeserver.url) as proxy:
        yield proxy
    assert not proxy.violations, "against the specification:\n" + "\n".join(proxy.violations)
    assert proxy.carried, "no client ever reached the server"


@pytest.fixture
def start_story(homeserver: Homeserver, proxy: ValidatingProxy) -> Iterator[StartStory]:
    """Starts a JS story with an invitation for each of its people."""
    assert (JS / "node_modules").is_dir(), "run first: npm ci --prefix tests/clients/js"
    running: list[subprocess.Popen[str]] = []

    def start(story: str, names: list[str], **environment: str) -> subprocess.Popen[str]:
        addresses = [f"{name}@example.org" for name in names]
        with ThreadPoolExecutor() as pool:
            tokens = dict(zip(names, pool.map(homeserver.invite, addresses), strict=True))
        there = {"BASE_URL": proxy.url, "INVITATIONS": json.dumps(tokens), **environment}
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
