"""From a method and a path to a route: a tree of path segments, built once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote_to_bytes

from privity.api.http import Request, Response

Door = Callable[[Request], Awaitable[Response]]


class Needs(Enum):
    """What a route asks of who knocks."""

    NOTHING = "nothing"
    NOTHING_IF_OPEN = "nothing with `unsafe_open_directory`, a token otherwise"
    OR_NOT_FOUND = "a token, without which nothing is found here (404)"
    TOKEN = "token"  # noqa: S105 - not a secret
    TOKEN_EVEN_LOCKED = "token, of a locked account too"  # noqa: S105 - not a secret


@dataclass(frozen=True, slots=True)
class Route:
    """`METHOD /path/with/{params}` and the function that answers."""

    method: str
    path: str
    door: Door
    needs: Needs = Needs.TOKEN


@dataclass(frozen=True, slots=True)
class Match:
    """The route that was found, and the named parts of the path, decoded."""

    route: Route
    params: dict[str, str]


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    param: _Node | None = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class BadPath(ValueError):  # noqa: N818 - named for what is wrong
    """A segment of the path is not UTF-8 behind its percent signs."""


class Router:
    """All routes. `r0` paths are `v3` paths by another name."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node, names = self._root, []
            for segment in _segments(route.path):
                if segment.startswith("{"):
                    names.append(segment[1:-1])
                    node.param = node = node.param or _Node()
                else:
                    node = node.literal.setdefault(segment, _Node())
            node.routes[route.method] = (route, tuple(names))

    def find(self, method: str, path: str) -> Match | bool:
        """The match for a raw (still percent-encoded) path.

        True: the path is known, but not with this method. False: the path is not known.
        """
        segments = _segments(path)
        if segments[:3] == ["_matrix", "client", "r0"] or segments[:3] == [
            "_matrix",
            "media",
            "r0",
        ]:
            segments[2] = "v3"
        values: list[str] = []
        node = self._walk(self._root, segments, 0, values)
        if node is None:
            return False
        found = node.routes.get(method)
        if found is None:
            return True
        route, names = found
        return Match(route, dict(zip(names, values, strict=True)))

    def _walk(self, node: _Node, segments: list[str], at: int, values: list[str]) -> _Node | None:
        if at == len(segments):
            return node if node.routes else None
        segment = segments[at]
        literal = node.literal.get(segment)
        if literal is not None:
            found = self._walk(literal, segments, at + 1, values)
            if found is not None:
                return found
        if node.param is None:
            return None
        values.append(_decoded(segment))
        found = self._walk(node.param, segments, at + 1, values)
        if found is None:
            values.pop()
        return found


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise BadPath(segment) from error
