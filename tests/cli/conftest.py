"""An operator for every test of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import Operator
from tests.homeserver import Homeserver


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    """An operator whose data folder is not there yet."""
    return Operator(tmp_path / "data", capsys)


@pytest.fixture
def beside(homeserver: Homeserver, capsys: pytest.CaptureFixture[str]) -> Operator:
    """An operator of a server that runs."""
    return Operator(homeserver.data_dir, capsys)
