"""THREATS.md is true: what it says refuses is there, and so is the test that it says tries."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CELL = re.compile(r"`([\w/]+\.py): (\w+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def functions(path: Path) -> set[str]:
    """The names of a file's own functions; none if there is no such file."""
    body = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def rows() -> list[str]:
    """The lines of the table of what is refused."""
    table = (ROOT / "THREATS.md").read_text("utf-8").partition("## What is refused today")[2]
    table = table.partition("\n## ")[0]
    return [line for line in table.splitlines() if line.startswith("| `")]


def test_every_threat_names_a_function_that_refuses_and_a_test_that_tries() -> None:
    cells = [CELL.findall(row) for row in rows()]
    assert cells
    assert [row for row in cells if len(row) != 2] == []
    refused, tried = [row[0] for row in cells], [row[1] for row in cells]
    assert [cell for cell in refused if not cell[0].startswith("privity/")] == []
    assert [cell for cell in tried if not cell[1].startswith("test_")] == []
    missing = [cell for cell in refused + tried if cell[1] not in functions(ROOT / cell[0])]
    assert missing == []


def test_every_guard_of_a_threat_is_in_the_table() -> None:
    of_all = {"__init__", "admission", "gates", "shapes", "verdict"}
    guards = {path.stem for path in (ROOT / "privity" / "guard").glob("*.py")} - of_all
    named = {row.split("`")[1] for row in rows()}
    assert guards - named == set()


def test_the_documents_link_only_to_what_is_there() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in documents for link in LINK.findall(page.read_text("utf-8"))]
    dead = [(page.name, link) for page, link in links if not (page.parent / link).exists()]
    assert dead == []
