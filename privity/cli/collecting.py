"""When Python looks for garbage in cycles: seldom, for each full look stops every answer.

A full look walks all that is in memory, tens of milliseconds with warm caches, and as it comes
Python takes one several times a second under load: the slowest hundredth of all deliveries was
three times as slow for it. Almost nothing here is in cycles; what is gets found while it is young,
or by a full look every ten minutes.
"""

from __future__ import annotations

import asyncio
import gc

YOUNG = 10_000
"""Objects made over objects freed, after which the young ones are looked through."""
YOUNG_TIMES = 20
NEVER = 1_000_000_000
FULL_LOOK_EVERY_S = 600.0


async def keep_collecting() -> None:
    """Set it up, then take the full looks."""
    gc.collect()
    gc.freeze()  # the modules and what was opened at the start stay: nobody need look at them
    gc.set_threshold(YOUNG, YOUNG_TIMES, NEVER)
    while True:
        await asyncio.sleep(FULL_LOOK_EVERY_S)
        gc.collect()
