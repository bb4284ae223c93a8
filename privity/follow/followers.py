"""Those who read the stream in this process, as the doors reach them."""

from __future__ import annotations

from dataclasses import dataclass

from privity.follow.presence import hear_who_is_here
from privity.follow.push.pushing import Pushing
from privity.follow.services.feeding import Feeding
from privity.follow.sliding.answer import Sliding
from privity.follow.sliding.telling import Telling
from privity.follow.sync.answer import Syncing
from privity.follow.sync.recent import Recent
from privity.follow.sync.summary import Summaries
from privity.follow.sync.unread import Unread
from privity.follow.sync.waiting import Waiting
from privity.follow.typing import hear_typing
from privity.house import House


@dataclass(frozen=True, slots=True)
class Followers:
    """The followers that requests talk to."""

    waiting: Waiting
    syncing: Syncing
    sliding: Sliding
    pushing: Pushing
    recent: Recent
    feeding: tuple[Feeding, ...] = ()
    """One for each application service that wants to hear anything."""

    def drain(self) -> None:
        """The server stops: let go whoever waits."""
        self.waiting.drain()


def follow(house: House) -> Followers:
    """Have the stream read from now on: first what is kept of it, last who is woken by it."""
    recent = Recent(house.store.pos)
    unread = Unread(recent)
    waiting = Waiting(house)
    summaries = Summaries()
    telling = Telling(house, recent, unread, summaries)
    pushing = Pushing(house, recent, unread)
    hearing = [service for service in house.services.all if service.url is not None]
    feeding = tuple(Feeding(house, recent, service) for service in hearing)
    for follower in (recent, unread, telling.activity, telling.marks, waiting, pushing):
        house.store.tell(follower)
    for fed in feeding:
        house.store.tell(fed)
    hear_typing(house)
    hear_who_is_here(house)
    syncing = Syncing(house, waiting, recent, unread, summaries)
    sliding = Sliding(house, waiting, telling)
    return Followers(waiting, syncing, sliding, pushing, recent, feeding)
