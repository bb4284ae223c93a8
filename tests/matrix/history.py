"""A room's history for tests: real events, hashed and signed, with forks where a test wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from privity.matrix.auth_rules import EventsAuthState, Rejection, auth_types, authorise
from privity.matrix.events import Event, EventDraft, build
from privity.matrix.ids import EventId, RoomId, ServerName, UserId
from privity.matrix.signing import SigningKey
from privity.matrix.state_resolution import StateKey, resolve
from privity.matrix.versions import KNOWN, RoomVersion

ALICE = UserId("@alice:one.example")
BOB = UserId("@bob:one.example")
CAROL = UserId("@carol:two.example")
DAVE = UserId("@dave:two.example")

SERVER = ServerName("one.example")
KEY = SigningKey.from_seed(bytes(range(32)), "1")

State = Mapping[StateKey, EventId]


class History:
    """A room that ALICE made. Each event comes a millisecond after the one made before it."""

    def __init__(self, version_id: str = "12", **create: object) -> None:
        self.version: RoomVersion = KNOWN[version_id]
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

    def send(  # noqa: PLR0913 - an event has that many parts
        self,
        sender: UserId,
        event_type: str,
        content: Mapping[str, Any],
        state_key: str | None = None,
        *,
        after: Iterable[Event] | None = None,
        auth: Iterable[Event] | None = None,
        ts: int | None = None,
    ) -> Event:
        """Make an event after `after` (else after the last); whether it is allowed is not asked."""
        previous = self.last if after is None else tuple(e.event_id for e in after)
        before = self.state_before(previous)
        if auth is None:
            keys = auth_types(event_type, sender, state_key, content, self.version)
            auth_events = tuple(before[key] for key in keys if key in before)
        else:
            auth_events = tuple(e.event_id for e in auth)
        draft = EventDraft(
            type=event_type,
            sender=sender,
            content=dict(content),
            state_key=state_key,
            room_id=self.room_id,
            origin_server_ts=1000 + len(self.events) if ts is None else ts,
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

    def join(self, user: UserId, **more: Any) -> Event:
        """`user` joins."""
        return self.member(user, user, "join", **more)

    def member(self, sender: UserId, target: str, membership: str, **more: Any) -> Event:
        """`sender` sets the membership of `target`."""
        return self.send(sender, "m.room.member", {"membership": membership}, target, **more)

    def powers(self, sender: UserId, users: Mapping[str, int], **more: Any) -> Event:
        """`sender` gives these users these levels, and nobody else any."""
        return self.send(sender, "m.room.power_levels", {"users": dict(users)}, "", **more)

    def join_rule(self, sender: UserId, rule: str, **more: Any) -> Event:
        """`sender` sets the join rule."""
        return self.send(sender, "m.room.join_rules", {"join_rule": rule}, "", **more)

    def topic(self, sender: UserId, topic: str, **more: Any) -> Event:
        """`sender` sets the topic."""
        return self.send(sender, "m.room.topic", {"topic": topic}, "", **more)

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
