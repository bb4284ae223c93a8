"""The registrations of application services, from the files that the configuration names.

Everything is checked before the server starts: what a service could not do because of a slip in
its file would be noticed late, and what it could do, perhaps never. Members that are not known are
for other servers. Source: application service API, "Registration".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from privity.config import BadConfig, Config
from privity.matrix.app_services import AppService, AppServices, Namespace
from privity.matrix.ids import BadId, ServerName, parse_user_id
from privity.matrix.patterns import check_pattern
from privity.store.sessions import hash_token

LARGEST_BYTES = 256 * 1024
MOST_NAMESPACES = 100
LONGEST = 255
_EPHEMERAL = ("receive_ephemeral", "de.sorunome.msc2409.push_ephemeral")
_KINDS = {str: "a text", bool: "true or false", list: "a list", dict: "an object"}

Json = dict[str, Any]


class _Wrong(Exception):  # noqa: N818 - named for what it says
    """What is wrong with a file."""


def app_services_of(config: Config, server_name: ServerName) -> AppServices:
    """What `app_services` names. Raises `BadConfig`, which says which file and what is wrong."""
    found: list[AppService] = []
    for name in config.app_services:
        try:
            service = _service(_read(Path(name)), server_name)
            _check_unlike(service, found)
        except _Wrong as wrong:
            message = f"{name} (of 'app_services') {wrong}. docs/services.md says how it is made."
            raise BadConfig(message) from wrong
        found.append(service)
    return AppServices(found, server_name)


def _read(path: Path) -> Json:
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_BYTES:
            message = "is too large"
            raise _Wrong(message)
        value = yaml.safe_load(raw.decode())
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot be read: {error}"
        raise _Wrong(message) from error
    except (yaml.YAMLError, RecursionError) as error:
        message = "is not YAML"
        raise _Wrong(message) from error
    if not isinstance(value, dict):
        message = "holds no registration"
        raise _Wrong(message)
    return value


def _service(given: Json, server_name: ServerName) -> AppService:
    namespaces = _required(given, "namespaces", dict)
    localpart = _text(given, "sender_localpart")
    try:
        sender = parse_user_id(f"@{localpart}:{server_name}")
    except BadId as error:
        message = "has a 'sender_localpart' that is no user's"
        raise _Wrong(message) from error
    return AppService(
        id=_text(given, "id"),
        url=_url(given),
        token_hash=hash_token(_text(given, "as_token")),
        hs_token=_text(given, "hs_token"),
        sender=sender,
        users=_namespaces(namespaces, "users"),
        aliases=_namespaces(namespaces, "aliases"),
        rooms=_namespaces(namespaces, "rooms"),
        is_paced=_optional(given, "rate_limited", bool, default=True),
        protocols=tuple(_texts(given, "protocols")),
        wants_crypto=_optional(given, "org.matrix.msc3202", bool, default=False),
        wants_ephemeral=any(_optional(given, name, bool, default=False) for name in _EPHEMERAL),
    )


def _check_unlike(service: AppService, others: list[AppService]) -> None:
    for other in others:
        if service.id == other.id:
            message = f"has the 'id' of another: {service.id!r}"
            raise _Wrong(message)
        if service.token_hash == other.token_hash:
            message = f"has the 'as_token' of {other.id!r}"
            raise _Wrong(message)
        if service.sender == other.sender:
            message = f"has the 'sender_localpart' of {other.id!r}"
            raise _Wrong(message)


def _namespaces(given: Json, kind: str) -> tuple[Namespace, ...]:
    listed = _optional(given, kind, list, default=[])
    if len(listed) > MOST_NAMESPACES:
        message = f"has more than {MOST_NAMESPACES} namespaces of {kind}"
        raise _Wrong(message)
    return tuple(_namespace(each, kind) for each in listed)


def _namespace(given: object, kind: str) -> Namespace:
    if not isinstance(given, dict):
        message = f"has a namespace of {kind} without 'regex' and 'exclusive'"
        raise _Wrong(message)
    pattern = _required(given, "regex", str)
    try:
        compiled = check_pattern(pattern)
    except ValueError as error:
        message = f"has a namespace of {kind} whose 'regex' {pattern!r} {error}"
        raise _Wrong(message) from error
    return Namespace(compiled, _required(given, "exclusive", bool))


def _url(given: Json) -> str | None:
    if "url" not in given:
        message = "has no 'url' (null for a service that is sent nothing)"
        raise _Wrong(message)
    if given["url"] in (None, ""):
        return None
    url: str = _required(given, "url", str)
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or parts.username:
        message = "has a 'url' that is no http:// or https:// address"
        raise _Wrong(message)
    return url.rstrip("/")


def _text(given: Json, name: str) -> str:
    text: str = _required(given, name, str)
    if not text or len(text) > LONGEST or not text.isprintable():
        message = f"has a {name!r} that is empty, too long or not printable"
        raise _Wrong(message)
    return text


def _texts(given: Json, name: str) -> list[str]:
    listed: list[Any] = _optional(given, name, list, default=[])
    if not all(isinstance(each, str) and 0 < len(each) <= LONGEST for each in listed):
        message = f"has {name!r} that are no texts"
        raise _Wrong(message)
    return listed


def _required(given: Json, name: str, kind: type) -> Any:  # noqa: ANN401 - of the kind asked for
    if given.get(name) is None:
        message = f"has no {name!r}"
        raise _Wrong(message)
    return _optional(given, name, kind, default=None)


def _optional(given: Json, name: str, kind: type, *, default: Any) -> Any:  # noqa: ANN401 - as above
    value = given.get(name)
    if value is None:
        return default
    if type(value) is not kind:
        message = f"has a {name!r} that is not {_KINDS[kind]}"
        raise _Wrong(message)
    return value
