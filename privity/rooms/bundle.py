"""What the server tells about an event's relations along with it (`unsigned.m.relations`).

1. `m.replace`: the newest valid edit, whole; valid if of the same sender, room and type, no state.
2. `m.thread`: the newest event, how many, and whether the viewer took part.
3. `m.reference`: the ids.

Source: client-server API, "Aggregations of child events", and the modules of each relation.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from privity.rooms.as_seen import Viewer, render
from privity.store import events, relations
from privity.store.engine import Tx
from privity.store.events import Placed


def bundles(tx: Tx, page: Sequence[Placed], viewer: Viewer) -> dict[str, bytes]:
    """The rendered `m.relations` of each event of a page that has any."""
    parents = relations.has_any(tx, [placed.event.event_id for placed in page])
    if not parents:
        return {}
    edits = relations.edits_of(tx, parents)
    threads = relations.threads_of(tx, parents, viewer.user_id)
    references = relations.references_of(tx, parents)
    wanted = [*(edit for of_one in edits.values() for edit in of_one)]
    wanted += [thread.newest for thread in threads.values()]
    found = events.by_ids(tx, wanted)
    bundled: dict[str, bytes] = {}
    for placed in page:
        event_id = placed.event.event_id
        if event_id not in parents or placed.redaction is not None:
            continue
        members = []
        edit = _newest_edit(placed, [found[each] for each in edits.get(event_id, [])])
        if edit is not None:  # 1
            members.append(b'"m.replace":%s' % render(edit, viewer))
        if thread := threads.get(event_id):  # 2
            members.append(
                b'"m.thread":{"latest_event":%s,"count":%d,"current_user_participated":%s}'
                % (
                    render(found[thread.newest], viewer),
                    thread.count,
                    b"true" if thread.took_part or _is_own(placed, viewer) else b"false",
                )
            )
        if named := references.get(event_id):  # 3
            chunk = [{"event_id": reference} for reference in reversed(named)]
            members.append(b'"m.reference":%s' % orjson.dumps({"chunk": chunk}))
        if members:
            bundled[event_id] = b"{%s}" % b",".join(members)
    return bundled


def _is_own(placed: Placed, viewer: Viewer) -> bool:
    return placed.event.sender == viewer.user_id


def _newest_edit(original: Placed, edits: list[Placed]) -> Placed | None:
    event = original.event
    for edit in edits:
        is_valid = (
            edit.event.sender == event.sender
            and edit.event.room_id == event.room_id
            and edit.event.type == event.type
            and edit.event.state_key is None
            and event.state_key is None
        )
        if is_valid:
            return edit
    return None
