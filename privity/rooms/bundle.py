"""What the server tells about an event's relations along with it (`unsigned.m.relations`).

1. `m.replace`: the newest valid edit, whole; valid if of the same sender, room and type, no state.
2. `m.thread`: the newest event (with what relates to it), how many, and whether the viewer took
   part.
3. `m.reference`: the ids, of the newest hundred.
4. Only what is in the same room, and what the viewer may see: nothing from after they went.
5. Nothing of people whom the viewer ignores. An event that was redacted has no edits any more, but
   its thread and its references stay.

SPEC: references beyond the newest hundred are left to `/relations`: anybody in the room can add
to them, and everybody's page would carry them all.

Source: client-server API, "Aggregations of child events", and the modules of each relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from privity.matrix.ids import UserId
from privity.rooms.as_seen import Viewer, render
from privity.rooms.sight import Sight
from privity.store import account_data, events, relations
from privity.store.engine import Tx
from privity.store.events import Placed


def bundles(
    tx: Tx, page: Sequence[Placed], viewer: Viewer, sight: Sight, *, with_threads: bool = True
) -> dict[str, bytes]:
    """The rendered `m.relations` of each event of a page that has any."""
    upto = sight.present_upto  # 4
    parents = relations.has_any(tx, [placed.event.event_id for placed in page], upto)
    if not parents:
        return {}
    ignored = ignored_by(tx, viewer.user_id)  # 5
    edits = relations.edits_of(tx, parents, upto)
    threads = (
        relations.threads_of(tx, parents, upto, viewer.user_id, ignored) if with_threads else {}
    )
    references = relations.references_of(tx, parents, upto, ignored)
    wanted = [*edits.values(), *(thread.newest for thread in threads.values())]
    found = {
        event_id: placed
        for event_id, placed in events.by_ids(tx, wanted).items()
        if sight.sees(placed)
    }
    newest = [found[thread.newest] for thread in threads.values() if thread.newest in found]
    inner = bundles(tx, newest, viewer, sight, with_threads=False) if newest else {}
    bundled: dict[str, bytes] = {}
    for placed in page:
        event_id = placed.event.event_id
        if event_id not in parents:
            continue
        members = []
        edit = edits.get(event_id)
        if edit in found and placed.redaction is None and placed.event.sender not in ignored:  # 1
            members.append(b'"m.replace":%s' % render(found[edit], viewer))
        thread = threads.get(event_id)
        if thread is not None and thread.newest in found:  # 2
            members.append(
                b'"m.thread":{"latest_event":%s,"count":%d,"current_user_participated":%s}'
                % (
                    render(found[thread.newest], viewer, relations=inner.get(thread.newest)),
                    thread.count,
                    b"true" if thread.took_part or _is_own(placed, viewer) else b"false",
                )
            )
        if named := references.get(event_id):  # 3
            chunk = [{"event_id": reference} for reference in named]
            members.append(b'"m.reference":%s' % orjson.dumps({"chunk": chunk}))
        if members:
            bundled[event_id] = b"{%s}" % b",".join(members)
    return bundled


def bundles_of_rooms(
    tx: Tx, pages: Iterable[tuple[Sequence[Placed], Sight]], viewer: Viewer
) -> dict[str, bytes]:
    """The same for a page of each of several rooms: most hold nothing that anything relates to."""
    known = list(pages)
    upto = max((sight.present_upto for _, sight in known), default=0)
    asked = [placed.event.event_id for page, _ in known for placed in page]
    parents = relations.has_any(tx, asked, upto)
    bundled: dict[str, bytes] = {}
    for page, sight in known:
        if any(placed.event.event_id in parents for placed in page):
            bundled.update(bundles(tx, page, viewer, sight))
    return bundled


def ignored_by(tx: Tx, user_id: UserId) -> frozenset[UserId]:
    """Whom a person ignores."""
    raw = account_data.get(tx, user_id, None, "m.ignored_user_list")
    ignored = orjson.loads(raw).get("ignored_users") if raw else None
    return frozenset(ignored) if isinstance(ignored, dict) else frozenset()


def _is_own(placed: Placed, viewer: Viewer) -> bool:
    return placed.event.sender == viewer.user_id
