"""Refusals: the standard errcodes, and the one value that says no.

Source: client-server API, "Standard error response" and "Common error codes".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Errcode(StrEnum):
    """The error codes of the specification that this server answers with."""

    FORBIDDEN = "M_FORBIDDEN"
    UNKNOWN_TOKEN = "M_UNKNOWN_TOKEN"  # noqa: S105 - an errcode, not a secret
    UNAUTHENTICATED = ""  # user-interactive authentication goes on: its 401 has no errcode
    MISSING_TOKEN = "M_MISSING_TOKEN"  # noqa: S105 - an errcode, not a secret
    USER_LOCKED = "M_USER_LOCKED"
    USER_DEACTIVATED = "M_USER_DEACTIVATED"
    USER_SUSPENDED = "M_USER_SUSPENDED"
    BAD_JSON = "M_BAD_JSON"
    NOT_JSON = "M_NOT_JSON"
    NOT_FOUND = "M_NOT_FOUND"
    LIMIT_EXCEEDED = "M_LIMIT_EXCEEDED"
    UNRECOGNIZED = "M_UNRECOGNIZED"
    UNKNOWN = "M_UNKNOWN"
    USER_IN_USE = "M_USER_IN_USE"
    INVALID_USERNAME = "M_INVALID_USERNAME"
    EXCLUSIVE = "M_EXCLUSIVE"
    ROOM_IN_USE = "M_ROOM_IN_USE"
    INVALID_ROOM_STATE = "M_INVALID_ROOM_STATE"
    UNSUPPORTED_ROOM_VERSION = "M_UNSUPPORTED_ROOM_VERSION"
    INCOMPATIBLE_ROOM_VERSION = "M_INCOMPATIBLE_ROOM_VERSION"
    BAD_STATE = "M_BAD_STATE"
    GUEST_ACCESS_FORBIDDEN = "M_GUEST_ACCESS_FORBIDDEN"
    MISSING_PARAM = "M_MISSING_PARAM"
    INVALID_PARAM = "M_INVALID_PARAM"
    TOO_LARGE = "M_TOO_LARGE"
    THREEPID_DENIED = "M_THREEPID_DENIED"
    THREEPID_MEDIUM_NOT_SUPPORTED = "M_THREEPID_MEDIUM_NOT_SUPPORTED"
    WEAK_PASSWORD = "M_WEAK_PASSWORD"  # noqa: S105 - an errcode, not a secret
    WRONG_ROOM_KEYS_VERSION = "M_WRONG_ROOM_KEYS_VERSION"
    DUPLICATE_ANNOTATION = "M_DUPLICATE_ANNOTATION"
    CANNOT_OVERWRITE_MEDIA = "M_CANNOT_OVERWRITE_MEDIA"
    NOT_YET_UPLOADED = "M_NOT_YET_UPLOADED"
    CANNOT_LEAVE_SERVER_NOTICE_ROOM = "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM"
    INVALID_SIGNATURE = "M_INVALID_SIGNATURE"
    UNKNOWN_POS = "M_UNKNOWN_POS"
    INVITE_BLOCKED = "M_INVITE_BLOCKED"
    PROFILE_TOO_LARGE = "M_PROFILE_TOO_LARGE"
    KEY_TOO_LARGE = "M_KEY_TOO_LARGE"
    BAD_ALIAS = "M_BAD_ALIAS"
    UNKNOWN_DEVICE = "M_UNKNOWN_DEVICE"
    BAD_STATUS = "M_BAD_STATUS"
    CONNECTION_FAILED = "M_CONNECTION_FAILED"
    CONNECTION_TIMEOUT = "M_CONNECTION_TIMEOUT"
    URL_NOT_SET = "M_URL_NOT_SET"


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal.

    `says` goes out to the person, `because` goes to the log and never holds content or tokens.
    `status` is the HTTP status; `more` holds further members of the answer (`retry_after_ms`,
    `soft_logout`, `current_version`).
    """

    errcode: Errcode
    says: str
    because: str = ""
    status: int = 403
    more: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - named for what happened
    """Carries one `Refuse` from where it was decided up to the door, which renders it."""

    def __init__(self, refuse: Refuse) -> None:
        super().__init__(f"{refuse.errcode}: {refuse.because or refuse.says}")
        self.refuse = refuse


def refused(errcode: Errcode, says: str, *, because: str = "", status: int = 403) -> Refused:
    """A plain refusal, to be raised."""
    return Refused(Refuse(errcode, says, because, status))


def bad_json(says: str) -> Refused:
    """400 M_BAD_JSON: the body is JSON, but not of the shape that the endpoint takes."""
    return refused(Errcode.BAD_JSON, says, status=400)


def invalid_param(says: str) -> Refused:
    """400 M_INVALID_PARAM: a parameter has a value that cannot be."""
    return refused(Errcode.INVALID_PARAM, says, status=400)


def missing_param(name: str) -> Refused:
    """400 M_MISSING_PARAM: a required parameter is not there."""
    return refused(Errcode.MISSING_PARAM, f"'{name}' is required.", status=400)


def not_found(says: str) -> Refused:
    """404 M_NOT_FOUND."""
    return refused(Errcode.NOT_FOUND, says, status=404)


def forbidden(says: str, *, because: str = "") -> Refused:
    """403 M_FORBIDDEN."""
    return refused(Errcode.FORBIDDEN, says, because=because, status=403)
