"""The house style, as far as a program sees it and ruff and import-linter do not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from privity.api.app import ROUTES

ROOT = Path(__file__).parent.parent
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 60

LAYER_DODGES = {"TYPE_CHECKING", "import_module", "__import__"}
LOADS_THE_ENGINE_THAT_IS_ASKED_FOR = ("privity/main.py", "import_module")


def files(*folders: str) -> Iterator[tuple[str, str]]:
    """The path of each Python file below these folders, from the repository's root, and its text.

    Folders of packages that others wrote are left out.
    """
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def functions(text: str) -> Iterator[tuple[str, int]]:
    """The name of each function in a file and how many lines it has below its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_more = ast.get_docstring(node) is not None and len(node.body) > 1
            first = node.body[1 if has_more else 0]
            yield node.name, (node.end_lineno or 0) - first.lineno + 1


def names(text: str) -> set[str]:
    """Every name that a file uses or imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name)
    return found


def test_a_file_says_in_its_first_line_what_it_is_for() -> None:
    first = {path: text.partition("\n")[0] for path, text in files("privity", "tests", "bench")}
    assert [path for path, line in first.items() if not line.startswith('"""')] == []
    assert [path for path, line in first.items() if len(line) < len('"""A noun.')] == []


def test_a_file_is_read_in_one_sitting() -> None:
    lines = {path: text.count("\n") for path, text in files("privity", "bench")}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    long = [
        (path, name, lines)
        for path, text in files("privity", "tests", "bench")
        for name, lines in functions(text)
        if lines > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_no_import_hides_from_the_linter_of_layers() -> None:
    hidden = [
        (path, name) for path, text in files("privity") for name in names(text) & LAYER_DODGES
    ]
    assert hidden == [LOADS_THE_ENGINE_THAT_IS_ASKED_FOR]


def test_a_door_says_its_method_and_its_path() -> None:
    wanted = {
        route: tuple(
            f"`{route.method} {root}"
            for root in ("/_matrix/", "/.well-known/", "/health", "/ready")
        )
        for route in ROUTES
    }
    silent = [r.path for r, says in wanted.items() if not (r.door.__doc__ or "").startswith(says)]
    assert silent == []


def test_a_migration_says_what_it_brings() -> None:
    migrations = sorted((ROOT / "privity" / "store" / "schema").glob("*.sql"))
    assert migrations
    assert [each.name for each in migrations if not each.read_text().startswith("-- ")] == []
