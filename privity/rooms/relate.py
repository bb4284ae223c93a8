"""What an event may relate to, asked only of events that relate to one.

1. A thread begins at an event that relates to nothing (400 M_UNKNOWN): threads do not nest.
2. The same reaction of the same person to the same event is one (400 M_DUPLICATE_ANNOTATION).

Source: client-server API, "Validation of m.thread relationships" and "Avoiding duplicate
annotations".
"""

from __future__ import annotations

from typing import Any

from privity.house import House
from privity.matrix.errors import Errcode, refused
from privity.matrix.ids import EventId, RoomId, UserId
from privity.store import events, relations
from privity.store.engine import Tx
from privity.store.events import relation_of


async def check_relation(
    house: House, sender: UserId, room_id: RoomId, kind: str, content: dict[str, Any]
) -> None:
    """Raise what speaks against the relation of this content."""
    target, rel_type = relation_of(content)
    if target is None or rel_type not in {"m.thread", "m.annotation"}:
        return
    target_id = EventId(target)

    def job(tx: Tx) -> None:
        if rel_type == "m.thread" and relations.is_child(tx, target_id, room_id):  # 1
            says = "A thread cannot begin at an event that relates to another."
            raise refused(Errcode.UNKNOWN, says, status=400)
        if rel_type == "m.annotation":
            key = content["m.relates_to"].get("key")
            mine = events.by_ids(tx, relations.annotations_by(tx, target_id, room_id, sender))
            for placed in mine.values():
                event = placed.event
                if event.type == kind and event.content["m.relates_to"].get("key") == key:  # 2
                    says = "You have annotated this event so already."
                    raise refused(Errcode.DUPLICATE_ANNOTATION, says, status=400)

    await house.store.read(job)
