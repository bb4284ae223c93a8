"""All that the specification has a gateway told, for suites of conformance (`Config.is_open`).

Nobody's server does this: content, senders and names are in clear there anyway. `id` and
`membership` are none of the specification's, and looked for by old tools.

Source: push gateway API, `POST /_matrix/push/v1/notify`.
"""

from __future__ import annotations

from typing import Any

from privity.follow.attention import actions_of
from privity.house import House
from privity.matrix.push_rules import Actions
from privity.store.events import Placed
from privity.store.heads import Head
from privity.store.notifications import Waiting


async def in_full(
    house: House, waiting: Waiting, placed: Placed, told: dict[str, Any]
) -> dict[str, Any]:
    """The notification with all that belongs to it, unless its client wants `event_id_only`."""
    kept, event = waiting.pusher, placed.event
    head = await house.store.heads.get(event.room_id)
    if head is None or kept.pusher.data.get("format") == "event_id_only":
        return told
    person = await house.store.people.get(kept.user_id)
    (device,) = told["devices"]
    whole = {
        **told,
        "id": event.event_id,
        "type": event.type,
        "sender": event.sender,
        "content": event.content,
        "user_is_target": event.state_key == kept.user_id,
        "devices": [{**device, "tweaks": _tweaks(actions_of(person, head, placed))}],
        **_names(head, event.sender),
    }
    if event.type == "m.room.member":
        whole["membership"] = event.content.get("membership")
    return whole


def _names(head: Head, sender: str) -> dict[str, str]:
    alias = _word(head, "m.room.canonical_alias", "", "alias")
    told = {
        "room_alias": alias,
        "room_name": _word(head, "m.room.name", "", "name") or alias,
        "sender_display_name": _word(head, "m.room.member", sender, "displayname"),
    }
    return {name: word for name, word in told.items() if word is not None}


def _word(head: Head, kind: str, state_key: str, name: str) -> str | None:
    placed = head.state.get((kind, state_key))
    word = placed.event.content.get(name) if placed else None
    return word if isinstance(word, str) else None


def _tweaks(actions: Actions) -> dict[str, Any]:
    return {
        each["set_tweak"]: each.get("value", True) for each in actions.raw if isinstance(each, dict)
    }
