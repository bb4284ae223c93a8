"""Reading a JSON object's members with their types: 400 with the name of what is wrong.

A missing member is M_MISSING_PARAM, one of the wrong type M_BAD_JSON.
"""

from __future__ import annotations

import re
from typing import Any

from privity.matrix.errors import bad_json, invalid_param, missing_param

LONGEST_NAME = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAMES = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


def _typed(body: dict[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401 - checked below
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not kind:
        message = f"'{name}' must be {_NAMES[kind]}."
        raise bad_json(message)
    return value


def optional_str(body: dict[str, Any], name: str) -> str | None:
    """A string, or None when it is missing or null."""
    value: str | None = _typed(body, name, str)
    return value


def required_str(body: dict[str, Any], name: str) -> str:
    """A string that has to be there."""
    value = optional_str(body, name)
    if value is None:
        raise missing_param(name)
    return value


def optional_name(body: dict[str, Any], name: str) -> str | None:
    """A name for people to read, or None: short, and without control characters."""
    value = optional_str(body, name)
    if value is not None and (len(value) > LONGEST_NAME or _CONTROL.search(value)):
        raise invalid_param(f"'{name}' has up to {LONGEST_NAME} characters, none of them control.")
    return value


def optional_int(body: dict[str, Any], name: str) -> int | None:
    """An integer, or None."""
    value: int | None = _typed(body, name, int)
    return value


def optional_bool(body: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """A boolean, or `default`."""
    value: bool | None = _typed(body, name, bool)
    return default if value is None else value


def optional_dict(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object, or an empty one."""
    value: dict[str, Any] | None = _typed(body, name, dict)
    return {} if value is None else value


def required_dict(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object that has to be there."""
    if body.get(name) is None:
        raise missing_param(name)
    return optional_dict(body, name)


def optional_list(body: dict[str, Any], name: str) -> list[Any]:
    """A list, or an empty one."""
    value: list[Any] | None = _typed(body, name, list)
    return [] if value is None else value


def strings(body: dict[str, Any], name: str) -> list[str]:
    """A list of strings, or an empty one."""
    value = optional_list(body, name)
    if not all(isinstance(member, str) for member in value):
        message = f"'{name}' must be a list of strings."
        raise bad_json(message)
    return value


def required_bool(body: dict[str, Any], name: str) -> bool:
    """A boolean that has to be there."""
    value: bool | None = _typed(body, name, bool)
    if value is None:
        raise missing_param(name)
    return value
