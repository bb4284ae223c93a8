"""What every command is made of: its arguments, its work, and how it fails."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from privity.config import Config, load
from privity.house import House

OpenHouse = Callable[[Config], AbstractAsyncContextManager[House]]


class Failed(Exception):  # noqa: N818 - named for what happened
    """The command could not do its work. The text ends with a command that can be pasted."""


@dataclass(frozen=True, slots=True)
class Command:
    """A word after `privity`: its help, its arguments, and the function that does it.

    `work` gets the parsed arguments and returns the exit status.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    work: Callable[[argparse.Namespace], int]


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which server is meant."""
    parser.add_argument("--data-dir", type=Path, help="folder of the database and the media")
    parser.add_argument("--database", help="postgresql://... instead of the embedded SQLite")
    parser.add_argument("--config", type=Path, help="TOML file, see docs/configuration.md")


def config_of(arguments: argparse.Namespace) -> Config:
    """The configuration file, overlaid with the command line. Raises `BadConfig`."""
    config = load(arguments.config)
    given = {
        name: value
        for name in ("data_dir", "database", "listen", "server_name", "nats_url")
        if (value := getattr(arguments, name, None)) is not None
    }
    return replace(config, **given)


def command_line(words: str, config: Config) -> str:
    """A command for the same server, to be pasted. A database's address may hold a password."""
    database = " --database ..." if config.database else ""
    return f"{_program()} {words} --data-dir {shlex.quote(str(config.data_dir))}{database}"


def _program() -> str:
    """`privity`, or its path as it was given: that of a virtual environment is not in the PATH."""
    path = sys.argv[0]
    is_hidden = Path(path).name == "privity" and shutil.which("privity") is None
    return shlex.quote(path) if is_hidden else "privity"


def no_server_yet(config: Config) -> Failed:
    """There is no database where one is needed: a first start makes it, and fixes the name."""
    start = command_line("serve --server-name example.org", config)
    return Failed(f"there is no server in {config.data_dir} yet. Start it first: {start}")
