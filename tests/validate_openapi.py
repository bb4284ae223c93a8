"""Each response against the OpenAPI description of its endpoint, in the specification's own words.

Rules:
 1. A status that the endpoint describes with a JSON schema: the body is JSON and fits the schema.
 2. A status from 400 that it does not describe, and 401 at all: the standard error (`errcode` and
    `error`), or the standard "authentication response" with its flows. (Where 401 is described as
    the latter, a token that is no good is still the former.)
 3. Any other status that it does not describe is a violation, HTTP's own answers to a conditional
    request and to one for a range aside.
 4. Every error carries a text for people (`error`), which the schemas leave optional.
 5. An endpoint that the specification does not know (`/unstable/...`): only rules 2 and 4.
 6. Every event in a good response has the content that its type's schema asks for, unless it was
    redacted, or is a step of a verification: those the clients write (matrix-sdk-crypto leaves the
    `method` out of `m.key.verification.accept`).
 7. `oneOf` is read as `anyOf`: a whole state event fits both answers that its endpoint describes.
 8. `{}` is how servers say that they have no TURN server, and what clients read as that; the
    schema knows no such answer.
9. `GET /events` tells receipts, typing and presence too, as it always did: its schema describes the
   events of rooms, so only those are judged.
`r0` is read as `v3`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
import jsonschema_rs
import yaml

SPECIFICATION = Path(__file__).parents[2] / "shared" / "spec" / "data"
CLIENT_SERVER = "api/client-server"
EVENTS = "event-schemas/schema"
METHODS = ("get", "put", "post", "delete", "patch")
HTTP_S_OWN = (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED)
ERROR_SCHEMA = f"{CLIENT_SERVER}/definitions/errors/error.yaml"
UIA_SCHEMA = f"{CLIENT_SERVER}/definitions/auth_response.yaml"
AT_START = re.compile(r"^/_matrix/client/r0/")

Json = Any


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path, and a schema's address for each status (None: no JSON is described)."""

    name: str
    method: str
    pattern: re.Pattern[str]
    literal_segments: int
    schemas: dict[int, str | None]


