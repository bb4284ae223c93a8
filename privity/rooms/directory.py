"""The directory: rooms that want to be found.

1. Who may set a room's canonical alias may publish it, or take it out again.
2. It is shown to who has an account here. With `unsafe_open_directory` it is shown to everybody.
3. An application service keeps the directories of its networks, which are asked for by name.
4. Largest first. A page goes on where the last one ended, in the list as it is by then.

Source: client-server API, "Published room directory".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from privity.guard import pace
from privity.house import House
from privity.matrix.errors import forbidden, not_found
from privity.matrix.ids import RoomId, UserId
from privity.rooms.alias import CANONICAL
from privity.rooms.preview import may_preview, summary_of, type_of
from privity.rooms.sight import must_be_joined
from privity.store import rooms
from privity.store.engine import Tx
from privity.store.heads import Head
from privity.store.sessions import Session

AT_ONCE = 50
MOST_IN_NETWORKS = 10_000
_NOT_TOLD = ("room_version", "allowed_room_ids", "encryption")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of the directory. `kinds`: room types, None among them for plain rooms.

    `network`: the directory of this instance of a network, not the server's own.
    """

    term: str = ""
    kinds: frozenset[str | None] | None = None
    network: str | None = None
    all_networks: bool = False
    skip: int = 0
    limit: int = AT_ONCE


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rooms that were found, in short, and whether there are more."""

    rooms: list[dict[str, Any]]
    is_more: bool
    published: int


async def is_published(house: House, user_id: UserId | None, room_id: RoomId) -> bool:
    """Whether a room is in the directory. 404 for one that is not, of which they may not know."""
    published = await house.store.read(lambda tx: rooms.is_published(tx, room_id))
    if published is None:
        raise _no_such_room()
    if not published and user_id is not None and not house.config.unsafe_open_directory:
        head = await house.store.heads.get(room_id)
        person = await house.store.people.get(user_id)
        if head is None or not may_preview(head, person):
            raise _no_such_room()
    return published


async def publish(house: House, user_id: UserId, room_id: RoomId, *, is_published: bool) -> None:
    """Put a room into the directory, or take it out. 403 M_FORBIDDEN."""
    if await house.store.read(lambda tx: rooms.is_published(tx, room_id)) is None:
        raise _no_such_room()
    head = await must_be_joined(house, user_id, room_id)
    levels = head.levels
    if levels.of(user_id) < levels.events.get(CANONICAL, levels.state_default):  # 1
        raise forbidden("You may not publish this room.", because="no power to publish")
    await house.store.write(lambda tx: rooms.publish(tx, room_id, is_published=is_published))


async def publish_in_network(
    house: House, session: Session, network_id: str, room_id: RoomId, *, is_published: bool
) -> None:
    """Put a room into the directory of a service's network, or take it out. 403, 404."""
    service_id = session.service_id
    if service_id is None:  # 3
        raise forbidden("Application services keep these directories.", because="no service")
    if await house.store.read(lambda tx: rooms.is_published(tx, room_id)) is None:
        raise _no_such_room()
    count = await house.store.read(lambda tx: rooms.count_in(tx, service_id))
    if is_published and count >= MOST_IN_NETWORKS:
        raise forbidden("These directories are full.", because="too many rooms in networks")
    await house.store.write(
        lambda tx: rooms.publish_in(tx, service_id, network_id, room_id, is_published=is_published)
    )


async def search(house: House, asker: UserId | str, wanted: Search) -> Page:
    """A page of the directory. `asker` is who is to be paced: a person, or an address."""
    house.keep_pace(pace.LOOK_AROUND, asker)
    listed = await house.store.read(lambda tx: _listed(tx, wanted))
    found: list[dict[str, Any]] = []
    matched = 0
    heads = house.store.heads
    for start in range(0, len(listed), AT_ONCE):
        part = listed[start : start + AT_ONCE]
        await heads.bring(part)
        for room_id in part:
            head = heads.peek(room_id) or await heads.get(room_id)
            if head is None or not head.joined or not _matches(head, wanted):
                continue
            matched += 1
            if matched > wanted.skip + wanted.limit:
                return Page(found, is_more=True, published=len(listed))
            if matched > wanted.skip:
                found.append(_told(head))
    return Page(found, is_more=False, published=len(listed))


def _listed(tx: Tx, wanted: Search) -> list[RoomId]:
    if wanted.all_networks:
        return list(dict.fromkeys([*rooms.published(tx), *rooms.published_in(tx, None)]))
    if wanted.network is not None:
        return rooms.published_in(tx, wanted.network)
    return rooms.published(tx)


def _matches(head: Head, wanted: Search) -> bool:
    if wanted.kinds is not None and type_of(head) not in wanted.kinds:
        return False
    return not wanted.term or any(wanted.term in text for text in _texts(head))


def _texts(head: Head) -> Iterable[str]:
    summary = summary_of(head)
    named = (summary.get(member) for member in ("name", "topic", "canonical_alias"))
    return (text.casefold() for text in named if isinstance(text, str))


def _told(head: Head) -> dict[str, Any]:
    return {name: value for name, value in summary_of(head).items() if name not in _NOT_TOLD}


def _no_such_room() -> Exception:
    return not_found("There is no such room.")
