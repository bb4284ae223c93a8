"""The Rust SDK, by its Python bindings: it syncs by simplified sliding sync and by nothing else.

The bindings come as a wheel that asks for a newer C library than Debian 12 has. Where they load,
here or in the interpreter that `RUST_SDK_PYTHON` names, the story is told; elsewhere it is skipped,
and says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import MOST_STORY_S
from tests.homeserver import Homeserver
from tests.validating_proxy import ValidatingProxy

pytestmark = pytest.mark.real

STORY = Path(__file__).with_name("rust_story.py")
PASSWORD = "a-password-for-rust"


@pytest.fixture
def python() -> str:
    """An interpreter in which the bindings load."""
    interpreter = os.environ.get("RUST_SDK_PYTHON", sys.executable)
    loads = subprocess.run(
        [interpreter, "-c", "import matrix_sdk_python"], capture_output=True, text=True, check=False
    )
    if loads.returncode != 0:
        reason = loads.stderr.strip().splitlines()[-1:]
        pytest.skip(f"NOT TESTED: the Rust SDK's Python bindings do not load here: {reason}")
    return interpreter


def test_two_people_talk_on_the_rust_sdk(
    python: str, homeserver: Homeserver, proxy: ValidatingProxy
) -> None:
    people = ["ann", "ben"]
    for name in people:
        homeserver.register(name, PASSWORD)
    told = subprocess.run(
        [python, str(STORY), proxy.url],
        input="".join(f"{name} {PASSWORD}\n" for name in people),
        stdout=subprocess.PIPE,
        text=True,
        timeout=MOST_STORY_S,
        check=False,
    )
    assert told.returncode == 0, f"it failed after:\n{told.stdout}"
    assert [line.removeprefix("saw: ") for line in told.stdout.splitlines()] == [
        "the server speaks sliding sync",
        "ben was invited and joined",
        "ben sees the room's name",
        "ben reads what ann wrote",
        "ann reads what ben wrote",
    ]
