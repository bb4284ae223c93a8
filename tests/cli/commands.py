"""`privity ...` as an operator types it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from privity.config import Config
from privity.main import open_house, run

SERVER_NAME = "privity.test"


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said to a program."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at a terminal, with a server's data folder."""

    data_dir: Path
    terminal: pytest.CaptureFixture[str]

    def types(self, *words: str) -> Said:
        """Run `privity WORDS --data-dir ...`, in a thread: a command has a loop of its own."""
        self.terminal.readouterr()
        with ThreadPoolExecutor(1) as thread:
            status = thread.submit(run, [*words, "--data-dir", str(self.data_dir)]).result()
        return Said(status, *self.terminal.readouterr())

    async def has_started_a_server(self, **settings: Any) -> None:
        """The first start, which makes the database and fixes the name."""
        async with open_house(Config(server_name=SERVER_NAME, data_dir=self.data_dir, **settings)):
            pass
