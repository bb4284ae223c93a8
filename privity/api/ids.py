"""Ids in paths and bodies, as what they are: 400 M_INVALID_PARAM for what is none."""

from __future__ import annotations

from privity.api.http import Request
from privity.matrix import ids
from privity.matrix.errors import forbidden, invalid_param
from privity.matrix.ids import BadId, DeviceId, EventId, RoomAlias, RoomId, UserId


def user_id(raw: object) -> UserId:
    """A user id."""
    try:
        return ids.parse_user_id(raw)
    except BadId as error:
        message = "This is no user id."
        raise invalid_param(message) from error


def own_user_id(request: Request) -> UserId:
    """The `userId` of a path below which everything is its owner's. 403 for anybody else."""
    named = user_id(request.params["userId"])
    if named != request.session.user_id:
        raise forbidden("This is somebody else's.")
    return named


def room_id(raw: object) -> RoomId:
    """A room id."""
    try:
        return ids.parse_room_id(raw)
    except BadId as error:
        message = "This is no room id."
        raise invalid_param(message) from error


def room_alias(raw: object) -> RoomAlias:
    """A room alias."""
    try:
        return ids.parse_room_alias(raw)
    except BadId as error:
        message = "This is no room alias."
        raise invalid_param(message) from error


def device_id(raw: object) -> DeviceId:
    """A device id, or another id that a client chose: any text that is not too long."""
    return DeviceId(opaque(raw))


def opaque(raw: object) -> str:
    """An id whose form is its maker's business."""
    if not isinstance(raw, str) or not raw or "\0" in raw or len(raw) > ids.MAX_ID_BYTES:
        message = f"This is no id: a text of up to {ids.MAX_ID_BYTES} characters."
        raise invalid_param(message)
    return raw


def event_id(raw: object) -> EventId:
    """An event id. What is none names no event: it is let through to be not found."""
    return EventId(str(raw))