class Specification:
    """Every endpoint of the client-server API, ready to judge responses.

    `folder` is the specification's `data` folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self.documents: dict[str, Json] = {}
        for described in (CLIENT_SERVER, EVENTS):
            for file in sorted((self._folder / described).glob("*.yaml")):
                self._load(file)
        self._registry = jsonschema_rs.Registry(
            [(_address(name), document) for name, document in self.documents.items()]
        )
        self._validators: dict[str, Any] = {}
        self._operations = sorted(
            (
                operation
                for name, document in self.documents.items()
                for operation in _operations(name, document)
            ),
            key=lambda operation: -operation.literal_segments,
        )

    def operation(self, method: str, path: str) -> Operation | None:
        """The described endpoint that `method path` asks for; `path` may have a query string."""
        bare = AT_START.sub("/_matrix/client/v3/", path.partition("?")[0])
        return next(
            (o for o in self._operations if o.method == method and o.pattern.fullmatch(bare)), None
        )

    def check(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """What the response breaks, as sentences for people; empty if it breaks nothing."""
        if method not in {"GET", "PUT", "POST", "DELETE", "PATCH"}:
            return []
        found = self.operation(method, path)
        about = f"{method} {found.name if found else unquote(path.partition('?')[0])} {status}"
        return [f"{about}: {complaint}" for complaint in self._complaints(found, status, body)]

    def _complaints(self, found: Operation | None, status: int, body: bytes) -> list[str]:
        if found and found.name.endswith("/voip/turnServer") and body == b"{}":  # rule 8
            return []
        schema = found.schemas.get(status) if found else None  # rule 1
        if status == HTTPStatus.UNAUTHORIZED or (
            schema is None and status >= HTTPStatus.BAD_REQUEST
        ):
            schema = _address(UIA_SCHEMA if b'"flows"' in body else ERROR_SCHEMA)  # rule 2
        if schema is None:
            is_known = not found or status in found.schemas or status in HTTP_S_OWN
            return [] if is_known else ["the specification has no such status here"]  # rules 3, 5
        try:
            value = json.loads(body)
        except ValueError:
            return [f"the body is not JSON: {body[:80]!r}"]
        if found and found.name.endswith("/v3/events") and isinstance(value.get("chunk"), list):
            value["chunk"] = [one for one in value["chunk"] if "event_id" in one]  # rule 9
        complaints = self._against(schema, value)
        if status < HTTPStatus.BAD_REQUEST:
            return complaints + self._in_events(value)
        if not complaints and not value.keys() & {"error", "flows"}:
            return ["an error without a text for people"]  # rule 4
        return complaints

    def _in_events(self, value: Json) -> list[str]:
        return [
            f"{event['type']}: content.{complaint}"
            for event in _events(value)  # rule 6
            if not event["type"].startswith("m.key.verification.")
            and "redacted_because" not in event.get("unsigned", {})
            and (file := f"{EVENTS}/{event['type']}.yaml") in self.documents
            for complaint in self._against(self._content_schema(file), event["content"])
        ]

    def _content_schema(self, file: str) -> str:
        """Where the content is described: at the top, or in one of the parts of the whole."""
        document = self.documents[file]
        places = ["", *(f"/allOf/{number}" for number in range(len(document.get("allOf", []))))]
        for place, part in zip(places, [document, *document.get("allOf", [])], strict=True):
            if "content" in part.get("properties", {}):
                return f"{_address(file)}#{place}/properties/content"
        return f"{_address(file)}#/properties/content"

    def _against(self, schema: str, value: Json) -> list[str]:
        if schema not in self._validators:
            self._validators[schema] = jsonschema_rs.validator_for(
                {"$ref": schema}, registry=self._registry
            )
        return [
            f"{'.'.join(map(str, error.instance_path)) or 'the body'}: {error.message}"
            for error in self._validators[schema].iter_errors(value)
        ]

    def _load(self, file: Path) -> None:
        name = file.resolve().relative_to(self._folder).as_posix()
        if name in self.documents:
            return
        document = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
        # Through JSON: keys become strings (the statuses too) and dates texts.
        text = json.dumps(document, default=str).replace('"oneOf"', '"anyOf"')
        self.documents[name] = json.loads(text)
        for reference in _references(self.documents[name]):
            self._load(file.parent / reference)


@cache
def specification() -> Specification | None:
    """The specification beside this repository. None, said aloud, where there is none."""
    if not SPECIFICATION.is_dir():
        print("SKIPPED: OpenAPI validation, for ../shared/spec is not beside this repository")  # noqa: T201
        return None
    return Specification(SPECIFICATION)


def check(method: str, path: str, status: int, body: bytes) -> list[str]:
    """What the response breaks, by the specification beside this repository."""
    rules = specification()
    return rules.check(method, path, status, body) if rules else []


async def on_response(response: httpx.Response) -> None:
    """An event hook for `httpx.AsyncClient`: a response that breaks the schema fails the test."""
    await response.aread()
    request = response.request
    broken = check(request.method, request.url.path, response.status_code, response.content)
    assert not broken, "\n".join(broken)


def _address(name: str) -> str:
    return f"spec:///{name}"


def _operations(name: str, document: Json) -> list[Operation]:
    if not name.startswith(f"{CLIENT_SERVER}/") or "paths" not in document:
        return []
    base = document["servers"][0]["variables"]["basePath"]["default"]
    return [
        Operation(
            name=f"{base}{path.strip()}",
            method=method.upper(),
            pattern=_pattern(f"{base}{path.strip()}"),
            literal_segments=sum("{" not in segment for segment in path.split("/")),
            schemas={
                int(status): _schema(name, document, ("paths", path, method, "responses", status))
                for status in described["responses"]
            },
        )
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if method in METHODS
    ]


def _schema(name: str, document: Json, pointer: tuple[str, ...]) -> str | None:
    """The address of the JSON schema of the response at `pointer`, through one local reference."""
    response = document
    for part in pointer:
        response = response[part]
    if "$ref" in response:
        return _schema(name, document, tuple(response["$ref"].removeprefix("#/").split("/")))
    if "application/json" not in response.get("content", {}):
        return None
    whole = (*pointer, "content", "application/json", "schema")
    parts = (quote(part.replace("~", "~0").replace("/", "~1"), safe="~") for part in whole)
    return f"{_address(name)}#/{'/'.join(parts)}"


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", path)
    return re.compile("".join("[^/]*" if p.startswith("{") else re.escape(p) for p in parts))


def _events(value: Json) -> list[dict[str, Json]]:
    """Everything in `value` that has the shape of an event."""
    if isinstance(value, list):
        return [event for item in value for event in _events(item)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("type"), str) and isinstance(value.get("content"), dict):
        return [value]
    return [event for item in value.values() for event in _events(item)]


def _references(value: Json) -> list[str]:
    """The files that `value` refers to, relative to its own."""
    if isinstance(value, list):
        return [reference for item in value for reference in _references(item)]
    if not isinstance(value, dict):
        return []
    inner = [reference for item in value.values() for reference in _references(item)]
    target = value.get("$ref")
    if isinstance(target, str) and not target.startswith("#"):
        inner.append(target.partition("#")[0])
    return inner
