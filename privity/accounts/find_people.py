"""Find people by their names and ids.

1. By default somebody finds those who are in a room with them, and nobody else: a directory of
   strangers is where unwanted messages begin (threat `strangers`). Who is not there and who is a
   stranger look the same.
2. Where the operator said `unsafe_open_directory`, also everybody who is in a room that all may
   join or read.
3. A term is one or more beginnings of words, and all of them have to be there. It is looked for in
   ids and display names of profiles, never in names that somebody has in one room only.
4. Accounts that ended are not found. Neither is who asks, but by rule 2.

Source: client-server API, "User Directory".
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.guard import pace
from privity.house import House
from privity.matrix.ids import UserId
from privity.store import user_words
from privity.store.engine import Tx
from privity.store.user_words import Match

MOST_FOUND = 50
MOST_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """Whom the directory shows; `is_limited` when there would be more."""

    people: list[Match]
    is_limited: bool


async def find_people(house: House, viewer: UserId, term: str, limit: int) -> Found:
    """At most `limit` (and 50) people, those by id first who would be sorted first. 429."""
    house.keep_pace(pace.LOOK_FOR_PEOPLE, viewer)
    terms, most = user_words.terms_of(term), min(limit, MOST_FOUND)
    if not terms:
        return Found([], is_limited=False)
    await _index(house)
    is_open = house.config.unsafe_open_directory

    def job(tx: Tx) -> list[Match]:
        known = user_words.sharing(tx, viewer, terms, most + 1)  # 1
        return _with_strangers(tx, known, terms, most + 1) if is_open else known  # 2

    people = await house.store.read(job)
    return Found(people[:most], is_limited=len(people) > most)


def _with_strangers(tx: Tx, known: list[Match], terms: list[bytes], limit: int) -> list[Match]:
    candidates = user_words.in_rooms(tx, terms, MOST_CANDIDATES)
    shown = user_words.in_open_rooms(tx, [each.user_id for each in candidates])
    strangers = [each for each in candidates if each.user_id in shown]
    return sorted({*known, *strangers}, key=lambda each: each.user_id)[:limit]


async def _index(house: House) -> None:
    if await house.store.read(user_words.is_indexed):
        return
    while await house.store.write(user_words.index):
        pass
