"""Let go of what was said long ago, where the operator set a lifetime (`message_lifetime_ms`).

1. Without a lifetime, which is how a server starts, nothing goes: what is said is ciphertext, and
   the history of those who said it.
2. State never goes: rooms are judged by it. Nor does a redaction, as long as what it emptied is
   there.
3. The newest event of a room stays until something newer is said: the next event names it.
4. A little at a time, and each run goes on where the last one ended.

Clients keep what they have. No event tells them: there is none in the specification.
"""

from __future__ import annotations

from functools import partial

from privity.house import House
from privity.store import old_messages

POSITIONS = 2000
MOST_WRITES = 500
MOST_KEPT = 500


async def let_go(house: House) -> int:
    """Do it. How many messages went."""
    lifetime_ms = house.config.message_lifetime_ms
    if not lifetime_ms:  # 1
        return 0
    before_ts = house.clock.now_ms() - lifetime_ms
    upto = await house.store.read(lambda tx: old_messages.place_of(tx, before_ts))
    above = await house.store.read(old_messages.let_go_upto)
    gone = await _let_go_kept(house)  # 3
    for _ in range(MOST_WRITES):  # 4
        if above >= upto:
            break
        end = min(above + POSITIONS, upto)
        gone += await house.store.write(partial(old_messages.let_go, above=above, upto=end))
        above = end
    return gone


async def _let_go_kept(house: House) -> int:
    places = await house.store.read(old_messages.kept)
    gone = 0
    for start in range(0, len(places), MOST_KEPT):
        part = places[start : start + MOST_KEPT]
        gone += await house.store.write(partial(old_messages.let_go_kept, places=part))
    return gone
