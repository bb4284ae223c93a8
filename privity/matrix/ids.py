"""Identifiers: users, rooms, events, devices, servers and aliases, each a type of its own.

Source: appendices, "Identifier Grammar". Lengths are in bytes of UTF-8, sigil and domain included.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NewType

UserId = NewType("UserId", str)
RoomId = NewType("RoomId", str)
EventId = NewType("EventId", str)
DeviceId = NewType("DeviceId", str)
ServerName = NewType("ServerName", str)
RoomAlias = NewType("RoomAlias", str)

MAX_ID_BYTES = 255

_SERVER_NAME = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|[0-9A-Za-z.-]{1,255})(?::[0-9]{1,5})?")
_HASH = re.compile(r"[0-9A-Za-z_-]{43}")
_NEW_LOCALPART = re.compile(r"[a-z0-9._=\-/+]+")


class BadId(ValueError):  # noqa: N818 - named for what is wrong
    """The value is not an identifier of the wanted kind. The message never repeats the value."""


def parse_user_id(raw: object) -> UserId:
    """`@localpart:server`, historical localparts included (any character but `:` and NUL)."""
    text = _with_sigil(raw, "@", "user id")
    _check_server(_after_colon(text, "user id"), "user id")
    return UserId(text)


def parse_room_id(raw: object) -> RoomId:
    """`!opaque:server` (up to room version 11) or `!` and the create event's hash (from 12)."""
    text = _with_sigil(raw, "!", "room id")
    if ":" in text:
        _check_server(_after_colon(text, "room id"), "room id")
    elif not _HASH.fullmatch(text, 1):
        raise BadId("room id: neither a domain nor a hash")
    return RoomId(text)


def parse_event_id(raw: object) -> EventId:
    """`$` and an opaque text of at least one character."""
    text = _with_sigil(raw, "$", "event id")
    if len(text) == 1:
        raise BadId("event id: empty")
    return EventId(text)


def parse_room_alias(raw: object) -> RoomAlias:
    """`#alias:server`."""
    text = _with_sigil(raw, "#", "room alias")
    _check_server(_after_colon(text, "room alias"), "room alias")
    return RoomAlias(text)


def parse_server_name(raw: object) -> ServerName:
    """A DNS name, an IPv4 address or an IPv6 address in brackets, with or without a port."""
    if not isinstance(raw, str):
        raise BadId("server name: not a string")
    if len(raw) > MAX_ID_BYTES:
        raise BadId("server name: too long")
    _check_server(raw, "server name")
    return ServerName(raw)


def server_of(an_id: str) -> ServerName:
    """The server in a user id, a room id with a domain, or a room alias; `BadId` without one."""
    _, colon, server = an_id.partition(":")
    if not colon:
        raise BadId("the id has no domain")
    return ServerName(server)


def localpart_of(an_id: str) -> str:
    """What stands between the sigil and the first colon (or the end)."""
    return an_id[1:].partition(":")[0]


def is_new_localpart(localpart: str) -> bool:
    """Whether a user id made today may have this localpart: `a-z 0-9 . _ = - / +`, not empty."""
    return _NEW_LOCALPART.fullmatch(localpart) is not None


def _with_sigil(raw: object, sigil: str, kind: str) -> str:
    if not isinstance(raw, str):
        raise BadId(f"{kind}: not a string")
    if not raw.startswith(sigil):
        raise BadId(f"{kind}: does not start with {sigil}")
    if "\0" in raw:
        raise BadId(f"{kind}: holds NUL")
    try:
        length_bytes = len(raw) if raw.isascii() else len(raw.encode())
    except UnicodeEncodeError:
        raise BadId(f"{kind}: holds a lone surrogate") from None
    if length_bytes > MAX_ID_BYTES:
        raise BadId(f"{kind}: longer than {MAX_ID_BYTES} bytes")
    return raw


def _after_colon(text: str, kind: str) -> str:
    _, colon, server = text.partition(":")
    if not colon:
        raise BadId(f"{kind}: has no domain")
    return server


def _check_server(server: str, kind: str) -> None:
    match = _SERVER_NAME.fullmatch(server)
    if match is None:
        raise BadId(f"{kind}: not a server name")
    if match[1] is not None:
        try:
            ipaddress.IPv6Address(match[1])
        except ValueError:
            raise BadId(f"{kind}: not an IPv6 address") from None
