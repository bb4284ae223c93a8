"""The client-server API as one OpenAPI document, from which schemathesis makes requests.

The specification is many files that refer to one another; here they stand in one, under
`x-documents`, and every reference points into it. What the answers must be is left out: that is
for `tests.validate_openapi`, which knows the errors too.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import Any

import schemathesis
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.validate_openapi import CLIENT_SERVER, METHODS, Specification

Json = Any
Operation = APIOperation[Any, Any, Any, Any]
ANY_ANSWER = {"default": {"description": "judged elsewhere"}}


def operations(specification: Specification) -> list[Operation]:
    """Every operation, ready to make cases of."""
    found = schemathesis.openapi.from_dict(bundle(specification.documents)).get_all_operations()
    return [each.ok() for each in found if isinstance(each, Ok)]


def bundle(documents: dict[str, Json]) -> Json:
    """One document out of all of them, by their names in the specification's `data` folder."""
    moved = {name: _moved(document, name) for name, document in documents.items()}
    paths: dict[str, Json] = {}
    for name, document in moved.items():
        if name.startswith(f"{CLIENT_SERVER}/") and "paths" in document:
            base = document["servers"][0]["variables"]["basePath"]["default"]
            for path, methods in document["paths"].items():
                asked = {method: _asked(methods[method]) for method in METHODS if method in methods}
                paths.setdefault(f"{base}{path.strip()}", {}).update(asked)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Matrix client-server API", "version": "1"},
        "paths": paths,
        "x-documents": moved,
    }


def _asked(described: Json) -> Json:
    """What may be asked, without what may be answered and by whom."""
    kept = {name: value for name, value in described.items() if name != "security"}
    return {**kept, "responses": ANY_ANSWER}


def _moved(value: Json, name: str) -> Json:
    if isinstance(value, list):
        return [_moved(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    target = value.get("$ref")
    moved = {key: _moved(item, name) for key, item in value.items()}
    if isinstance(target, str):
        file, _, pointer = target.partition("#")
        document = normpath(join(dirname(name), file)) if file else name
        moved["$ref"] = f"#/x-documents/{document.replace('/', '~1')}{pointer}"
    return moved
