"""Push rules: read them, change them. They are account data, so every device hears of a change."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from privity.guard import pace
from privity.house import House
from privity.matrix import canonical_json, push_ruleset
from privity.matrix.errors import Errcode, refused
from privity.matrix.ids import UserId
from privity.matrix.push_ruleset import Ruleset
from privity.store import account_data
from privity.store.account_data import Item
from privity.store.engine import Tx, WriteTx

TYPE = "m.push_rules"
MOST_BYTES = 512 * 1024


async def push_rules_of(house: House, user_id: UserId) -> Ruleset:
    """A person's rules, the default ones among them."""
    return await house.store.read(lambda tx: _read(tx, user_id))


async def change_push_rules(
    house: House, user_id: UserId, change: Callable[[Ruleset], Ruleset]
) -> None:
    """Change them as `change` does, in one transaction. Raises what it raises, and 413."""
    house.keep_pace(pace.SET_ACCOUNT_DATA, user_id)

    def job(tx: WriteTx) -> None:
        content = canonical_json.encode({"global": change(_read(tx, user_id))})
        if len(content) > MOST_BYTES:
            raise refused(Errcode.TOO_LARGE, "These are too many push rules.", status=413)
        account_data.put(tx, user_id, None, Item(TYPE, content))

    await house.store.write(job)


def _read(tx: Tx, user_id: UserId) -> Ruleset:
    kept = account_data.get(tx, user_id, None, TYPE)
    return push_ruleset.merged(None if kept is None else orjson.loads(kept), user_id)
