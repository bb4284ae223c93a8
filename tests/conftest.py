"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.homeserver import Homeserver


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """The real server as it is by default: SQLite, no configuration file, one for the session."""
    with Homeserver(tmp_path_factory.mktemp("homeserver") / "data") as server:
        yield server
