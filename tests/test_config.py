"""The configuration file: what it takes, what it refuses, and that every key is documented."""

from __future__ import annotations

import tomllib
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import orjson
import pytest

from privity.config import BadConfig, Config, load

DOCUMENT = Path(__file__).parent.parent / "docs" / "configuration.md"


def row(key: Field[Any]) -> str:
    """The line of a key in the document. A default is written as TOML writes it."""
    default = str(key.default) if isinstance(key.default, Path) else key.default
    return f"| `{key.name}` | `{orjson.dumps(default).decode()}` | {key.metadata['doc']} |"


def written(tmp_path: Path, text: str) -> Path:
    """A configuration file."""
    file = tmp_path / "privity.toml"
    file.write_text(text, "utf-8")
    return file


def test_every_key_is_documented_and_nothing_else_is() -> None:
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert rows == [row(key) for key in fields(Config)]


def test_the_example_in_the_document_is_taken(tmp_path: Path) -> None:
    example = DOCUMENT.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    assert load(written(tmp_path, example)).weakened_by() == []
    assert len(tomllib.loads(example)) > 1


def test_no_file_means_every_default_and_none_of_them_weakens() -> None:
    assert load(None) == Config()
    assert Config().weakened_by() == []


def test_the_data_folder_can_be_named_in_the_file(tmp_path: Path) -> None:
    config = load(written(tmp_path, "data_dir = '/var/lib/privity'"))
    assert config.data_dir == Path("/var/lib/privity")


def test_what_weakens_is_named(tmp_path: Path) -> None:
    config = load(written(tmp_path, "unsafe_allow_plaintext = true"))
    assert config.weakened_by() == ["unsafe_allow_plaintext"]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("sever_name = 'a'", "'sever_name' is not a configuration key"),
        ("message_lifetime_ms = 2592000", "'message_lifetime_ms' is in milliseconds"),
        ("max_upload_bytes = '1'", "'max_upload_bytes' takes a whole number"),
        ("max_upload_bytes = true", "'max_upload_bytes' takes a whole number"),
        ("max_upload_bytes = -1", "'max_upload_bytes' takes a whole number"),
        ("unsafe_allow_plaintext = 1", "'unsafe_allow_plaintext' takes true or false"),
        ("data_dir = 1", "'data_dir' takes a path"),
        ("listen = 8008", "'listen' takes a text in quotes"),
        ("listen = ", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(
    tmp_path: Path, text: str, because: str
) -> None:
    with pytest.raises(BadConfig, match=because):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        load(tmp_path / "nothing.toml")
