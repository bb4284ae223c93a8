"""Asides between the processes of a cluster: who types, who is here. Nothing of it is kept.

Whoever shouts does so after it has done the thing in its own memory; whoever hears does the same
in theirs. A shout may be lost, late or doubled, and what comes in is believed no further than its
kind's own listener believes it: one that raises `ValueError`, `TypeError` or `KeyError` refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from privity.log import log
from privity.store.bus import Bus

Hear = Callable[[dict[str, Any]], None]


class Shouts:
    """The kinds of asides, and who listens to each."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._listeners: dict[str, Hear] = {}

    def listen(self, kind: str, hear: Hear) -> None:
        """From now on `hear` gets, in the loop, what other processes shout of this kind."""
        self._listeners[kind] = hear

    def shout(self, kind: str, said: dict[str, Any]) -> None:
        """Tell the other processes: a few hundred bytes of JSON. Never waits, never fails."""
        if self._bus.is_up:
            self._bus.tell_aside(orjson.dumps({"kind": kind, "said": said}))

    def heard(self, aside: bytes) -> None:
        """Another process said this, or somebody who should not be here."""
        try:
            told = orjson.loads(aside)
            hear = self._listeners.get(told["kind"])
            if hear is not None:
                hear(told["said"])
        except (ValueError, TypeError, KeyError) as error:
            log.warning("aside.refused", because=type(error).__name__)
