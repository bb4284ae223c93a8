"""Whether an event is worth a person's attention, by their push rules, and whether they read it.

Source: client-server API, "Push rules", "Ignoring users", "Threaded read receipts".
"""

from __future__ import annotations

from privity.matrix import push_rules
from privity.matrix.events import Event
from privity.matrix.ids import UserId
from privity.matrix.push_rules import NOTHING, Actions, Facts
from privity.store import receipts, relations
from privity.store.engine import Tx
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.people import Person
from privity.store.relations import MAIN_TIMELINE


def actions_of(person: Person, head: Head, placed: Placed) -> Actions:
    """What the person's rules want done about an event of somebody else's, as the room is now."""
    event = placed.event
    if event.sender in person.ignored or placed.redaction is not None:
        return NOTHING
    if person.compiled is None:
        person.compiled = push_rules.compiled_for(person.push_rules, person.user_id)
    own = head.state.get(("m.room.member", person.user_id))
    shown_as = own.event.content.get("displayname") if own else None
    facts = Facts(event, head.levels, len(head.joined), person.user_id, shown_as)
    actions: Actions = person.compiled.actions(facts)
    return actions


def thread_of(event: Event) -> str | None:
    """The thread that an event is in, or `main`; None when what it relates to decides."""
    relates_to = event.content.get("m.relates_to")
    if not isinstance(relates_to, dict) or not isinstance(relates_to.get("rel_type"), str):
        return MAIN_TIMELINE
    root = relates_to.get("event_id")
    if relates_to["rel_type"] == "m.thread" and isinstance(root, str):
        return root
    return None


def is_read(tx: Tx, user_id: UserId, placed: Placed) -> bool:
    """Whether a receipt of the person's says that they have read this event."""
    event = placed.event
    read_upto = receipts.read_upto(tx, user_id, [event.room_id])[event.room_id]
    if placed.pos <= read_upto.get("", 0):
        return True
    thread_id = thread_of(event) or relations.thread_of(tx, event.event_id)
    return placed.pos <= read_upto.get(thread_id, 0)
