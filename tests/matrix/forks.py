"""Rooms with people in them, for tests to fork."""

from __future__ import annotations

from privity.matrix.events import Event
from privity.matrix.ids import UserId
from privity.matrix.state_resolution import StateKey
from tests.matrix.history import ALICE, BOB, CAROL, History, public_room

TOPIC = ("m.room.topic", "")
POWERS = ("m.room.power_levels", "")
RULES = ("m.room.join_rules", "")


def member(user: UserId) -> StateKey:
    """Where the membership of `user` stands in a state."""
    return ("m.room.member", user)


def with_people(version_id: str, **levels: int) -> History:
    """ALICE's public room with BOB and CAROL in it."""
    named = {"bob": BOB, "carol": CAROL}
    history = public_room(version_id, powers={named[name]: n for name, n in levels.items()})
    history.join(BOB)
    history.join(CAROL)
    return history


def levels_of(history: History, **levels: int) -> dict[str, int]:
    """Levels for BOB and CAROL, with ALICE's own where her version gives her any."""
    named: dict[str, str] = {"bob": BOB, "carol": CAROL}
    users = {named[name]: level for name, level in levels.items()}
    return users if history.version.privileged_creators else {ALICE: 100, **users}


def tip(history: History) -> Event:
    """The event that the next one would come after."""
    return history.events[history.last[0]]
