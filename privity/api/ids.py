"""Ids in paths and bodies, as what they are: 400 M_INVALID_PARAM for what is none."""

from __future__ import annotations

from privity.matrix import ids
from privity.matrix.errors import invalid_param
from privity.matrix.ids import BadId, EventId, RoomAlias, RoomId, UserId


def user_id(raw: object) -> UserId:
    """A user id."""
    try:
        return ids.parse_user_id(raw)
    except BadId as error:
        message = "This is no user id."
        raise invalid_param(message) from error


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


def event_id(raw: object) -> EventId:
    """An event id. What is none names no event: it is let through to be not found."""
    return EventId(str(raw))
