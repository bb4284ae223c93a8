"""A room's history for tests: real events, hashed and signed, forked where a test wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from privity.matrix.auth_rules import EventsAuthState, Rejection, auth_types, authorise
from privity.matrix.events import Event, EventDraft, build
from privity.matrix.ids import EventId, RoomId, ServerName, UserId
from privity.matrix.signing import SigningKey
from privity.matrix.state_resolution import StateKey, resolve
from privity.matrix.versions import MADE, RoomVersion

ALICE = UserId("@alice:one.example")
BOB = UserId("@bob:one.example")
CAROL = UserId("@carol:two.example")
DAVE = UserId("@dave:two.example")

SERVER = ServerName("one.example")
KEY = SigningKey.from_seed(bytes(range(32)), "1")

MEMBERSHIPS = ["leave", "invite", "join", "ban", "knock"]

State = Mapping[StateKey, EventId]


class Place(TypedDict, total=False):
    """Where an event stands: the events before it, its auth events, its time in ms."""

    after: Iterable[Event]
    auth: Iterable[Event]
    ts: int


class History:
    """A room that ALICE made. Each event comes a millisecond after the one made before it."""

    def __init__(self, version_id: str = "12", **create: object) -> None:
        self.version: RoomVersion = MADE[version_id]
        self.events: dict[EventId, Event] = {}
        self.after: dict[EventId, dict[StateKey, EventId]] = {}
        self.last: tuple[EventId, ...] = ()
        self.room_id: RoomId | None = None
        if not self.version.room_id_is_create_hash:
            self.room_id = RoomId("!room:one.example")
        if self.version.creator_in_content:
            create = {"creator": ALICE, **create}
        content = {"room_version": version_id, **create}
        self.create = self.send(ALICE, "m.room.create", content, "")
        self.room_id = self.create.room_id

    def send(
        self,
        sender: UserId,
        event_type: str,
        content: Mapping[str, Any],
        state_key: str | None = None,
        **place: Unpack[Place],
    ) -> Event:
        """Make an event, by default after the last one. Whether it is allowed is not asked."""
        previous = self.last
        if "after" in place:
            previous = tuple(e.event_id for e in place["after"])
        before = self.state_before(previous)
        keys = auth_types(event_type, sender, state_key, content, self.version)
        auth_events = tuple(before[key] for key in keys if key in before)
        if "auth" in place:
            auth_events = tuple(e.event_id for e in place["auth"])
        draft = EventDraft(
            type=event_type,
            sender=sender,
            content=dict(content),
            state_key=state_key,
            room_id=self.room_id,
            origin_server_ts=place.get("ts", 1000 + len(self.events)),
            depth=1 + max((self.events[e].depth for e in previous), default=0),
            prev_events=previous,
            auth_events=auth_events,
        )
        event = build(draft, self.version, SERVER, KEY)
        self.events[event.event_id] = event
        self.after[event.event_id] = dict(before)
        if state_key is not None:
            self.after[event.event_id][(event_type, state_key)] = event.event_id
        self.last = (event.event_id,)
        return event

    def join(self, user: UserId, **place: Unpack[Place]) -> Event:
        """`user` joins."""
        return self.member(user, user, "join", **place)

    def member(self, sender: UserId, target: str, membership: str, **place: Unpack[Place]) -> Event:
        """`sender` sets the membership of `target`."""
        return self.send(sender, "m.room.member", {"membership": membership}, target, **place)

    def powers(self, sender: UserId, users: Mapping[str, int], **place: Unpack[Place]) -> Event:
        """`sender` gives these users these levels, and nobody else any."""
        return self.send(sender, "m.room.power_levels", {"users": dict(users)}, "", **place)

    def join_rule(self, sender: UserId, rule: str, **place: Unpack[Place]) -> Event:
        """`sender` sets the join rule."""
        return self.send(sender, "m.room.join_rules", {"join_rule": rule}, "", **place)

    def topic(self, sender: UserId, topic: str, **place: Unpack[Place]) -> Event:
        """`sender` sets the topic."""
        return self.send(sender, "m.room.topic", {"topic": topic}, "", **place)

    def state_before(self, previous: Iterable[EventId]) -> dict[StateKey, EventId]:
        """The resolved state after these events."""
        states = [self.after[event_id] for event_id in previous]
        return resolve(states, self.events, self.version) if states else {}

    def resolved(self, *tips: Event) -> dict[StateKey, EventId]:
        """What the states after these events come to."""
        return self.state_before(tip.event_id for tip in tips)

    def judge(self, event: Event) -> Rejection | None:
        """Whether the rules allow the event in the state before it."""
        before = self.state_before(event.prev_events)
        state = EventsAuthState((self.events[e] for e in before.values()), self.version)
        return authorise(event, state, self.version)

    def rule(self, event: Event) -> str | None:
        """The number of the rule that rejects the event; None where it is allowed."""
        rejection = self.judge(event)
        return rejection.rule if rejection else None


def public_room(version_id: str = "12", *, powers: Mapping[str, int] | None = None) -> History:
    """ALICE's room, open to all, with her in it and with power levels."""
    history = History(version_id)
    history.join(ALICE)
    levels = dict(powers or {})
    if not history.version.privileged_creators:
        levels = {ALICE: 100, **levels}
    history.powers(ALICE, levels)
    history.join_rule(ALICE, "public")
    return history


def room_of(
    version_id: str,
    rule: str | None = None,
    powers: Mapping[str, Any] | None = None,
    **memberships: str,
) -> History:
    """ALICE's room in a state put together as the test wants it, allowed or not."""
    history = History(version_id)
    history.join(ALICE)
    if rule is not None:
        history.join_rule(ALICE, rule)
    if powers is not None:
        history.send(ALICE, "m.room.power_levels", powers, "")
    people = {"bob": BOB, "carol": CAROL, "dave": DAVE}
    for name, membership in memberships.items():
        history.member(ALICE, people[name], membership)
    return history
